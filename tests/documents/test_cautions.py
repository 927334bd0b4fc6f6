"""What heads a report: each reason for care, and none where there is none."""

from dataclasses import replace

from predictions import POINT, make_prediction

from melanoma.documents.cautions import list_cautions
from melanoma.photo import GOOD, UNUSABLE, Assessment
from melanoma.serving.kinds import KindOfPhoto

GOOD_ONE = make_prediction(NV=0.97, MEL=0.01)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.97, MEL=0.01)


def titles(prediction, photos: int = 1) -> list[str]:
    return [caution.title for caution in list_cautions(prediction, photos)]


def test_a_good_dermoscopic_photo_has_none():
    assert titles(GOOD_ONE) == []


def test_the_gravest_comes_first():
    assert titles(replace(DARK, kind=KindOfPhoto("clinical"))) == ["Unusable photo.", "Clinical close-up."]


def test_of_several_photos_one_that_is_bad_is_named_and_how_many_count():
    lesion = replace(GOOD_ONE, photos=2, assessment=Assessment(GOOD, ("Photo 3: The photo is dark.",)))
    (caution,) = list_cautions(lesion, 3)
    assert str(caution) == (
        "Not every photo is good. Photo 3: The photo is dark. "
        "The answer rests on 2 of 3 photos: unusable ones are left out."
    )


def test_of_both_kinds_the_clinical_one_is_named():
    assert titles(replace(GOOD_ONE, photos=2, shows_both_kinds=True), 2) == ["A clinical close-up counts."]
