"""Estimates against scikit-learn's on the same arrays."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, recall_score, roc_auc_score

from melanoma.diagnoses import CODES, MERGED_CODES
from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import Resamples
from melanoma.evaluation.metrics import (
    MERGED_INDEX,
    bin_reliability,
    classes_present,
    count_confusion,
    estimate_headline,
    estimate_per_class,
    estimate_per_group,
    evaluate_predictions,
    measure_epoch,
    merge_classes,
    softmax,
    top_label_error,
)

MALIGNANT = [0, 1, 3, 6]


def make_answers(n: int = 600, seed: int = 0, classes: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels (n,), probabilities (n, 9) that know something of them, lesion groups (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(0, 1, (n, 9))
    logits[np.arange(n), labels] += 1.2
    return labels, softmax(logits), rng.integers(0, n // 2, n)


def value(estimate: Estimate) -> float:
    return pytest.approx(estimate.value, abs=1e-5)


def test_headline_is_scikit_learns():
    labels, probabilities, groups = make_answers()
    top = probabilities.argmax(axis=1)
    result = estimate_headline(labels, probabilities, groups, before=probabilities, draws=50)
    seven = merge_classes(probabilities)
    assert accuracy_score(labels, top) == value(result.accuracy)
    assert balanced_accuracy_score(labels, top) == value(result.balanced_accuracy_9)
    assert balanced_accuracy_score(MERGED_INDEX[labels], seven.argmax(axis=1)) == value(result.balanced_accuracy_7)
    assert roc_auc_score(labels == 3, probabilities[:, 3]) == value(result.melanoma_auc)
    malignant = np.isin(labels, MALIGNANT)
    assert roc_auc_score(malignant, probabilities[:, MALIGNANT].sum(axis=1)) == value(result.malignant_auc)
    assert recall_score(labels, top, labels=[3], average=None)[0] == value(result.melanoma_sensitivity)
    assert result.ece == result.ece_before
    for estimate in vars(result).values():
        assert estimate.low <= estimate.value <= estimate.high


def test_measures_of_an_epoch_agree_with_the_headline():
    labels, probabilities, groups = make_answers(seed=2)
    watched, result = (
        measure_epoch(labels, np.log(probabilities)),
        estimate_headline(labels, probabilities, groups, draws=5),
    )
    assert watched["balanced_accuracy"] == value(result.balanced_accuracy_9)
    assert watched["malignant_auc"] == value(result.malignant_auc)


def test_merging_adds_keratoses_and_squamous_to_actinic():
    probabilities = np.array([[0.2, 0, 0, 0, 0.3, 0.1, 0.2, 0.2, 0]])
    seven = dict(zip(MERGED_CODES, merge_classes(probabilities)[0], strict=True))
    assert seven["AK+SCC"] == pytest.approx(0.4)
    assert seven["PBK+SK"] == pytest.approx(0.3)
    assert seven["NV"] == pytest.approx(0.3)


def test_each_class_against_the_rest():
    labels, probabilities, groups = make_answers(seed=3)
    top = probabilities.argmax(axis=1)
    for k, row in enumerate(estimate_per_class(labels, probabilities, groups, threshold=0.4, draws=20).values()):
        assert row.support == (labels == k).sum()
        assert recall_score(labels == k, top == k) == value(row.sensitivity)
        assert recall_score(labels != k, top != k) == value(row.specificity)
        assert roc_auc_score(labels == k, probabilities[:, k]) == value(row.auc)
        referred = probabilities[labels == k][:, MALIGNANT].sum(axis=1) >= 0.4
        assert referred.mean() == value(row.referred)


def test_absent_class_is_left_out_of_the_mean_and_has_no_estimates():
    labels, probabilities, groups = make_answers(seed=4, classes=7)  # neither SK nor VASC
    rows = estimate_per_class(labels, probabilities, groups, threshold=0.4, draws=20)
    assert rows["SK"].support == 0
    assert rows["SK"].sensitivity is None
    assert rows["SK"].auc is None
    assert classes_present(labels) == CODES[:7]
    present = recall_score(labels, probabilities.argmax(axis=1), labels=range(7), average="macro")
    assert present == value(estimate_headline(labels, probabilities, groups, draws=20).balanced_accuracy_9)


def test_sources_are_told_apart():
    labels, probabilities, groups = make_answers(seed=5)
    sources = np.where(np.arange(len(labels)) < 200, "one", "two")
    result = estimate_per_group(sources, labels, probabilities, groups, threshold=0.4, before=probabilities, draws=20)
    assert result["one"].photos == 200
    assert result["one"].malignant == np.isin(labels[:200], MALIGNANT).sum()
    own = probabilities[:200].argmax(axis=1) == labels[:200]
    assert own.mean() == value(result["one"].accuracy)
    malignant, referred = np.isin(labels[:200], MALIGNANT), probabilities[:200][:, MALIGNANT].sum(axis=1) >= 0.4
    assert recall_score(malignant, referred) == value(result["one"].sensitivity)
    assert recall_score(~malignant, ~referred) == value(result["one"].specificity)
    assert (
        result["two"].accuracy == estimate_headline(labels[200:], probabilities[200:], groups[200:], draws=20).accuracy
    )


def test_reliability_counts_every_photo_once():
    labels, probabilities, _ = make_answers(seed=6)
    bins = bin_reliability(labels, probabilities)
    assert sum(b.count for b in bins) == len(labels)
    weighted = sum(b.count * abs(b.accuracy - b.confidence) for b in bins if b.count) / len(labels)
    assert weighted == pytest.approx(
        estimate_headline(labels, probabilities, np.arange(len(labels)), draws=5).ece.value, abs=1e-5
    )
    assert bins[0].confidence is None  # nine classes: the top one is never below 1/9
    assert all(b.low <= b.confidence <= b.high for b in bins if b.count)


def test_bins_of_the_reliability_diagram_are_scikit_learns():
    labels, probabilities, _ = make_answers(seed=6)
    filled = [b for b in bin_reliability(labels, probabilities) if b.count]
    right = probabilities.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=15, strategy="uniform")
    assert [b.accuracy for b in filled] == pytest.approx(accuracy, abs=1e-5)
    assert [b.confidence for b in filled] == pytest.approx(confidence, abs=1e-5)


def test_confusion_counts():
    labels, probabilities, _ = make_answers(seed=7)
    counts = np.array(count_confusion(labels, probabilities).counts)
    assert counts.sum() == len(labels)
    assert (counts == confusion_matrix(labels, probabilities.argmax(axis=1))).all()


def test_intervals_of_the_calibration_errors_are_centred():
    """The draws' own quantiles lie above the value: each draw adds noise to the gap of every bin."""
    labels, probabilities, groups = make_answers(n=300, seed=8)
    result = estimate_headline(labels, probabilities, groups, before=probabilities, draws=300)
    for error in (result.ece, result.ece_before):
        draws = top_label_error(Resamples.of_lesions(groups, draws=300), labels, probabilities)[1:]
        low, high = np.quantile(draws, [0.025, 0.975])
        shift = np.median(draws) - error.value
        assert shift > 0.004
        assert error.low == pytest.approx(low - shift, abs=1e-4)
        assert error.high == pytest.approx(high - shift, abs=1e-4)


def test_a_photo_at_the_threshold_is_referred():
    labels = np.array([3] * 10 + [4] * 10)
    probabilities = np.zeros((20, 9))
    probabilities[:, 3], probabilities[:, 4] = 0.25, 0.75
    names = np.full(20, "one")
    for threshold, share in ((0.25, 1), (0.2500001, 0)):
        arguments = labels, probabilities, np.arange(20)
        assert estimate_per_class(*arguments, threshold=threshold, draws=5)["NV"].referred.value == share
        group = estimate_per_group(names, *arguments, threshold=threshold, draws=5)["one"]
        assert (group.sensitivity.value, group.specificity.value) == (share, 1 - share)


def test_an_evaluation_holds_each_sources_own_photos():
    """Of the photos of each source, and of no others; `ece` after temperature and `ece_before` before it."""
    labels, probabilities, groups = make_answers(n=400, seed=10)
    sources = np.where(np.arange(400) < 130, "one", "two")
    before = softmax(2 * np.log(probabilities))
    table = pd.DataFrame({"diagnosis": [CODES[k] for k in labels], "group": groups, "source": sources})
    result = evaluate_predictions(
        table, before, probabilities, 0.4, command="evaluate", made="today", network_sha256="", data_fingerprint="abc"
    )
    assert result.photos == 400
    assert result.lesions == len(np.unique(groups))
    assert {name: group.photos for name, group in result.per_source.items()} == {"one": 130, "two": 270}
    for name, group in result.per_source.items():
        own = sources == name
        malignant = np.isin(labels[own], MALIGNANT)
        referred = probabilities[own][:, MALIGNANT].sum(axis=1) >= 0.4
        assert recall_score(malignant, referred) == value(group.sensitivity)
        assert recall_score(~malignant, ~referred) == value(group.specificity)
        for stated, error in ((probabilities, group.ece), (before, group.ece_before)):
            expected = top_label_error(Resamples.of_lesions(groups[own], draws=1), labels[own], stated[own])[0]
            assert expected == value(error)
    assert result.reliability.after == bin_reliability(labels, probabilities)
    assert result.reliability.before == bin_reliability(labels, before)
    assert result.headline.ece.value < result.headline.ece_before.value
