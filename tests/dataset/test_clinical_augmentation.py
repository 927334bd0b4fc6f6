"""Clinical augmentation varies what one study held constant, and keeps the lesion in sight."""

import numpy as np
import pytest
from PIL import Image

from melanoma.dataset import clinical_augmentation as clinical
from melanoma.dataset.augmentation import View
from melanoma.photo.synthetic import draw_example


@pytest.fixture(scope="module")
def lesion() -> np.ndarray:
    return np.asarray(Image.fromarray(draw_example(3)).resize((96, 96)))


@pytest.mark.parametrize("size", [32, 96, 160])
def test_every_draw_is_a_picture_of_the_size_wanted_and_depends_on_the_generator_alone(lesion, size):
    before = lesion.copy()
    for seed in range(40):
        picture = clinical.augment_clinical(lesion, size, np.random.default_rng(seed))
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8
        assert np.array_equal(picture, clinical.augment_clinical(lesion, size, np.random.default_rng(seed)))
    assert np.array_equal(lesion, before)


def test_without_strength_nothing_but_the_frame_changes():
    flat = np.full((64, 64, 3), (180, 120, 90), np.uint8)
    for seed in range(20):
        assert np.array_equal(clinical.augment_clinical(flat, 64, np.random.default_rng(seed), strength=0), flat)


def test_distance_reaches_further_than_in_dermoscopy_and_grows_with_strength():
    def reach(strength: float) -> tuple[float, float]:
        zooms = [clinical.draw_clinical_view(np.random.default_rng(seed), strength).zoom for seed in range(400)]
        return min(zooms), max(zooms)

    assert reach(0)[0] >= 0.6
    assert reach(0)[1] <= 1.1
    assert reach(1)[0] < 0.52
    assert 1.6 < reach(1)[1] < 1.72


def test_from_afar_the_lesion_is_seen_once_and_no_black_border_comes_in():
    """A green disc in the middle: its mirror images beyond the frame give way to skin or a background."""
    y, x = np.ogrid[:96, :96]
    photo = np.where((np.hypot(x - 48, y - 48) < 14)[..., None], (20, 250, 10), (215, 170, 150)).astype(np.uint8)
    far = View(zoom=1.7, stretch=1.0, angle=0.6, centre=(0.5, 0.5), flip=1)
    framed = far.frame(Image.fromarray(photo), 96)
    assert np.asarray(framed).min(axis=2).max() > 0
    for seed in range(12):
        seen = np.asarray(clinical.fill_surroundings(framed, 96, far, np.random.default_rng(seed))).astype(int)
        green = seen[..., 1] - seen[..., [0, 2]].max(axis=2) > 100
        assert 0.01 < green.mean() < 0.06
        assert green[32:64, 32:64].sum() == green.sum()


def test_darker_skin_keeps_its_order_and_loses_most_in_blue():
    skin = Image.new("RGB", (16, 16), (220, 180, 160))
    for seed in range(10):
        dark = np.asarray(clinical.darken_skin(skin, np.random.default_rng(seed)))[0, 0].astype(float)
        share = dark / (220, 180, 160)
        assert 1 > share[0] > share[1] > share[2] > 0.3


@pytest.mark.parametrize("degrade", [clinical.shake, clinical.add_noise])
def test_sharpness_and_noise_leave_the_brightness(lesion, degrade):
    for seed in range(10):
        worse = np.asarray(degrade(Image.fromarray(lesion), np.random.default_rng(seed))).astype(float)
        assert np.abs(worse - lesion).max() > 5
        assert abs(worse.mean() - lesion.mean()) < 4


def test_what_covers_a_side_leaves_the_middle_free(lesion):
    for seed in range(20):
        covered = np.asarray(clinical.cover_side(Image.fromarray(lesion), np.random.default_rng(seed)))
        changed = (covered != lesion).any(axis=2)
        assert not changed[38:58, 38:58].any()
        assert changed.any()
