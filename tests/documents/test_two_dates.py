"""What is said of two photos of one lesion: noise is not called change, and nothing is said that was not measured."""

import datetime
from dataclasses import replace

import numpy as np
import pytest
from predictions import make_prediction

from melanoma.documents import two_dates as words
from melanoma.photo.registration import Registration
from melanoma.serving.repeatability import Repeatability
from melanoma.sources import CLINICAL

DAY = datetime.date(2026, 3, 1)


def answer(*melanoma: float):
    """A photo whose views have these melanoma probabilities, the first of which is its own."""
    predictions = [make_prediction(MEL=value, BCC=0, SCC=0, AK=0) for value in melanoma]
    return predictions[0], Repeatability(np.stack([one.probabilities for one in predictions]))


def test_a_probability_stands_with_the_range_of_its_views():
    malignant, likely = words.write_answer(*answer(0.12, 0.06, 0.19))
    assert malignant == "Malignant **12 % (6–19 %)** · melanoma **12 % (6–19 %)**"
    assert likely.startswith("Most likely ")


def test_ranges_that_meet_are_no_change_and_no_proof_of_none():
    said = words.describe_difference(answer(0.12, 0.06, 0.19), answer(0.3, 0.18, 0.4))
    assert said.startswith("**The ranges meet.**")
    assert "does not show that nothing has changed" in said


@pytest.mark.parametrize(("before", "after", "way"), [(0.1, 0.4, "rose"), (0.4, 0.1, "fell")])
def test_ranges_that_part_say_how_often_they_part_without_a_change(before, after, way):
    said = words.describe_difference(answer(before, before + 0.05), answer(after, after + 0.05))
    assert f"malignancy probability {way}**" in said
    assert words.PARTED.percent() in said


def test_photos_of_two_kinds_or_without_an_answer_are_not_compared():
    one, views = answer(0.1, 0.2)
    clinical = (replace(one, kind=replace(one.kind, kind=CLINICAL)), views)
    assert words.describe_difference((one, views), clinical) == words.DIFFERENT_KINDS
    assert "cannot be compared" in words.describe_difference(None, (one, views))


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "same day"), (1, "1 day "), (30, "30 days "), (-1, "Swap")],
)
def test_dates_are_the_visitors_word(days, said):
    text = words.describe_interval(DAY, DAY + datetime.timedelta(days))
    assert said in text.replace("day lie", "day  lie")
    assert words.describe_interval(DAY, None) == ""


def test_how_the_photos_were_aligned():
    matrix = np.array([[0.0, -2.0, 0.0], [2.0, 0.0, 0.0]])
    places = np.zeros((14, 2))
    assert "by 14 places that agree" in words.describe_registration(Registration(matrix, places, places))
    by_hand = words.describe_registration(Registration(matrix, places[:2], places[:2], by_hand=True))
    assert "the points that you gave" in by_hand
    assert "turned by 90° and drawn at 200 %" in by_hand
