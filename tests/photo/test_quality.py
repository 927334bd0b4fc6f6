"""The first quality gate flags what is plainly wrong, says why, and leaves real dermoscopy alone."""

import subprocess
import sys

import numpy as np
import pytest
from encodings_of_photos import encode
from PIL import Image, ImageFilter

from melanoma.photo.photos import read_photo
from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, assess, measure
from melanoma.photo.synthetic import draw_example


def blurred(pixels: np.ndarray, share: float) -> np.ndarray:
    """Out of focus: a Gaussian whose standard deviation is `share` of the shorter side."""
    radius = share * min(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def times(pixels: np.ndarray, factor: float) -> np.ndarray:
    return np.clip(pixels * float(factor), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def dermoscopy(data):
    """Full-size photographs, every sixth of the folder."""
    paths = sorted((data / "ham10000_600x450").rglob("*.jpg"))[::6]
    return [read_photo(path.read_bytes()).pixels for path in paths]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [(600, 450), (200, 150), pytest.param((1600, 1200), marks=pytest.mark.slow)])
def test_a_synthetic_example_is_good_without_reasons(seed, size):
    assessment = assess(draw_example(seed, *size))
    assert (assessment.quality, assessment.reasons) == (GOOD, ())


@pytest.mark.parametrize(
    ("spoil", "level", "reason"),
    [
        (lambda p: blurred(p, 0.03), UNUSABLE, "blurred"),
        (lambda p: times(p, 0.25), DOUBTFUL, "dark"),
        (lambda p: times(p, 0.1), UNUSABLE, "dark"),
        (lambda p: times(p, 6), UNUSABLE, "overexposed"),
        (lambda p: p[170:270, 240:360], DOUBTFUL, "100 pixels"),
        (lambda p: p[200:260, 270:330], UNUSABLE, "60 pixels"),
    ],
)
def test_each_defect_is_named_in_a_sentence(spoil, level, reason):
    assessment = assess(spoil(draw_example()))
    assert assessment.quality == level
    assert any(reason in sentence for sentence in assessment.reasons)
    assert all(sentence.startswith("The photo ") and sentence.endswith(".") for sentence in assessment.reasons)


def test_every_defect_is_named_and_the_worst_gives_the_level():
    assessment = assess(times(draw_example()[170:270, 240:360], 0.1))
    assert assessment.quality == UNUSABLE
    assert any("dark" in r for r in assessment.reasons) and any("small" in r for r in assessment.reasons)


@pytest.mark.parametrize("shade", [0, 255])
def test_a_blank_picture_is_unusable(shade):
    assert assess(np.full((300, 400, 3), shade, np.uint8)).quality == UNUSABLE


def test_noise_of_all_colours_is_not_skin():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    assert any("skin" in reason for reason in assess(noise).reasons)


def test_only_the_square_that_the_network_sees_counts():
    framed = np.zeros((450, 900, 3), np.uint8)
    framed[:, 150:750] = draw_example()
    assert assess(framed).quality == GOOD


def test_sharpness_does_not_follow_exposure():
    photo = draw_example()
    assert measure(times(photo, 0.5)).detail == pytest.approx(measure(photo).detail, rel=0.15)


def test_real_dermoscopy_passes(dermoscopy):
    levels = [assess(pixels).quality for pixels in dermoscopy]
    assert len(levels) >= 20
    assert levels.count(UNUSABLE) == 0
    assert levels.count(DOUBTFUL) <= 1


def test_spoilt_dermoscopy_is_flagged(dermoscopy):
    for spoil in (lambda p: blurred(p, 0.02), lambda p: times(p, 0.15)):
        flagged = [assess(spoil(pixels)).quality != GOOD for pixels in dermoscopy]
        assert np.mean(flagged) >= 0.95


def test_most_everyday_photographs_are_flagged_as_not_skin(data):
    paths = sorted((data / "everyday").glob("*.jpg"))[::5]
    reasons = [assess(read_photo(path.read_bytes()).pixels).reasons for path in paths]
    assert np.mean([any("skin" in reason for reason in found) for found in reasons]) >= 0.75


def test_gate_needs_no_tensorflow():
    imports = "import sys, melanoma.photo.quality, melanoma.photo.photos"
    code = f"{imports}; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_exchanged_colour_channels_make_a_photo_doubtful(order):
    for seed in range(4):
        assessment = assess(np.ascontiguousarray(draw_example(seed)[..., order]))
        assert assessment.quality == DOUBTFUL
        assert any("exchanged" in reason for reason in assessment.reasons)


def test_a_grey_photo_is_doubtful():
    grey = np.asarray(Image.fromarray(draw_example()).convert("L").convert("RGB"))
    assessment = assess(grey)
    assert assessment.quality == DOUBTFUL
    assert any("no colours" in reason for reason in assessment.reasons)


@pytest.mark.parametrize("tint", [(1.07, 1.0, 0.8), (1.2, 1.0, 0.7), (1.15, 0.95, 0.9)])
@pytest.mark.parametrize("quality", [75, 95])
def test_a_grey_photo_that_was_tinted_is_doubtful(tint, quality):
    grey = np.asarray(Image.fromarray(draw_example()).convert("L"), float)[..., None]
    data = encode(np.clip(grey * tint, 0, 255).astype(np.uint8), "JPEG", quality=quality)
    assessment = assess(read_photo(data).pixels)
    assert assessment.quality == DOUBTFUL
    assert any("one colour alone" in reason for reason in assessment.reasons)


@pytest.mark.parametrize("channel", [1, 2])
def test_a_photo_without_one_of_its_colours_is_doubtful(channel):
    pixels = draw_example().copy()
    pixels[..., channel] = 0
    assert any("one may be missing" in reason for reason in assess(pixels).reasons)


@pytest.mark.parametrize("paper", [225, 245])
def test_a_small_photo_on_a_page_is_doubtful(paper):
    page = np.full((600, 800, 3), paper, np.uint8)
    page[200:380, 280:520] = draw_example(width=240, height=180)
    assert any("of one plain colour" in reason for reason in assess(page).reasons)


@pytest.mark.parametrize(("size", "is_long"), [((1600, 400), True), ((400, 1600), True), ((930, 400), False)])
def test_a_long_picture_is_doubtful_and_a_telephones_is_not(size, is_long):
    photo = assess(draw_example(width=size[0], height=size[1]))
    assert any("long and narrow" in reason for reason in photo.reasons) == is_long


def test_colours_of_real_photos_are_seldom_doubted_and_exchanged_ones_mostly_are(dermoscopy):
    def doubted(photos) -> float:
        return float(np.mean([any("exchanged" in reason for reason in assess(one).reasons) for one in photos]))

    assert doubted(dermoscopy) <= 0.03
    assert doubted([np.ascontiguousarray(photo[..., ::-1]) for photo in dermoscopy]) >= 0.85


def test_brightness_weighs_red_above_blue():
    """ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue."""
    for channel, weight in enumerate((0.299, 0.587, 0.114)):
        picture = np.zeros((128, 128, 3), np.uint8)
        picture[..., channel] = 200
        assert measure(picture).brightness == pytest.approx(200 * weight, abs=0.5)


@pytest.mark.parametrize(("white", "quality"), [(0.25, GOOD), (0.35, DOUBTFUL), (0.75, DOUBTFUL), (0.85, UNUSABLE)])
def test_overexposure_is_judged_by_the_white_share(white, quality):
    photo = draw_example(0, 512, 512).copy()
    photo[: round(512 * white)] = 255
    assessment = assess(photo)
    overexposed = [reason for reason in assessment.reasons if "overexposed" in reason]
    assert bool(overexposed) is (quality != GOOD)
    assert (assessment.quality == UNUSABLE) is (quality == UNUSABLE)
