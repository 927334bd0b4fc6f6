"""A plain spot has an outline; what is not plain has none."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from melanoma.photo.outline import find_outline, measure_overlap, trace_outline

SKIN, LESION = (225, 180, 160), (120, 70, 50)


def draw(*boxes: tuple[float, ...], lesion=LESION, skin=SKIN) -> np.ndarray:
    image = Image.new("RGB", (400, 300), skin)
    for box in boxes:
        ImageDraw.Draw(image).ellipse(box, lesion)
    noise = np.random.default_rng(0).normal(0, 3, (300, 400, 3))
    return (np.asarray(image) + noise).clip(0, 255).astype(np.uint8)


def ellipse(*box: float) -> np.ndarray:
    image = Image.new("L", (400, 300))
    ImageDraw.Draw(image).ellipse(box, 255)
    return np.asarray(image) > 0


SPOT = (140, 90, 260, 210)


def test_a_plain_spot_is_outlined():
    outline = find_outline(draw(SPOT))
    assert measure_overlap(outline, ellipse(*SPOT)) > 0.9
    border = np.array(trace_outline(outline))
    assert np.hypot(*(border - [200, 150]).T) == pytest.approx(60, abs=6)


def test_the_round_frame_of_a_dermatoscope_is_no_lesion():
    pixels = draw(SPOT)
    y, x = np.indices(pixels.shape[:2])
    pixels[np.hypot(x - 200, y - 150) > 190] = 5
    assert measure_overlap(find_outline(pixels), ellipse(*SPOT)) > 0.9


@pytest.mark.parametrize(
    "pixels",
    [
        draw(),
        draw((-80, 60, 160, 240)),
        draw((60, 100, 150, 190), (250, 100, 340, 190)),
        draw((190, 140, 210, 160)),
        np.full((300, 400, 3), 5, np.uint8),
    ],
    ids=["bare skin", "leaves the frame", "two spots", "tiny", "black"],
)
def test_what_is_not_plain_has_no_outline(pixels):
    assert find_outline(pixels) is None


def test_a_dark_spot_in_a_pale_one_has_no_outline():
    pixels, dark = draw((90, 40, 310, 260), lesion=(198, 152, 132)), ellipse(150, 100, 250, 200)
    pixels[dark] = draw((150, 100, 250, 200))[dark]
    assert find_outline(pixels) is None
