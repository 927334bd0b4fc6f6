"""The figures and tables of the test results against scikit-learn's on the same predictions."""

import numpy as np
import pandas as pd
import pytest
from reports_as_stored import GROUPS, ROBUSTNESS, figure, heatmap
from sklearn import metrics
from sklearn.calibration import calibration_curve

from melanoma.diagnoses import CODES, MALIGNANT, MERGED_CODES, index, merged
from melanoma.documents import findings as report_tables
from melanoma.documents import findings_heatmaps as report_heatmaps
from melanoma.evaluation import tables as results
from melanoma.evaluation.metrics import labels_of, reliability


@pytest.fixture(scope="module")
def shipped(run) -> results.Answers:
    return results.answers(run, "test")


def score(answers: results.Answers, name: str) -> tuple[np.ndarray, np.ndarray]:
    """What to find and how it is scored, from the probabilities themselves."""
    codes = MALIGNANT if name == "malignant" else [name]
    return np.isin(answers.diagnoses, codes), answers.probabilities[:, [index(c) for c in codes]].sum(axis=1)


@pytest.mark.parametrize("name", ["malignant", *CODES])
def test_areas_of_the_shipped_run_are_scikit_learns(shipped, name):
    positive, scored = score(shipped, name)
    assert results.roc(shipped, name)[1] == pytest.approx(metrics.roc_auc_score(positive, scored))
    assert results.precision_recall(shipped, name)[1] == pytest.approx(
        metrics.average_precision_score(positive, scored)
    )


@pytest.mark.parametrize("merge", [False, True])
def test_confusion_of_the_shipped_run_is_scikit_learns(shipped, merge):
    codes = MERGED_CODES if merge else CODES
    true = [merged(c) for c in shipped.diagnoses] if merge else shipped.diagnoses
    sums = [shipped.probabilities[:, [index(c) for c in code.split("+")]].sum(axis=1) for code in codes]
    top = np.array(codes)[np.argmax(sums, axis=0)]
    counts = results.confusion(shipped, merge)
    assert (counts.to_numpy() == metrics.confusion_matrix(true, top, labels=codes)).all()
    recalls = np.diag(results.row_shares(counts))
    assert np.mean(recalls) == pytest.approx(metrics.balanced_accuracy_score(true, top))


def test_stored_figures_of_the_shipped_run_are_scikit_learns(shipped, run):
    stored = run.evaluation["figures"]
    top = shipped.top()
    positive, scored = score(shipped, "MEL")
    for name, expected in (
        ("balanced_accuracy_9", metrics.balanced_accuracy_score(shipped.diagnoses, top)),
        ("accuracy", metrics.accuracy_score(shipped.diagnoses, top)),
        ("melanoma_auc", metrics.roc_auc_score(positive, scored)),
        ("malignant_auc", metrics.roc_auc_score(*score(shipped, "malignant"))),
    ):
        assert stored[name]["value"] == pytest.approx(expected, abs=2e-5)


def test_stored_bins_of_the_shipped_run_are_scikit_learns(shipped, run):
    filled = [b for b in run.evaluation["reliability"]["after"] if b["count"]]
    right = shipped.top() == shipped.diagnoses
    accuracy, stated = calibration_curve(right, shipped.probabilities.max(axis=1), n_bins=15, strategy="uniform")
    assert [b["accuracy"] for b in filled] == pytest.approx(accuracy, abs=2e-5)
    assert [b["confidence"] for b in filled] == pytest.approx(stated, abs=2e-5)
    table = pd.DataFrame({"diagnosis": shipped.diagnoses})
    assert reliability(labels_of(table), shipped.probabilities) == run.evaluation["reliability"]["after"]


def test_the_figures_that_decide_come_first():
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    names = ("accuracy", "ece", "specificity_at_95_sensitivity", "melanoma_auc", "malignant_auc")
    stored = {"figures": dict.fromkeys((*names, "balanced_accuracy_7", "balanced_accuracy_9"), figure)}
    assert [label for label, _ in results.headline(stored)][:5] == [
        "Balanced accuracy, 9 classes",
        "Balanced accuracy, 7 classes",
        "Melanoma AUC",
        "Specificity at 95 % sensitivity",
        "Calibration error",
    ]


def test_groups_are_counted_by_the_photos_that_a_figure_is_of():
    groups = results.per_group(GROUPS)
    assert list(groups["by"]) == ["Source", "Age", "Age", "Age"]
    assert results.counted(groups, "sensitivity").tolist() == [500, 3, 100, 9]
    assert results.counted(groups, "specificity").tolist()[1:] == [397, 200, 0]


def test_the_weakest_group_is_none_of_the_tiny_ones():
    groups = results.per_group(GROUPS)
    assert (
        results.weakest(groups, "sensitivity", 30) == "Lowest sensitivity: 0.80 (0.75–0.85), age 30 to 44, 300 photos."
    )
    assert results.weakest(groups.head(0), "sensitivity", 30) == ""


def test_a_run_without_groups_has_an_empty_table():
    assert results.per_group({}).empty


def test_robustness_names_the_worst_and_holds_artefacts_against_their_controls():
    said = report_tables.robustness_sentences(ROBUSTNESS)
    assert said[0].startswith("Decisions change most with ink (30.0 %, 25.0–35.0), JPEG quality 30 (20.0 %")
    assert "changes 9.0 % of decisions on average" in said[1]
    assert said[2] == (
        "With ink, more decisions change than with an even patch as large and about as many decisions change as with "
        "the same pixels shuffled."
    )
    table = report_tables.robustness(ROBUSTNESS)
    assert table[table["line"] == "ink"]["value"].tolist() == [0.3, 0.1, 0.32]
    assert report_tables.robustness(ROBUSTNESS, "top").empty


def test_photos_of_lesions_are_never_called_photos_without_skin():
    kind = {"mean_top": figure(0.8), "refer": figure(0.5), "above_90": figure(0.4)}
    report = {"note": "words", "clean": kind, "blurred": kind | {"mean_top": figure(0.95)}, "everyday": kind}
    said = " ".join(report_tables.unfamiliar_sentences(report))
    assert "It is surer, where it should not be, on lesion photos far out of focus (0.95)." in said
    assert "It is as sure on everyday photos (0.80)." in said
    lines = set(report_tables.unfamiliar(report)["line"])
    assert [line for line in lines if "without skin" in line] == ["everyday photos without skin"]


def test_heatmaps_are_held_against_chance_and_against_the_centre_spot():
    report = {"methods": {"gradcam": heatmap(0.6, 0.5), "centre spot": heatmap(0.58, 0.9)}}
    said = report_heatmaps.sentences(report)
    assert said[0].startswith("Grad-CAM is the default")
    assert "Only Grad-CAM has been measured on this run." in said
    assert "Against chance it is better at evidence inside the lesion and strongest place in the lesion." in said
    spot = "it is no better at evidence inside the lesion; worse at strongest place in the lesion."
    assert f"Against a round spot in the middle of every photo {spot}" in said
    table = report_heatmaps.by_method(report)
    assert set(table["series"]) == {"heatmap", "chance", "centre spot"}
    assert set(table["line"]) == {"Grad-CAM"}
    assert "wrong answers (40)" in set(report_heatmaps.by_answer(report, "gradcam")["line"])


def test_a_method_that_does_better_than_the_default_is_named():
    report = {"methods": {"gradcam": heatmap(0.6, 0.5), "scorecam": heatmap(0.7, 0.4)}}
    assert "Others have the better value: Score-CAM (evidence inside the lesion)." in report_heatmaps.sentences(report)


def test_the_source_probe_is_told_of_features_answers_and_colours_as_far_as_measured():
    def figure(value):
        return {"auc": {"value": value, "low": value - 0.1, "high": value + 0.1}}

    found = {"diagnosis": "nevus", "photos": {"ham10000": 30, "isic2017": 40}, **figure(0.8)}
    report = {"chance": 0.5, "NV": found | {"answer": figure(0.6), "colours": figure(0.7)}, "MEL": None}
    assert list(report_tables.source_probe(report)["value"]) == [0.8, 0.6, 0.7]
    [sentence] = report_tables.source_sentences(report)
    assert "0.80 (0.70–0.90) from the network's features, 0.60 (0.50–0.70) from the nine answers and 0.70" in sentence
    [older] = report_tables.source_sentences({"NV": found})
    assert older.endswith("0.80 (0.70–0.90) from the network's features.")


def test_a_report_without_measurements_says_nothing():
    assert report_heatmaps.sentences({"methods": {}}) == []
    assert report_tables.robustness_sentences({}) == []
    assert report_tables.unfamiliar_sentences({"note": "words"}) == []
    assert report_tables.source_sentences({"note": "words", "chance": 0.5, "MEL": None}) == []
