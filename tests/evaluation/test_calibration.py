"""Temperature, thresholds and conformal sets on answers whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from melanoma.diagnoses import CODES, index
from melanoma.evaluation.calibration import (
    OPERATING_POINTS,
    calibrate,
    choose_threshold,
    conformal_limit,
    conformal_sets,
    conformal_thresholds,
    fit_temperature,
    predictive_values,
    tempered,
    threshold_for_sensitivity,
    youden_threshold,
)
from melanoma.evaluation.metrics import PROBABILITIES, is_malignant, malignant_scores, softmax


def calibrated_answers(n: int, seed: int = 0, spread: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the very probabilities that are stated: (n,) int, (n, 9) logits."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, spread, (n, len(CODES)))
    chosen = (np.cumsum(softmax(logits), axis=1) > rng.random((n, 1))).argmax(axis=1)
    return chosen, logits


def predictions(n: int = 1500, temperature: float = 2.0) -> pd.DataFrame:
    """Rows of predictions.csv with `group`, by a network that is too sure by `temperature`."""
    labels, logits = calibrated_answers(n, seed=3)
    table = pd.DataFrame(softmax(logits * temperature), columns=PROBABILITIES)
    return table.assign(
        image_id=[f"P{i}" for i in range(n)],
        diagnosis=[CODES[k] for k in labels],
        source="drawn",
        group=[f"L{i // 2}" for i in range(n)],
        split=np.where(np.arange(n) < n // 2, "validation", "test"),
    )


@pytest.mark.parametrize("true", [0.6, 1.0, 2.5])
def test_temperature_is_recovered(true):
    labels, logits = calibrated_answers(8000)
    raw = softmax(logits * true)
    assert fit_temperature(labels, raw) == pytest.approx(true, rel=0.04)
    assert tempered(raw, true) == pytest.approx(softmax(logits), abs=1e-9)


def test_tempering_keeps_the_order_and_survives_zeros():
    hot = tempered(np.array([[1.0, 0, 0], [0.7, 0.2, 0.1]]), 3.0)
    assert np.isfinite(hot).all()
    assert hot.sum(axis=1) == pytest.approx(1)
    assert list(hot[1]) == sorted(hot[1], reverse=True)


@given(
    st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=80),
    st.floats(0.01, 1.0, allow_nan=False),
)
def test_threshold_is_the_largest_that_reaches_the_sensitivity(scores, target):
    scores = np.array(scores)
    threshold = threshold_for_sensitivity(scores, target)
    assert (scores >= threshold).mean() >= target - 1e-9
    higher = scores[scores > threshold]
    if len(higher):
        assert (scores >= higher.min()).mean() < target


def test_threshold_needs_a_positive():
    with pytest.raises(ValueError, match="no positive"):
        threshold_for_sensitivity(np.array([]), 0.95)


def test_youden_threshold_is_the_best_of_all():
    rng = np.random.default_rng(2)
    positive = rng.random(200) < 0.4
    scores = np.round(rng.random(200) + 0.5 * positive, 2)

    def index_at(threshold):
        return (scores >= threshold)[positive].mean() - (scores >= threshold)[~positive].mean()

    assert index_at(youden_threshold(positive, scores)) == pytest.approx(max(index_at(t) for t in scores))


@pytest.mark.parametrize("name", ["high-sensitivity", "melanoma-95"])
def test_operating_point_keeps_its_sensitivity_in_single_precision(name):
    labels, logits = calibrated_answers(900, seed=5)
    probabilities = softmax(logits)
    threshold = choose_threshold(name, labels, probabilities)
    single = probabilities.astype(np.float32)
    if name == "melanoma-95":
        found = single[labels == index("MEL"), index("MEL")] >= threshold
    else:
        found = malignant_scores(single)[is_malignant(labels)] >= threshold
    assert 0.95 <= found.mean() < 0.96


def test_predictive_values_by_counting():
    # 1,000 people, 50 ill: 45 found of 50; 190 alarms among 950 well.
    positive, negative = predictive_values(0.9, 0.8, 0.05)
    assert positive == pytest.approx(45 / (45 + 190))
    assert negative == pytest.approx(760 / (760 + 5))


def test_conformal_sets_cover_each_class_on_new_photos():
    labels, logits = calibrated_answers(9000, seed=7)
    probabilities = softmax(logits)
    thresholds = conformal_thresholds(labels[:4500], probabilities[:4500], coverage=0.9)
    sets = conformal_sets(probabilities[4500:], thresholds)
    for k in range(len(CODES)):
        assert sets[labels[4500:] == k, k].mean() == pytest.approx(0.9, abs=0.05)


def test_conformal_includes_always_what_it_cannot_judge():
    labels = np.array([0] * 8 + [1] * 20)
    probabilities = np.full((28, 9), 1 / 9)
    thresholds = conformal_thresholds(labels, probabilities)
    assert thresholds[CODES[0]] == 1
    assert thresholds[CODES[1]] == pytest.approx(8 / 9, abs=1e-5)
    sure_of_another = np.eye(9)[[5]]
    assert conformal_sets(sure_of_another, thresholds)[0].tolist() == [
        True,
        False,
        *[True] * 7,
    ]


def test_a_limit_needs_nine_photos():
    misfit = np.arange(1, 10) / 10
    assert conformal_limit(misfit[:8], 0.9) == 1  # (n + 1) 0.9 > n
    assert conformal_limit(misfit, 0.9) == pytest.approx(0.9)
    assert conformal_limit(misfit[::-1], 0.5) == pytest.approx(0.5)


def test_a_scarce_diagnosis_is_not_taken_for_an_easy_one_on_a_dozen_photos():
    labels = np.repeat(np.arange(9), [12, 100, 12, *[100] * 6])
    probabilities = np.full((len(labels), 9), 0.05)
    answers = np.select([labels == 0, labels == 2], [0.95, 0.15], 0.6)  # 0 was always easy, 2 always hard
    probabilities[np.arange(len(labels)), labels] = answers
    thresholds = conformal_thresholds(labels, probabilities)
    assert thresholds[CODES[0]] == thresholds[CODES[2]] == pytest.approx(0.85)
    assert thresholds[CODES[1]] == pytest.approx(0.4)


def test_a_set_is_never_empty():
    assert conformal_sets(np.full((3, 9), 1 / 9), dict.fromkeys(CODES, 0.1)).sum(axis=1).tolist() == [1, 1, 1]


def test_calibration_chooses_on_validation_and_measures_on_test():
    table = predictions()
    result = calibrate(table)
    assert result["temperature"] == pytest.approx(2, rel=0.15)
    assert set(result["operating_points"]) == set(OPERATING_POINTS)
    for name in ("high-sensitivity", "melanoma-95"):
        assert result["operating_points"][name]["validation"]["sensitivity"]["value"] >= 0.95
    changed = table.copy()
    test = changed["split"] == "test"
    changed.loc[test, "diagnosis"] = list(changed.loc[test, "diagnosis"])[::-1]
    again = calibrate(changed)
    assert again["temperature"] == result["temperature"]
    for name, point in result["operating_points"].items():
        assert again["operating_points"][name]["threshold"] == point["threshold"]
        assert again["operating_points"][name]["test"] != point["test"]
    assert again["conformal"]["thresholds"] == result["conformal"]["thresholds"]


def test_predictive_values_move_with_prevalence():
    point = calibrate(predictions())["operating_points"]["high-sensitivity"]["test"]
    assert list(point["ppv"]) == ["0.01", "0.05", "0.2"]
    values = [point["ppv"][p]["value"] for p in point["ppv"]]
    assert values == sorted(values)
    for p in point["npv"]:
        assert point["npv"][p]["low"] <= point["npv"][p]["value"] <= point["npv"][p]["high"] <= 1
