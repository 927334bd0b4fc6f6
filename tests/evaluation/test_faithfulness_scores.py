"""Scores of maps whose answer is known."""

import numpy as np
import pytest

from melanoma.evaluation.faithfulness_scores import correlate, count_passes, score_localisation
from melanoma.explain import Method
from melanoma.explain.localisation import MASK_PLACES
from melanoma.explain.stability import Nudge


def make_mask(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((MASK_PLACES, MASK_PLACES), bool)
    mask[rows, columns] = True
    return mask


def test_pointing_game_tells_rows_from_columns():
    """A lesion in the upper right corner: a map that points there hits, one that points to the lower left misses."""
    upper_right = make_mask(slice(0, MASK_PLACES // 3), slice(2 * MASK_PLACES // 3, None))
    there, across = np.zeros((2, 6, 9))
    there[1, 7] = across[4, 1] = 1
    scores = score_localisation([there, across], np.stack([upper_right] * 2))
    assert scores["pointing_game"].tolist() == [[1, 0]]
    assert scores["energy_to_area"][0, 0] > 5
    assert scores["energy_to_area"][0, 1] == 0


def test_each_map_is_held_against_its_own_mask():
    left, right = (make_mask(slice(None), part) for part in (slice(0, 56), slice(56, None)))
    maps = np.zeros((2, 4, 4))
    maps[0, 2, 0] = maps[1, 2, 3] = 1
    scores = score_localisation(maps, np.stack([left, right, left]))
    assert scores["pointing_game"].tolist() == [[1, 1]]
    assert score_localisation(maps, np.stack([right, left]))["pointing_game"].tolist() == [[0, 0]]


def test_an_empty_map_misses_and_has_no_energy():
    scores = score_localisation(np.zeros((1, 4, 4)), make_mask(slice(None), slice(None))[None])
    assert scores["pointing_game"].tolist() == [[0]]
    assert np.isnan(scores["energy_to_area"]).all()


def test_maps_are_correlated_in_pairs():
    first, second = np.random.default_rng(0).random((2, 6, 6))
    assert correlate(np.stack([first, second]), np.stack([first, second]), Nudge()) == pytest.approx([1, 1])
    assert max(correlate(np.stack([first, second]), np.stack([second, first]), Nudge())) < 0.9


@pytest.mark.slow
def test_passes_are_counted_before_they_are_made():
    maps = {Method.GRADCAM: np.zeros((8, 3, 3)), Method.LAYERCAM: np.zeros((8, 3, 3))}
    assert count_passes(maps, 4, 2) == 32  # one pass gives both
    costly = {Method.SCORECAM: np.zeros((3, 3, 3))}
    assert count_passes(maps | costly, 4, 2) == 32 + 2 * 3 * Method.SCORECAM.facts.passes
