"""Augmentation makes another photograph of the same lesion."""

import numpy as np
import pytest
from PIL import Image

from melanoma.dataset import augmentation, clutter
from melanoma.photo.synthetic import draw_example


@pytest.fixture(scope="module")
def lesion() -> np.ndarray:
    return np.asarray(Image.fromarray(draw_example(3)).resize((96, 96)))


@pytest.mark.parametrize("size", [32, 96, 160])
def test_every_draw_is_a_picture_of_the_size_wanted(lesion, size):
    for seed in range(60):
        picture = augmentation.augment(lesion, size, np.random.default_rng(seed))
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8


def test_it_depends_on_the_generator_alone_and_leaves_its_input(lesion):
    before = lesion.copy()
    for seed in range(20):
        first = augmentation.augment(lesion, 64, np.random.default_rng(seed))
        assert np.array_equal(first, augmentation.augment(lesion, 64, np.random.default_rng(seed)))
    assert np.array_equal(lesion, before)
    draws = {augmentation.augment(lesion, 64, np.random.default_rng(seed)).tobytes() for seed in range(20)}
    assert len(draws) == 20


def test_without_strength_colours_are_only_resampled(lesion):
    """Turning, flipping and zooming a picture never makes a colour that it does not hold."""
    low, high = lesion.min(axis=(0, 1)), lesion.max(axis=(0, 1))
    for seed in range(40):
        picture = augmentation.augment(lesion, 96, np.random.default_rng(seed), strength=0)
        assert (picture >= low).all()
        assert (picture <= high).all()


def test_without_strength_a_flat_picture_stays_as_it_is():
    flat = np.full((64, 64, 3), (180, 120, 90), np.uint8)
    for seed in range(40):
        assert np.array_equal(augmentation.augment(flat, 64, np.random.default_rng(seed), strength=0), flat)


class Still:
    """A generator whose draws are the middle of the range: no zoom, stretch, shift, turn or clutter."""

    def __init__(self, quarter: int, flip: bool):
        self.quarter, self.draws = quarter, iter([0.9, 0.0 if flip else 0.9])

    def uniform(self, low, high, size=None):
        return np.zeros(size) if size else 0.0  # log of a zoom of 1; no shift

    def normal(self, mean, spread):
        return 0.0

    def integers(self, stop):
        return self.quarter

    def random(self):
        return next(self.draws)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("quarter", range(4))
def test_quarter_turns_and_flips_move_pixels_and_change_none(lesion, quarter, flip):
    picture = np.asarray(augmentation.View.draw(Still(quarter, flip)).frame(Image.fromarray(lesion), 96))
    ways = [np.rot90(side, k) for side in (lesion, lesion[:, ::-1]) for k in range(4)]
    errors = [np.abs(picture.astype(int) - way).max() for way in ways]
    assert min(errors) <= 1  # a turn by pi / 2 is exact but for the last bit


def test_quarter_turns_and_flips_reach_all_eight_orientations(lesion):
    pictures = {
        np.asarray(augmentation.View.draw(Still(q, f)).frame(Image.fromarray(lesion), 96)).tobytes()
        for q in range(4)
        for f in (False, True)
    }
    assert len(pictures) == 8


def test_photo_and_lesion_mask_are_framed_alike():
    """A dark disc and its mask, each through the same view, still cover the same places."""
    y, x = np.ogrid[:96, :96]
    disc = np.hypot(x - 60, y - 40) < 20
    photo = np.where(disc[..., None], 40, 200).astype(np.uint8).repeat(3, axis=2)
    mask = Image.fromarray((disc[::2, ::2] * 255).astype(np.uint8))
    for seed in range(30):
        view = augmentation.View.draw(np.random.default_rng(seed))
        seen = np.asarray(view.frame(Image.fromarray(photo), 64))[..., 0] < 120
        lesion = np.asarray(view.frame(mask, 64)) > 127
        assert np.mean(seen != lesion) < 0.03


def test_a_blank_photo_keeps_colour_and_loses_structure(lesion):
    everywhere = np.full((24, 24), 255, np.uint8)
    for seed in range(10):
        gone = augmentation.make_uninformative(lesion, everywhere, np.random.default_rng(seed)).astype(float)
        assert np.abs(np.diff(gone, axis=0)).max() < 0.25 * np.abs(np.diff(lesion.astype(float), axis=0)).max()
        assert np.abs(gone.mean(axis=(0, 1)) - lesion.mean(axis=(0, 1))).max() < 6


def test_blanking_the_lesion_leaves_the_skin_around_it(lesion):
    spot = np.zeros((24, 24), np.uint8)
    spot[8:16, 8:16] = 255
    changed = []
    for seed in range(12):
        gone = augmentation.make_uninformative(lesion, spot, np.random.default_rng(seed))
        changed.append((gone != lesion).any(axis=2))
    assert any(c.mean() > 0.9 for c in changed)  # the whole photo
    only = [c for c in changed if c.mean() < 0.6]
    assert only
    assert not any(c[:8].any() or c[:, :8].any() for c in only)


@pytest.mark.parametrize("draw", [clutter.draw_ink, clutter.draw_bubbles])
def test_drawn_clutter_covers_a_part_and_keeps_the_rest(draw):
    skin = Image.new("RGB", (96, 96), (205, 160, 140))
    shares = []
    for seed in range(20):
        cluttered = np.asarray(draw(skin, np.random.default_rng(seed)))
        shares.append(np.mean(np.abs(cluttered.astype(int) - np.asarray(skin)).max(axis=2) > 20))
    assert max(shares) < 0.5
    assert np.mean(np.array(shares) > 0) > 0.5
