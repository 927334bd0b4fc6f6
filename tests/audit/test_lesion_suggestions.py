"""Which photos of a worklist may show one lesion: said, with the reason, and never more than a suggestion."""

from dataclasses import replace

import pytest
from predictions import make_prediction

from melanoma.audit.lesion_suggestions import SAME_NAME, SAME_PICTURE, strip_kind, suggest_lesions
from melanoma.photo import draw_example, network_input
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.worklist import JudgedPhoto, make_thumbnail


def photo(number: int, name: str, kind: str = "dermoscopic", seed: int | None = None) -> JudgedPhoto:
    crop = network_input(draw_example(number if seed is None else seed), 224)
    prediction = replace(make_prediction(NV=0.9), kind=KindOfPhoto(kind))
    return JudgedPhoto(number, name, thumbnail=make_thumbnail(crop), prediction=prediction)


def list_suggested(*photos: JudgedPhoto, grouped=()) -> list[tuple]:
    return [(one.numbers, one.reason) for one in suggest_lesions(photos, grouped)]


def test_a_dermoscopic_and_a_clinical_photo_of_one_name_are_a_pair():
    pair = photo(1, "arm/L12_derm.jpg"), photo(2, "arm/L12 clinical.png", "clinical")
    assert list_suggested(*pair, photo(3, "arm/L13_derm.jpg")) == [((1, 2), SAME_NAME)]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("L12_derm.jpg", "L12_clin.jpg", "dermoscopic"),  # both are seen as dermoscopic
        ("a/L12_derm.jpg", "b/L12_clin.jpg", "clinical"),  # of two patients' folders
        ("IMG_001.jpg", "IMG_002.jpg", "clinical"),
        ("L12_derm.jpg", "L13_clin.jpg", "clinical"),
    ],
)
def test_other_names_are_none(first, second, kind):
    assert list_suggested(photo(1, first), photo(2, second, kind)) == []


def test_almost_the_same_picture_is_a_pair_whatever_its_name():
    assert list_suggested(photo(1, "a.jpg", seed=5), photo(2, "b.jpg", seed=5), photo(3, "c.jpg")) == [
        ((1, 2), SAME_PICTURE)
    ]


def test_what_is_grouped_already_is_left_alone():
    pair = photo(1, "L12_derm.jpg"), photo(2, "L12_clin.jpg", "clinical")
    assert list_suggested(*pair, grouped={2}) == []


def test_photos_without_an_answer_are_left_alone():
    assert list_suggested(JudgedPhoto(1, "L1_derm.jpg"), photo(2, "L1_clin.jpg", "clinical")) == []


@pytest.mark.parametrize(
    ("name", "lesion"),
    [
        ("IL_0000652_derm.webp", "il 0000652"),
        ("Close-up left arm 3.JPG", "left arm 3"),
        ("dermatitis.jpg", "dermatitis"),
        ("derm.jpg", "derm"),
        ("Muster/back_clinical.jpg", "Muster/back".lower()),
    ],
)
def test_words_for_the_kind_are_no_part_of_the_lesions_name(name, lesion):
    assert strip_kind(name) == lesion
