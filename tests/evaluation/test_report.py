"""A run measured from its saved predictions, and what is written of it."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.estimates import Estimate
from melanoma.evaluation.metrics import PROBABILITIES, softmax
from melanoma.evaluation.report import evaluate_run, write_faithfulness, write_report
from melanoma.run import (
    DataFacts,
    NetworkInput,
    Run,
    RunError,
    RunFacts,
    TrainingSettings,
    open_run,
    write_checksums,
    write_part,
)
from melanoma.run.evaluation import Confidence, GroupEstimates, OutOfDistribution
from melanoma.run.faithfulness import Faithfulness, Localisation, MethodFaithfulness


def write_run(folder, table: pd.DataFrame, predictions: pd.DataFrame | None = None, **facts) -> Run:
    """A finished run without a network; `table`: image_id, diagnosis, group, source, split."""
    folder.mkdir(parents=True)
    known = {
        "name": folder.name,
        "state": "finished",
        "architecture": "baseline-cnn",
        "input": NetworkInput(32),
        "settings": TrainingSettings("baseline-cnn", 32, 1, 10),
        "data": DataFacts("abc", len(table), table["group"].nunique()),
        "seed": 1,
        "started": "2026-01-02T03:04:05+00:00",
    }
    table.to_csv(folder / "split.csv", index=False)
    if predictions is not None:
        predictions.to_csv(folder / "predictions.csv", index=False, float_format="%.7g")
    write_part(folder / "run.json", RunFacts(**known | facts))
    write_checksums(folder)
    return open_run(folder)


@pytest.fixture
def run(tmp_path) -> Run:
    """A run of a network that is too sure, with its predictions on 400 photos."""
    rng = np.random.default_rng(9)
    labels = rng.integers(0, 9, 400)
    logits = rng.normal(0, 1, (400, 9))
    logits[np.arange(400), labels] += 1.2
    groups = rng.integers(0, 200, 400)
    table = pd.DataFrame(
        {
            "image_id": [f"P{i}" for i in range(400)],
            "diagnosis": [CODES[k] for k in labels],
            "group": [f"L{g}" for g in groups],
            "source": np.where(np.arange(400) % 3, "ham10000", "isic2017"),
            "split": np.where(groups % 2, "validation", "test"),
        }
    )
    probabilities = pd.DataFrame(softmax(2 * logits), columns=PROBABILITIES)
    predictions = pd.concat([table.drop(columns="group"), probabilities], axis=1)
    return write_run(tmp_path / "models" / "kept", table, predictions)


def test_everything_is_remade_from_predictions(run):
    report = evaluate_run(run)
    assert report.predictions is None
    write_report(run, report)
    again = open_run(run.folder)  # its checksums fit
    assert (again.calibration, again.evaluation) == (report.calibration, report.evaluation)
    test = run.predictions[run.predictions["split"] == "test"]
    top = np.array(CODES)[test[PROBABILITIES].to_numpy().argmax(axis=1)]
    assert again.evaluation.headline.accuracy.value == pytest.approx((top == test["diagnosis"]).mean(), abs=1e-5)
    assert again.evaluation.photos == len(test)
    assert again.evaluation.lesions == run.split[run.split["split"] == "test"]["group"].nunique()
    assert again.evaluation.data_fingerprint == "abc"
    assert again.evaluation.command == "python -m melanoma evaluate kept"
    assert again.calibration.temperature > 1.2
    assert again.evaluation.headline.ece.value < again.evaluation.headline.ece_before.value
    assert "NaN" not in (run.folder / "evaluation.json").read_text() + (run.folder / "calibration.json").read_text()


def test_groups_are_measured_at_the_default_threshold_on_calibrated_probabilities(run):
    report = evaluate_run(run)
    table = run.predictions[run.predictions["split"] == "test"]
    calibrated = softmax(np.log(table[PROBABILITIES].to_numpy()) / report.calibration.temperature)
    malignant = table["diagnosis"].isin(["AK", "BCC", "MEL", "SCC"]).to_numpy()
    referred = calibrated[:, [0, 1, 3, 6]].sum(axis=1) >= report.calibration.default.threshold
    for source, group in report.evaluation.per_source.items():
        own = (table["source"] == source).to_numpy()
        assert group.sensitivity.value == pytest.approx(referred[own & malignant].mean(), abs=1e-5)
        assert group.specificity.value == pytest.approx((~referred)[own & ~malignant].mean(), abs=1e-5)
    whole = report.calibration.default.test
    assert whole.sensitivity.value == pytest.approx(referred[malignant].mean(), abs=1e-5)


MEASURED = {
    "per_age": {"under 30": GroupEstimates(photos=3)},
    "out_of_distribution": OutOfDistribution("words", {"clean": Confidence(5, Estimate(0.5, 0.4, 0.6))}),
}


def test_what_only_photos_tell_is_kept_for_the_same_network_alone(run):
    write_report(run, evaluate_run(run))
    first = open_run(run.folder)
    write_part(run.folder / "evaluation.json", replace(first.evaluation, **MEASURED))
    write_checksums(run.folder)
    again = evaluate_run(open_run(run.folder)).evaluation
    assert again.per_age == MEASURED["per_age"]
    assert again.out_of_distribution == MEASURED["out_of_distribution"]
    assert again.headline == first.evaluation.headline
    assert again.per_source == first.evaluation.per_source
    write_part(run.folder / "evaluation.json", replace(first.evaluation, **MEASURED, network_sha256="another"))
    write_checksums(run.folder)
    without = evaluate_run(open_run(run.folder)).evaluation
    assert without.per_age is None
    assert without.out_of_distribution is None


def test_a_run_that_cannot_be_measured_says_why(run, tmp_path):
    table = run.split
    with pytest.raises(RunError, match="nothing to evaluate"):
        evaluate_run(write_run(tmp_path / "bare", table))
    with pytest.raises(RunError, match="still training"):
        evaluate_run(write_run(tmp_path / "training", table, run.predictions, state="training"))
    with pytest.raises(RunError, match="does not fit its split"):
        evaluate_run(write_run(tmp_path / "other", table.iloc[:300], run.predictions))
    unsplit = write_run(tmp_path / "unsplit", table, run.predictions)
    (unsplit.folder / "split.csv").unlink()
    with pytest.raises(RunError, match="lesions are unknown"):
        evaluate_run(Run(unsplit.folder))


@pytest.mark.slow
def test_photos_without_a_network_cannot_be_measured(run, tmp_path):
    with pytest.raises(RunError, match="no network file"):
        evaluate_run(run, tmp_path)


def make_faithfulness(**methods: int) -> Faithfulness:
    parts = {name: MethodFaithfulness(all=Localisation(photos=photos)) for name, photos in methods.items()}
    return Faithfulness("explain-check", "today", "", "words", 10, parts)


def test_a_method_that_was_measured_alone_joins_the_others(run):
    with pytest.raises(RunError, match="no evaluation yet"):
        write_faithfulness(run, make_faithfulness(gradcam=1), all_methods=True)
    write_report(run, evaluate_run(run))
    write_faithfulness(open_run(run.folder), make_faithfulness(gradcam=1, scorecam=2), all_methods=True)
    write_faithfulness(open_run(run.folder), make_faithfulness(gradcam=3), all_methods=False)
    faithfulness = open_run(run.folder).evaluation.faithfulness
    assert {name: part.all.photos for name, part in faithfulness.methods.items()} == {"gradcam": 3, "scorecam": 2}
    write_faithfulness(open_run(run.folder), make_faithfulness(gradcam=4), all_methods=True)
    assert list(open_run(run.folder).evaluation.faithfulness.methods) == ["gradcam"]
    other = replace(make_faithfulness(layercam=5), photos=11)
    write_faithfulness(open_run(run.folder), other, all_methods=False)
    assert list(open_run(run.folder).evaluation.faithfulness.methods) == ["layercam"]
    assert json.loads((run.folder / "evaluation.json").read_text())["photos"] == open_run(run.folder).evaluation.photos
