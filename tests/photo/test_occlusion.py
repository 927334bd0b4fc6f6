"""A region hidden by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from melanoma.photo.occlusion import occlude
from melanoma.photo.synthetic import draw_example


@pytest.mark.parametrize("how", ["filled", "blurred"])
def test_only_the_box_changes(how):
    photo = draw_example(width=200, height=150)
    hidden = occlude(photo, (60, 40, 140, 110), how)
    changed = (hidden != photo).any(axis=2)
    assert changed[40:110, 60:140].mean() > 0.5
    changed[40:110, 60:140] = False
    assert not changed.any()
    assert hidden.dtype == np.uint8


def test_filling_takes_a_dark_spot_out_of_even_skin():
    photo = np.full((100, 120, 3), (220, 170, 150), np.uint8)
    spotted = photo.copy()
    spotted[40:60, 50:70] = 20
    np.testing.assert_array_equal(occlude(spotted, (46, 36, 74, 64)), photo)


def test_blurring_keeps_the_colour_and_takes_the_structure():
    stripes = np.zeros((100, 100, 3), np.uint8)
    stripes[:, ::2] = 200
    hidden = occlude(stripes, (20, 20, 80, 80), "blurred")[20:80, 20:80]
    assert hidden.mean() == pytest.approx(100, abs=5)
    assert hidden.std() < 5


@pytest.mark.parametrize("box", [(-50, -50, -10, -10), (30, 30, 30, 60), (500, 10, 600, 20)])
def test_box_outside_the_photo_is_refused(box):
    with pytest.raises(ValueError, match="outside"):
        occlude(np.zeros((100, 120, 3), np.uint8), box)


def test_box_over_the_whole_photo_is_refused():
    with pytest.raises(ValueError, match="whole photo"):
        occlude(np.zeros((100, 120, 3), np.uint8), (-5, -5, 500, 500))


@settings(deadline=None)
@given(
    left=st.integers(-20, 79), top=st.integers(-20, 59), width=st.integers(21, 60), height=st.integers(21, 50),
    how=st.sampled_from(["filled", "blurred"]),
)  # fmt: skip
def test_any_box_that_touches_the_photo_gives_colours_found_in_it(left, top, width, height, how):
    photo = np.full((60, 80, 3), 90, np.uint8)
    if left <= 0 and top <= 0 and left + width >= 80 and top + height >= 60:
        return
    hidden = occlude(photo, (left, top, left + width, top + height), how)
    assert hidden.shape == photo.shape
    assert np.abs(hidden.astype(int) - 90).max() <= 1
