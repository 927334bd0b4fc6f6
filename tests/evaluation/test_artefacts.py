"""What is put on photos: real artefacts, and controls that change as much."""

import numpy as np
import pytest

from melanoma.evaluation.artefacts import (
    Piece,
    Placement,
    apply_pieces,
    place_pieces,
    replace_by_patches,
    shuffle_pieces,
)

SIZE = 48


def test_a_difference_is_added_and_ink_lets_through():
    grey = np.full((10, 10, 3), 100, np.uint8)
    difference = Placement(Piece(np.ones((2, 2, 3)), np.full((2, 2, 3), 40.0)), 3, 4)
    ink = Placement(Piece(np.full((1, 1, 3), 0.5), np.zeros((1, 1, 3))), 0, 0)
    result = apply_pieces(grey, [difference, ink])
    assert (result[3:5, 4:6] == 140).all()
    assert (result[0, 0] == 50).all()
    assert (result != 100).all(axis=2).sum() == 5
    assert (grey == 100).all()


def test_controls_change_as_much_in_the_same_window_without_the_form():
    offset = np.zeros((20, 30, 3))
    offset[5:9, ::2] = -60.0  # a comb
    placements = [Placement(Piece(np.ones_like(offset), offset), 6, 2)]
    grey = np.full((40, 40, 3), 120, np.uint8)
    real = 120 - apply_pieces(grey, placements).astype(int)
    noise = 120 - apply_pieces(grey, shuffle_pieces(placements, np.random.default_rng(0))).astype(int)
    patch = 120 - apply_pieces(grey, replace_by_patches(placements)).astype(int)
    for control in (noise, patch):
        outside = control.copy()
        outside[6:26, 2:32] = 0
        assert not outside.any()
        assert control.sum() == pytest.approx(real.sum(), rel=0.1)
        assert not np.array_equal(control, real)
    assert sorted(noise.ravel()) == sorted(real.ravel())
    assert len(np.unique(patch)) == 2


def test_pieces_stay_within_the_picture():
    rng = np.random.default_rng(0)
    long = Piece(np.ones((9, 200, 3)), np.full((9, 200, 3), 50.0))
    for _ in range(50):
        (placed,) = place_pieces([long], SIZE, rng)
        height, width = placed.piece.gain.shape[:2]
        assert max(height, width) == SIZE
        assert placed.top + height <= SIZE
        assert placed.left + width <= SIZE
