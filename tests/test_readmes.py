"""What the READMEs say of results is what the runs' own files say."""

import json
import re
from pathlib import Path

import pytest

from melanoma.documents.lineage import write_lineage
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.subgroups import UNSHARED
from melanoma.run import MODELS, open_run

ROOT = Path(__file__).resolve().parents[1]


def cells(text: str) -> list[tuple[str, ...]]:
    """Rows of a Markdown table, without its head."""
    rows = [tuple(cell.strip() for cell in line.strip("| ").split("|")) for line in text.splitlines() if "|" in line]
    return rows[2:]


def share(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f} %)"


def plain(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def test_the_results_of_the_readme_are_those_of_the_default_run(run):
    table = (ROOT / "README.md").read_text().split("<!-- results -->")[1].split("\n\n")[0]
    evaluation, calibration = run.evaluation, run.calibration
    columns = []
    for headline, point in (
        (evaluation.headline, calibration.default),
        (evaluation.clinical.headline, calibration.clinical.default),
        (evaluation.pairs.pair, calibration.pair.default),
    ):
        columns.append(
            [
                share(point.test.sensitivity),
                share(point.test.specificity),
                plain(headline.malignant_auc),
                plain(headline.melanoma_auc),
                share(headline.balanced_accuracy_9),
                plain(headline.ece),
            ]
        )
    assert [row[1:] for row in cells(table)] == list(zip(*columns, strict=True))


def test_the_counts_of_the_readme_are_those_of_the_default_run(run):
    text, evaluation = " ".join((ROOT / "README.md").read_text().split()), run.evaluation
    assert f"{evaluation.photos:,} dermoscopic test photos of {evaluation.lesions:,} lesions" in text
    assert f"{evaluation.clinical.photos:,} clinical ones, {evaluation.pairs.lesions:,} lesions with both" in text
    assert f"evaluate {run.name} --data DATA` remakes the table" in text


def test_the_limits_of_the_readme_are_those_of_the_default_run(run):
    text, evaluation = " ".join((ROOT / "README.md").read_text().split()), run.evaluation
    assert f"melanoma for {percent(evaluation.headline.melanoma_sensitivity.value)} of melanomas" in text
    assert f"refers {percent(evaluation.per_class['MEL'].referred.value)} of them" in text
    unshared = evaluation.per_set[UNSHARED].specificity_at_95_sensitivity.value
    assert f"specificity at 95 % sensitivity is {percent(unshared)}" in text
    young = evaluation.per_age["30 to 44"]
    assert f"Of {young.malignant} malignant lesions of people aged 30 to 44 it refers" in text
    assert f"it refers {round(young.sensitivity.value * young.malignant)}." in text
    everyday = evaluation.kinds.counts["everyday photo"]
    assert f"Of {sum(everyday.values())} everyday test photos it takes {everyday['other']} for no lesion" in text


def test_the_lineage_is_that_of_the_shipped_runs():
    text = (MODELS / "README.md").read_text()
    expected = write_lineage(open_run(path.parent) for path in MODELS.glob("*/run.json"))
    assert expected in text, f"models/README.md should hold this table:\n{expected}"


def test_the_ratios_of_the_bench_are_those_measured():
    report = json.loads((ROOT / "melanoma" / "bench" / "measured.json").read_text())
    text = (ROOT / "melanoma" / "bench" / "README.md").read_text().split("## Ratios")[1].split("Why ratios")[0]
    stated = [float(row[1]) for row in cells(text)]
    measured = [report["ratios"][name] for name in (
        "against_naive", "over_floor_p50", "over_floor_p95", "over_floor_12_megapixels", "serving_over_fastest_engine",
        "cost_over_lite0_224", "score_over_batch", "first_answer_s", "page_after_hello_s", "server_first_answer_s",
        "memory_growth_mb", "ten_people_p95_s", "training_tab_worst_s",
    )]  # fmt: skip
    assert stated == pytest.approx(measured, rel=0.02)


def test_files_that_the_readmes_link_to_are_there():
    for readme in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("[dm]*/**/README.md")):
        for target in re.findall(r"\]\((?!http)([^)#]+)", readme.read_text()):
            assert (readme.parent / target).exists(), f"{readme.name} links to {target}"
