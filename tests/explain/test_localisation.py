"""Where a map lies, on maps and masks whose answer is known."""

import numpy as np
import pytest

from melanoma.explain.localisation import MASK_PLACES, make_centre_spot, measure_energy_inside, points_at_lesion


def lesion(share_of_side: float = 0.5) -> np.ndarray:
    """In the upper right corner, so that a transposed map is seen."""
    mask = np.zeros((MASK_PLACES, MASK_PLACES), bool)
    edge = round(MASK_PLACES * share_of_side)
    mask[:edge, -edge:] = True
    return mask


def test_all_energy_inside_is_one_and_outside_zero():
    mask = lesion()
    assert measure_energy_inside(mask.astype(float), mask) == 1
    assert measure_energy_inside((~mask).astype(float), mask) == 0
    assert measure_energy_inside(mask.T.astype(float), mask) == 0


def test_uniform_map_has_the_energy_of_chance():
    mask = lesion(0.3)
    assert measure_energy_inside(np.ones((7, 7)), mask) / mask.mean() == pytest.approx(1)


def test_empty_map_has_no_energy_and_misses():
    assert np.isnan(measure_energy_inside(np.zeros((7, 7)), lesion()))
    assert not points_at_lesion(np.zeros((7, 7)), np.ones((MASK_PLACES, MASK_PLACES), bool))


@pytest.mark.parametrize(("row", "column", "hit"), [(0, 3, True), (3, 0, False), (0, 0, False), (3, 3, False)])
def test_pointing_asks_where_the_highest_place_is(row, column, hit):
    grid = np.ones((4, 4))
    grid[row, column] = 2
    assert points_at_lesion(grid, lesion()) is hit


def test_centre_spot_is_round_and_highest_in_the_middle():
    spot = make_centre_spot(9)
    np.testing.assert_array_equal(spot, spot.T)
    assert np.unravel_index(spot.argmax(), spot.shape) == (4, 4)
    assert spot[4, 0] < 0.15 * spot[4, 4]
