"""Skin darker than nearly all training photos show is a caution on the answer, and no fault of the photo."""

import numpy as np
import pytest

from melanoma.photo import GOOD, assess, draw_example
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.skin_tone import CAUTION, measure_skin_tone


def times(pixels: np.ndarray, factor: float) -> np.ndarray:
    return (pixels * factor).astype(np.uint8)


def test_the_typology_angle_is_that_of_chardon():
    """L* = 62.1, b* = 21.6 of this colour: arctan((62.1 - 50) / 21.6)."""
    plain = np.full((128, 128, 3), (190, 140, 112), np.uint8)
    lightness, _, yellow = convert_to_lab(plain)[:, 0, 0]
    assert measure_skin_tone(convert_to_lab(plain)) == pytest.approx(np.degrees(np.arctan((lightness - 50) / yellow)))
    assert 20 < measure_skin_tone(convert_to_lab(plain)) < 40


def test_a_lesion_and_a_vignette_do_not_make_skin_dark():
    lab = convert_to_lab(np.full((128, 128, 3), (222, 176, 158), np.uint8))
    dark = lab.copy()
    dark[:, 20:108, 20:108] = np.array([20, 5, 5])[:, None, None]  # the lesion
    dark[:, :10] = np.array([2, 0, 0])[:, None, None]  # the rim
    assert measure_skin_tone(dark) == pytest.approx(measure_skin_tone(lab))


def test_darker_skin_is_a_caution_and_changes_no_quality():
    for seed in range(3):
        light, dark = assess(draw_example(seed)), assess(times(draw_example(seed), 0.5))
        assert (light.quality, light.cautions) == (GOOD, ())
        assert (dark.quality, dark.reasons, dark.cautions) == (GOOD, (), (CAUTION,))


def test_a_photo_that_is_too_dark_says_nothing_of_skin():
    assert assess(times(draw_example(), 0.15)).cautions == ()
