"""The rows of a worklist: worst first, one a lesion, decided at the operating point that is asked for."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from predictions import POINT, make_prediction

from melanoma.photo import DOUBTFUL, UNUSABLE, example_bytes, read_photo
from melanoma.run import RunError
from melanoma.serving import Classifier, answer_lesion
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.worklist import (
    THUMBNAIL,
    JudgedPhoto,
    WorklistRow,
    decide_at,
    judge_photo,
    make_rows,
    rank_rows,
)


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


def row(number: int, *reasons: str, quality: str = "good", **shares: float) -> WorklistRow:
    prediction = make_prediction(POINT, "high-sensitivity", *reasons, quality=quality, **shares)
    return WorklistRow((JudgedPhoto(number, f"{number}.jpg", prediction=prediction),), prediction)


def undecided(number: int) -> WorklistRow:
    prediction = replace(row(number, NV=0.95).prediction, decision="undecided")
    return WorklistRow((JudgedPhoto(number, f"{number}.jpg", prediction=prediction),), prediction)


UNREADABLE = WorklistRow((JudgedPhoto(3, "letter.jpg", problem="No photo."),), None, "No photo.")


def test_worst_first_and_what_could_not_be_judged_stands_above_what_is_routine():
    routine, likely, likelier = row(1, NV=0.99), row(2, NV=0.7), row(4, MEL=0.9)
    unusable = row(5, "The photo is dark.", quality=UNUSABLE, MEL=0.99)
    ranked = rank_rows([routine, likely, UNREADABLE, likelier, unusable, undecided(6)])
    assert [one.key for one in ranked] == ["4", "2", "6", "3", "5", "1"]
    assert [one.standing for one in ranked] == ["refer", "refer", "undecided", "not judged", "not judged", "routine"]


def test_of_two_alike_the_one_that_came_first_stands_first():
    assert [one.key for one in rank_rows([row(9, MEL=0.5), row(2, MEL=0.5)])] == ["2", "9"]


def test_a_doubtful_photo_is_referred_with_its_reason_and_never_below_what_is_routine():
    doubtful = row(1, "The photo is blurred.", quality=DOUBTFUL, NV=0.999)
    assert doubtful.standing == "refer"
    assert doubtful.reason == "The photo is blurred."
    assert rank_rows([row(2, NV=0.99), doubtful])[0] is doubtful


def test_no_figure_is_shown_of_a_photo_that_cannot_be_relied_on():
    assert row(1, "The photo is dark.", quality=UNUSABLE, NV=0.99).judged is None
    assert UNREADABLE.judged is None
    assert UNREADABLE.reason == "No photo."


def test_a_photo_is_judged_as_by_itself_and_of_its_pixels_a_thumbnail_is_kept(classifier):
    data = example_bytes(seed=2)
    judged = judge_photo(classifier, 7, "lesion.png", data)
    photo = read_photo(data)
    expected = classifier.predict(photo)
    assert (judged.number, judged.name, judged.sha256) == (7, "lesion.png", photo.sha256)
    np.testing.assert_array_equal(judged.prediction.probabilities, expected.probabilities)
    assert judged.prediction.decision == expected.decision
    assert judged.prediction.input.size == 0
    assert judged.prediction.maps is None
    picture = Image.open(io.BytesIO(judged.thumbnail))
    assert picture.size == (THUMBNAIL, THUMBNAIL)
    small = np.asarray(Image.fromarray(expected.input).resize(picture.size, Image.Resampling.LANCZOS), float)
    assert np.abs(np.asarray(picture, float) - small).mean() < 4


def test_what_is_no_photo_is_a_row_that_says_so(classifier):
    judged = judge_photo(classifier, 1, "letter.jpg", b"Dear colleague")
    assert judged.prediction is None
    assert "not a photo" in judged.problem
    (one,) = make_rows(classifier, [judged])
    assert one.standing == "not judged"


@pytest.mark.parametrize("point", ["high-sensitivity", "balanced", "melanoma-95"])
def test_rows_are_decided_at_the_operating_point_as_the_photo_itself_would_be(classifier, point):
    data = example_bytes(seed=4)
    expected = classifier.predict(read_photo(data), point)
    (one,) = make_rows(classifier, [judge_photo(classifier, 1, "a.png", data)], operating_point=point)
    assert (one.prediction.decision, one.prediction.score) == (expected.decision, expected.score)
    assert (one.prediction.point, one.prediction.operating_point) == (expected.point, point)


def test_an_unknown_operating_point_is_refused(classifier):
    prediction = judge_photo(classifier, 1, "a.png", example_bytes(seed=4)).prediction
    with pytest.raises(RunError, match="no operating point"):
        decide_at(classifier, prediction, "strict")


def test_photos_of_one_lesion_are_one_row_answered_as_one(classifier):
    photos = [judge_photo(classifier, n, f"{n}.png", example_bytes(seed=n)) for n in (1, 2, 3)]
    rows = make_rows(classifier, photos, {1: "left arm", 3: "left arm"}, "balanced")
    grouped = next(one for one in rows if one.lesion)
    assert (grouped.key, grouped.name) == ("1+3", "left arm: 1.png, 3.png")
    both = [decide_at(classifier, photos[n].prediction, "balanced") for n in (0, 2)]
    expected = answer_lesion(classifier, both, "balanced")
    np.testing.assert_array_equal(grouped.prediction.probabilities, expected.probabilities)
    assert grouped.prediction.decision == expected.decision
    assert [one.key for one in rows if not one.lesion] == ["2"]


def test_a_lesion_of_one_photo_is_a_photo(classifier):
    photo = judge_photo(classifier, 1, "a.png", example_bytes(seed=1))
    (one,) = make_rows(classifier, [photo], {1: "left arm"})
    assert (one.lesion, one.name) == ("", "a.png")


def test_a_photo_of_a_lesion_that_cannot_be_read_is_named(classifier):
    photos = [
        judge_photo(classifier, 1, "a.png", example_bytes(seed=1)),
        judge_photo(classifier, 2, "letter.jpg", b"Dear colleague"),
    ]
    (one,) = make_rows(classifier, photos, {1: "arm", 2: "arm"})
    assert one.prediction.photos == 1
    assert one.reason.startswith("Photo 2: This file is not a photo")


def test_a_lesion_that_the_run_cannot_answer_together_is_not_judged_and_says_why(classifier):
    photo = judge_photo(classifier, 1, "a.png", example_bytes(seed=1))
    other = replace(photo, number=2, prediction=replace(photo.prediction, kind=KindOfPhoto("clinical")))
    alone = replace(classifier, calibration=replace(classifier.calibration, pair=None))
    (one,) = make_rows(alone, [photo, other], {1: "arm", 2: "arm"})
    assert one.standing == "not judged"
    assert "pairs" in one.reason
