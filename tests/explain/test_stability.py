"""Small changes of the view, and whether a map follows them."""

import numpy as np
import pytest

from melanoma.explain.stability import NUDGES, Nudge, measure_stability


@pytest.mark.parametrize("name", NUDGES)
def test_map_that_moves_with_the_lesion_is_stable(name):
    """A map that is the photo itself, before and after: all that is left is interpolation."""
    y, x = np.mgrid[:64, :64] / 64
    pixels = (255 * np.exp(-((x - 0.4) ** 2 + 2 * (y - 0.55) ** 2) / 0.1))[..., None].repeat(3, axis=2).astype(np.uint8)
    nudge = NUDGES[name]
    after = nudge.apply(pixels)[..., 0].astype(float)
    before = pixels[..., 0].astype(float)
    assert measure_stability(before, after, nudge) > 0.98
    assert measure_stability(before, before, nudge) < measure_stability(before, after, nudge)


def test_no_nudge_is_no_change():
    grid = np.random.default_rng(0).random((6, 6))
    assert measure_stability(grid, grid, Nudge()) == pytest.approx(1)
    assert np.isnan(measure_stability(grid, np.ones((6, 6)), Nudge()))


def test_a_shift_across_moves_columns():
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:, 10] = 255
    moved = Nudge(shift=(0.1, 0.0)).apply(pixels)
    assert (moved[:, 8] == 255).all()
    assert not moved[:, 10].any()


def test_turn_keeps_the_middle_and_goes_back():
    nudge = Nudge(turn=90)
    assert nudge.to_original(np.array(0.5), np.array(0.5)) == pytest.approx((0.5, 0.5))
    x, y = np.array([0.2, 0.9]), np.array([0.4, 0.6])
    np.testing.assert_allclose(nudge.from_original(*nudge.to_original(x, y)), (x, y))
