"""A plain spot has an outline; what is not plain has none. Area and colour are compared only where a scale is tied."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from melanoma.photo.change import measure_change
from melanoma.photo.outline import find_outline, measure_overlap, trace_outline
from melanoma.photo.registration import Registration

SKIN, LESION = (225, 180, 160), (120, 70, 50)
SAME = np.array([[1.0, 0, 0], [0, 1, 0]])
AROUND = np.array([(20, 20), (380, 30), (30, 280), (370, 270), (200, 15), (200, 285)], float)


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


def test_growth_and_colour_are_measured_by_the_skin_around():
    earlier, later = draw(SPOT), draw((130, 80, 270, 220), lesion=(100, 60, 60))
    outlines = (ellipse(130, 80, 270, 220), ellipse(*SPOT))
    change = measure_change(later, earlier, outlines, Registration(SAME, AROUND, AROUND))
    assert change.area == pytest.approx((140 / 120) ** 2, rel=0.02)
    assert change.colour[0] < -3
    assert change.ties == 6


def test_even_growth_is_not_zoomed_away_by_places_on_the_lesion():
    # The lesion's own places say that the later photo is drawn larger; the skin's say that it is not.
    on_lesion = np.array([(180, 120), (220, 120), (180, 180), (220, 180)], float)
    grown = (on_lesion - [200, 150]) * 7 / 6 + [200, 150]
    outlines = (ellipse(130, 80, 270, 220), ellipse(*SPOT))
    places = Registration(SAME, np.concatenate([grown, AROUND]), np.concatenate([on_lesion, AROUND]))
    assert measure_change(draw(), draw(), outlines, places).area == pytest.approx((7 / 6) ** 2, rel=0.02)
    alone = Registration(SAME, grown, on_lesion)
    assert measure_change(draw(), draw(), outlines, alone) is None


def test_another_light_is_mostly_no_change_of_colour():
    earlier = draw(SPOT)
    darker = (0.85 * earlier).astype(np.uint8)
    outlines = (ellipse(*SPOT), ellipse(*SPOT))
    places = Registration(SAME, AROUND, AROUND)
    assert measure_change(earlier, earlier, outlines, places).colour_difference == 0
    assert measure_change(darker, earlier, outlines, places).colour_difference < 7


@pytest.mark.parametrize("by_hand", [True, False])
def test_points_by_hand_or_on_one_side_tie_no_scale(by_hand):
    places = AROUND if by_hand else np.array([(20 + n, 20 + 2 * n) for n in range(8)], float)
    outlines = (ellipse(*SPOT), ellipse(*SPOT))
    assert measure_change(draw(), draw(), outlines, Registration(SAME, places, places, by_hand=by_hand)) is None
