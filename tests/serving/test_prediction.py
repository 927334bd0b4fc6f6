"""From logits to a decision: temperature, prediction set, and what is never called routine."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from melanoma.diagnoses import CODES, MALIGNANT
from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.run import Abstention, OperatingPoint, PredictionSet, Rates, TestRates
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.prediction import (
    Prediction,
    calibrate_logits,
    decide,
    list_differential,
    score_of,
    sum_malignant,
)

FINE = Assessment(GOOD)
LOGITS = arrays.arrays(np.float32, (1, 9), elements=st.floats(-50, 50, width=32))


def point(score: str, threshold: float = 0.1) -> OperatingPoint:
    return OperatingPoint(score, threshold, "a target", "validation", Rates(), TestRates())


def prediction_set(least: float) -> PredictionSet:
    return PredictionSet(least, 0.9, {}, {})


def test_at_the_threshold_it_is_refer_and_just_below_it_routine():
    assert decide(0.1, point("malignant", 0.1), FINE) == "refer"
    assert decide(float(np.nextafter(0.1, 0)), point("malignant", 0.1), FINE) == "routine"


def test_just_below_the_threshold_it_is_undecided_from_the_least_score_on():
    abstaining = replace(point("malignant", 0.1), abstention=Abstention(least_score=0.04, target_coverage=0.9))
    assert decide(0.1, abstaining, FINE) == "refer"
    assert decide(float(np.nextafter(0.1, 0)), abstaining, FINE) == "undecided"
    assert decide(0.04, abstaining, FINE) == "undecided"
    assert decide(float(np.nextafter(0.04, 0)), abstaining, FINE) == "routine"
    assert decide(0.05, abstaining, Assessment(DOUBTFUL, ("The photo is dark.",))) == "refer"


@pytest.mark.parametrize("quality", [DOUBTFUL, UNUSABLE])
def test_a_photo_that_is_not_good_is_never_routine(quality):
    assert decide(0.0, point("malignant", 0.1), Assessment(quality, ("The photo is dark.",))) == "refer"


def test_where_something_may_be_wrong_a_photo_is_undecided_instead_of_routine_and_else_as_it_was():
    abstaining = replace(point("malignant", 0.1), abstention=Abstention(least_score=0.04, target_coverage=0.9))
    suspect = Assessment(GOOD, suspicions=("Ink may lie over the lesion.",))
    assert [decide(score, abstaining, suspect) for score in (0.0, 0.05, 0.1)] == ["undecided", "undecided", "refer"]


def test_a_prediction_says_whether_score_or_quality_referred_it():
    probabilities = np.full(9, 1 / 9, np.float32)
    crop = np.zeros((8, 8, 3), np.uint8)
    point_4 = point("malignant", 0.4)
    kind, logits = KindOfPhoto("dermoscopic"), np.log(probabilities)
    fine = Prediction(
        kind, logits, probabilities, 4 / 9, "refer", "balanced", point_4, 4 / 9, CODES, FINE, crop, None, "run", ""
    )
    assert (fine.reaches_threshold, fine.referred_for_quality) == (True, False)
    dark = replace(fine, point=point("malignant", 0.5), assessment=Assessment(UNUSABLE, ("The photo is dark.",)))
    assert (dark.reaches_threshold, dark.referred_for_quality) == (False, True)


@given(LOGITS, st.floats(0.3, 5))
def test_temperature_keeps_the_order_and_the_sum(logits, temperature):
    (probabilities,) = calibrate_logits(logits, temperature)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(probabilities[np.argsort(logits[0], kind="stable")]) >= 0).all()


def test_a_higher_temperature_is_less_sure():
    logits = np.array([[2.0, 1, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    assert calibrate_logits(logits, 2.0).max() < calibrate_logits(logits, 1.0).max()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_gives_no_answer(bad):
    logits = np.zeros((1, 9), np.float32)
    with pytest.raises(FloatingPointError):
        calibrate_logits(logits, bad if np.isnan(bad) else 0.0)
    logits[0, 3] = bad
    with pytest.raises(FloatingPointError):
        calibrate_logits(logits, 1.0)


@given(LOGITS, st.floats(0, 1))
def test_the_differential_is_closed_upwards_and_starts_with_the_likeliest(logits, least):
    (probabilities,) = calibrate_logits(logits, 1.0)
    differential = list_differential(probabilities, prediction_set(least))
    by_code = dict(zip(CODES, probabilities.tolist(), strict=True))
    assert differential[0] == CODES[probabilities.argmax()]
    lowest = min(by_code[code] for code in differential)
    assert all(by_code[code] <= lowest for code in set(CODES) - set(differential))
    assert set(differential[1:]) == {c for c in CODES if by_code[c] >= least} - {differential[0]}
    assert [by_code[c] for c in differential] == sorted((by_code[c] for c in differential), reverse=True)


def test_a_probability_at_the_limit_is_in_the_differential():
    probabilities = np.array([0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0, 0], np.float32)
    assert list_differential(probabilities, prediction_set(0.25)) == ("AK", "BCC")
    assert list_differential(probabilities, prediction_set(float(np.nextafter(0.25, 1)))) == ("AK",)


def test_scores_are_the_malignant_sum_or_one_diagnosis():
    probabilities = np.arange(9, dtype=np.float32) / 36
    expected = sum(float(probabilities[CODES.index(code)]) for code in MALIGNANT)
    assert sum_malignant(probabilities) == pytest.approx(expected)
    assert score_of(probabilities, point("malignant")) == pytest.approx(expected)
    assert score_of(probabilities, point("MEL")) == pytest.approx(3 / 36)
