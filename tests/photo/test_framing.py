"""A spot to one side of even skin, or a tiny one, is said; a lesion in the middle, or filling the frame, is not."""

import numpy as np
import pytest

from melanoma.photo import DOUBTFUL, GOOD, assess, draw_example
from melanoma.photo.framing import OFF_CENTRE, TOO_SMALL, describe_framing
from melanoma.photo.lab_colours import convert_to_lab

SKIN, BROWN = np.array([222, 176, 158]), np.array([130, 80, 54])


def skin_with(*spots: tuple[float, float, float], size: int = 384) -> np.ndarray:
    """Skin with round spots (left, top, radius), in shares of the side."""
    y, x = (np.indices((size, size)) + 0.5) / size
    random = np.random.default_rng(0)
    grain = random.normal(0, 3, (size // 3, size // 3, 1)).repeat(3, 0).repeat(3, 1)
    hues = random.normal(0, 2, (size // 12, size // 12, 3)).repeat(12, 0).repeat(12, 1)  # skin is not of one shade
    pixels = np.broadcast_to(SKIN, (size, size, 3)).astype(float)
    for left, top, radius in spots:
        pixels = np.where((np.hypot(x - left, y - top) < radius)[..., None], BROWN, pixels)
    return np.clip(pixels + grain + hues, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("spots", "reason"),
    [
        ([(0.12, 0.5, 0.09)], OFF_CENTRE),
        ([(0.9, 0.9, 0.09)], OFF_CENTRE),
        ([(0.5, 0.5, 0.03)], TOO_SMALL),
        ([(0.58, 0.45, 0.03)], TOO_SMALL),
    ],
)
def test_a_lesion_that_the_network_hardly_sees_makes_a_photo_doubtful(spots, reason):
    assessment = assess(skin_with(*spots))
    assert (assessment.quality, assessment.reasons) == (DOUBTFUL, (reason,))


@pytest.mark.parametrize(
    "spots",
    [
        [(0.5, 0.5, 0.15)],
        [(0.5, 0.5, 0.08)],
        [(0.4, 0.6, 0.2)],
        [(0.5, 0.5, 0.45)],  # fills the frame
        [(0.0, 0.5, 0.45)],  # is cut off, which is not looked for
        [(0.5, 0.5, 0.1), (0.1, 0.1, 0.08)],  # another beside it
    ],
)
def test_a_lesion_in_the_middle_is_good(spots):
    assert assess(skin_with(*spots)).quality == GOOD


def test_drawn_specimens_are_framed_well():
    for seed in range(4):
        assert describe_framing(convert_to_lab(draw_example(seed, 128, 128))) == ""
