"""Two photos of one lesion lie over each other; two lesions are not aligned; what a user gives wrongly is said."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from melanoma.dataset.augmentation import View
from melanoma.photo.registration import (
    AGREEING,
    Registration,
    RegistrationError,
    fit_similarity,
    invert,
    register,
    register_points,
)
from melanoma.photo.synthetic import draw_example

SIDE = 450
VIEWS = (
    View(zoom=0.8, stretch=1.0, angle=math.pi / 2, centre=(0.5, 0.5), flip=1),
    View(zoom=0.9, stretch=1.0, angle=-0.6, centre=(0.47, 0.52), flip=1),
)
TURNED = np.array([[0.0, -2.0, 100.0], [2.0, 0.0, 7.0]])  # by a quarter, twice as large


def square(seed: int = 0) -> np.ndarray:
    return np.asarray(Image.fromarray(draw_example(seed, 600, 600)).resize((SIDE, SIDE)))


def photograph_again(pixels: np.ndarray, view: View) -> np.ndarray:
    """Turned, zoomed, darker, and somewhat noisy."""
    framed = np.asarray(view.frame(Image.fromarray(pixels), SIDE)).astype(float) * 0.8 + 10
    return np.clip(framed + np.random.default_rng(1).normal(0, 2, framed.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("view", VIEWS)
def test_a_photo_is_laid_over_an_earlier_one(view):
    earlier = square()
    later = photograph_again(earlier, view)
    found = register(later, earlier)
    assert found.agreeing >= AGREEING
    assert found.zoom == pytest.approx(view.zoom, rel=0.02)
    laid = found.warp(later, SIDE, SIDE).astype(float)
    seen = found.warp(np.full((SIDE, SIDE), 255, np.uint8), SIDE, SIDE) > 0
    assert np.corrcoef(laid[seen].ravel(), earlier[seen].astype(float).ravel())[0, 1] > 0.97


def test_a_large_and_a_small_photo_are_aligned_in_their_own_pixels():
    earlier = square()
    later = np.asarray(Image.fromarray(earlier).resize((3 * SIDE, 3 * SIDE)))
    found = register(later, earlier)
    assert found.zoom == pytest.approx(1 / 3, rel=0.01)
    assert found.move(np.array([[3.0 * SIDE, 0.0]])) == pytest.approx(np.array([[SIDE, 0.0]]), abs=2)


def test_two_lesions_are_not_aligned():
    photos = [square(seed) for seed in range(4)]
    assert [register(photos[a], photos[b]) for a in range(4) for b in range(a)] == [None] * 6


def test_two_lesions_beside_the_same_ruler_are_not_aligned():
    def lay_ruler(pixels: np.ndarray) -> np.ndarray:
        image = Image.fromarray(pixels)
        draw = ImageDraw.Draw(image)
        for mark, letter in enumerate("MM 0 1 2 3 4 5 6 7 8 9 A K R S X"):
            draw.text((30 + 12 * mark, 396), letter, "black", font_size=18)
        return np.asarray(image)

    plain = np.random.default_rng(0).normal(200, 2, (2, SIDE, SIDE, 3)).astype(np.uint8)
    assert register(*map(lay_ruler, plain)) is None
    assert register(lay_ruler(square(1)), lay_ruler(square(2))) is None


def test_photos_without_anything_to_hold_on_to_are_not_aligned():
    assert register(np.full((100, 100, 3), 200, np.uint8), square()) is None


def test_two_points_or_three_give_turn_zoom_and_shift():
    places = np.array([(10.0, 10.0), (60.0, 20.0), (30.0, 70.0)])
    lie = places @ TURNED[:, :2].T + TURNED[:, 2]
    for count in (2, 3):
        found = register_points([*map(tuple, places[:count])], [*map(tuple, lie[:count])], (100, 200))
        assert found.matrix == pytest.approx(TURNED)
        assert (found.zoom, found.turn, found.by_hand) == (pytest.approx(2), pytest.approx(90), True)


def test_a_third_point_that_was_clicked_badly_moves_the_others_little():
    places = np.array([(0.0, 0.0), (90.0, 0.0), (0.0, 90.0)])
    lie = places + np.array([(0, 0), (0, 0), (0, 6)])
    assert fit_similarity(places, lie)[:, :2] == pytest.approx(np.eye(2), abs=0.05)


@pytest.mark.parametrize(
    ("moving", "fixed", "sentence"),
    [
        ([(1, 1)], [(1, 1)], "at least 2"),
        ([(1, 1), (90, 90)], [(1, 1)], "at least 2"),
        ([(1, 1), (2, 2)], [(1, 1), (90, 90)], "too close"),
        ([(1, 1), (90, 90)], [(1, 1), (1, 1)], "too close"),
    ],
)
def test_points_that_align_nothing_are_said(moving, fixed, sentence):
    with pytest.raises(RegistrationError, match=sentence):
        register_points(moving, fixed, (100, 100))


def test_a_mask_is_moved_with_its_photo():
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 30:40] = 1
    found = Registration(TURNED, np.empty((0, 2)), np.empty((0, 2)))
    moved = found.warp(mask, 200, 200)
    assert set(np.unique(moved)) == {0, 1}
    assert moved.sum() == pytest.approx(4 * mask.sum(), rel=0.1)
    assert (moved[75, 70], moved[75, 95]) == (1, 0)
    back = invert(TURNED)
    assert back[:, :2] @ TURNED[:, :2] == pytest.approx(np.eye(2))
