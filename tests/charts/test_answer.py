"""The bars of an answer, and what a network refers."""

import pytest
from predictions import make_prediction
from reports_as_stored import make_evaluation

from melanoma.charts.answer import describe_probabilities, describe_referrals, probability_bars, referral_dots
from melanoma.estimates import Estimate
from melanoma.run.evaluation import DiagnosisEstimates

PREDICTION = make_prediction(NV=0.55, MEL=0.3, SK=0.13, AK=0.012, BCC=0.0079)
EVALUATION = make_evaluation(
    per_class={
        "NV": DiagnosisEstimates(500, referred=Estimate(0.3, 0.25, 0.4)),
        "MEL": DiagnosisEstimates(80, referred=Estimate(0.9, 0.8, 0.95)),
        "DF": DiagnosisEstimates(0),
    }
)


def test_bars_are_sorted_with_their_numbers_and_pale_outside_the_prediction_set():
    bars = probability_bars(PREDICTION).data[0]
    assert list(bars.x) == sorted(bars.x)
    assert (bars.y[-1], bars.text[-1]) == ("nevus ◇", "55 %")
    assert bars.text[0] == "< 1 %"
    solid = [name for name, opacity in zip(bars.y, bars.marker.opacity, strict=True) if opacity == 1]
    assert solid == ["basal cell carcinoma ◆", "actinic keratosis ◆", "seborrheic keratosis ◇", "melanoma ◆", "nevus ◇"]


def test_the_sentence_says_what_the_bars_say():
    assert describe_probabilities(PREDICTION).startswith("Probabilities: nevus 55 %, melanoma 30 %, seborrheic")


def test_referrals_are_sorted_with_their_intervals_and_a_missing_diagnosis_is_left_out():
    dots = referral_dots(EVALUATION).data[0]
    assert list(dots.y) == ["nevus ◇", "melanoma ◆"]  # from the bottom
    assert dots.x[1] + dots.error_x.array[1] == pytest.approx(0.95)
    assert dots.x[1] - dots.error_x.arrayminus[1] == pytest.approx(0.8)
    assert dots.customdata[1] == ["90 % (80–95 %)", 80]
    assert describe_referrals(EVALUATION) == "Referred, of test photos: melanoma 90 % of 80, nevus 30 % of 500."
