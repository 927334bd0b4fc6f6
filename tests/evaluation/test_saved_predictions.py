"""Saved predictions of the shipped run against scikit-learn's statistics of the same probabilities."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from melanoma.diagnoses import CODES, MALIGNANT, MERGED_CODES, index, merged
from melanoma.evaluation.metrics import bin_reliability, estimate_per_group, labels_of
from melanoma.evaluation.saved_predictions import (
    SavedPredictions,
    divide_rows,
    estimate_rates,
    find_target_threshold,
    list_cell_photos,
    load_predictions,
    tabulate_confusion,
    trace_precision_recall,
    trace_roc,
)


@pytest.fixture(scope="module")
def shipped(run) -> SavedPredictions:
    return load_predictions(run, "test")


def find_truth_and_score(predictions: SavedPredictions, name: str) -> tuple[np.ndarray, np.ndarray]:
    """What to find and how it is scored, from the probabilities themselves."""
    codes = MALIGNANT if name == "malignant" else [name]
    return np.isin(predictions.diagnoses, codes), predictions.probabilities[:, [index(c) for c in codes]].sum(axis=1)


@pytest.mark.parametrize("name", ["malignant", *CODES])
def test_areas_of_the_shipped_run_are_scikit_learns(shipped, name):
    positive, scored = find_truth_and_score(shipped, name)
    assert trace_roc(shipped, name)[1] == pytest.approx(metrics.roc_auc_score(positive, scored))
    assert trace_precision_recall(shipped, name)[1] == pytest.approx(metrics.average_precision_score(positive, scored))


@pytest.mark.parametrize("merge", [False, True])
def test_confusion_of_the_shipped_run_is_scikit_learns(shipped, merge):
    codes = MERGED_CODES if merge else CODES
    true = [merged(c) for c in shipped.diagnoses] if merge else shipped.diagnoses
    sums = [shipped.probabilities[:, [index(c) for c in code.split("+")]].sum(axis=1) for code in codes]
    top = np.array(codes)[np.argmax(sums, axis=0)]
    counts = tabulate_confusion(shipped, merge)
    assert (counts.to_numpy() == metrics.confusion_matrix(true, top, labels=codes)).all()
    recalls = np.diag(divide_rows(counts))
    assert np.mean(recalls) == pytest.approx(metrics.balanced_accuracy_score(true, top))


def test_stored_estimates_of_the_shipped_run_are_scikit_learns(shipped, run):
    stored = vars(run.evaluation.headline)
    top = shipped.top()
    positive, scored = find_truth_and_score(shipped, "MEL")
    for name, expected in (
        ("balanced_accuracy_9", metrics.balanced_accuracy_score(shipped.diagnoses, top)),
        ("accuracy", metrics.accuracy_score(shipped.diagnoses, top)),
        ("melanoma_auc", metrics.roc_auc_score(positive, scored)),
        ("malignant_auc", metrics.roc_auc_score(*find_truth_and_score(shipped, "malignant"))),
    ):
        assert stored[name].value == pytest.approx(expected, abs=2e-5)


def test_stored_bins_of_the_shipped_run_are_scikit_learns(shipped, run):
    filled = [b for b in run.evaluation.reliability.after if b.count]
    right = shipped.top() == shipped.diagnoses
    accuracy, stated = calibration_curve(right, shipped.probabilities.max(axis=1), n_bins=15, strategy="uniform")
    assert [b.accuracy for b in filled] == pytest.approx(accuracy, abs=2e-5)
    assert [b.confidence for b in filled] == pytest.approx(stated, abs=2e-5)
    table = pd.DataFrame({"diagnosis": shipped.diagnoses})
    assert bin_reliability(labels_of(table), shipped.probabilities) == run.evaluation.reliability.after


def test_stored_groups_of_the_shipped_run_are_those_of_its_own_photos(shipped, run):
    """Calibration and rates of each source rest on its photos alone."""
    labels = labels_of(pd.DataFrame({"diagnosis": shipped.diagnoses}))
    threshold = run.calibration.default.threshold
    for source, stored in run.evaluation.per_source.items():
        own = shipped.take(shipped.sources == source)
        assert stored.photos == len(own.image_ids)
        assert (stored.sensitivity, stored.specificity) == estimate_rates(own, "malignant", threshold)
        estimates = estimate_per_group(
            own.sources, labels[shipped.sources == source], own.probabilities, own.lesions, threshold=threshold
        )[source]
        assert estimates == replace(stored, ece_before=None)


def test_rates_of_the_shipped_run_are_those_of_its_operating_points(shipped, run):
    for point in run.calibration.operating_points.values():
        rates = estimate_rates(shipped, point.score, point.threshold)
        assert rates == (point.test.sensitivity, point.test.specificity)


def test_a_score_at_the_threshold_is_positive():
    at = np.eye(9)[[3, 4]] * 0.5 + 0.5 / 9
    two = SavedPredictions(np.array(["A", "B"]), np.array(["MEL", "NV"]), np.array(["", ""]), np.array(["a", "b"]), at)
    sensitivity, specificity = estimate_rates(two, "MEL", float(at[0, 3]))
    assert (sensitivity.value, specificity.value) == (1, 1)
    assert estimate_rates(two, "MEL", float(at[1, 3]))[1].value == 0


def test_target_sensitivity_is_reached_on_the_photos_it_is_chosen_on(run):
    validation = load_predictions(run, "validation")
    for target in (0.5, 0.9, 0.99):
        threshold = find_target_threshold(validation, "MEL", target)
        assert target <= estimate_rates(validation, "MEL", threshold)[0].value < target + 0.02


def test_photos_of_a_cell_are_those_that_the_matrix_counts(shipped):
    for seven, true, top in ((False, "MEL", "NV"), (True, "AK+SCC", "BCC")):
        cell = list_cell_photos(shipped, true, top, seven)
        assert len(cell) == tabulate_confusion(shipped, seven).loc[true, top] > 0
        assert set(cell["diagnosis"]) <= set(true.split("+"))
        assert cell["probability"].is_monotonic_decreasing


def test_lesions_of_the_shipped_run_are_those_of_its_split(shipped, run):
    groups = run.split.set_index("image_id")["group"]
    assert (groups[shipped.image_ids].to_numpy() == shipped.lesions).all()
    assert len(np.unique(shipped.lesions)) == run.evaluation.lesions < len(shipped.lesions)
