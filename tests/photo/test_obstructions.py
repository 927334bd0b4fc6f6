"""Ink and dark lines over a lesion are said; what a dermoscopic photo often holds is not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from melanoma.photo import DOUBTFUL, GOOD, Assessment, Photo, assess, draw_example, read_photo
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.obstructions import DARK_LINES, INK, MAY_BE_COVERED, find_ridges
from melanoma.serving import Classifier

PENS = {"violet": (75, 40, 130), "blue": (35, 55, 150), "green": (25, 110, 70), "red": (190, 25, 40)}
BLACK, BROWN = (20, 18, 20), (60, 38, 28)


def mark(pixels: np.ndarray, ink, draw_lines, softness: float = 0.003) -> np.ndarray:
    """The photo with what `draw_lines(pen, width, height)` draws on it, in this ink."""
    height, width = pixels.shape[:2]
    layer = Image.new("L", (width, height))
    draw_lines(ImageDraw.Draw(layer), width, height)
    cover = np.asarray(layer.filter(ImageFilter.GaussianBlur(height * softness)), np.float32)[..., None] / 255 * 0.9
    return (pixels * (1 - cover) + np.array(ink) * cover + 0.5).astype(np.uint8)


def ring(pen, width, height):
    x, y, r = width / 2, height / 2, height * 0.33
    pen.ellipse((x - r, y - r, x + r, y + r), outline=255, width=round(height * 0.035))


def strokes(pen, width, height):
    for row in (0.3, 0.4, 0.5, 0.6, 0.7):
        ends = (width * 0.3, height * row, width * 0.7, height * (row + 0.06))
        pen.line(ends, fill=255, width=round(height * 0.03))


def hair(pen, width, height):
    random = np.random.default_rng(1)
    for _ in range(20):
        start, stop = random.uniform(0, 1, (2, 2)) * (width, height)
        pen.line((*start, *stop), fill=255, width=round(height * 0.012))


@pytest.mark.parametrize("lines", [ring, strokes])
@pytest.mark.parametrize("ink", PENS)
@pytest.mark.parametrize("size", [(600, 450), (200, 150)])
def test_coloured_ink_makes_a_photo_doubtful(ink, lines, size):
    assessment = assess(mark(draw_example(0, *size), PENS[ink], lines))
    assert assessment.quality == DOUBTFUL
    assert INK in assessment.reasons


@pytest.mark.parametrize(("lines", "colour"), [(ring, BLACK), (strokes, BLACK), (hair, BROWN)])
def test_black_ink_and_dense_hair_make_a_photo_doubtful(lines, colour):
    assessment = assess(mark(draw_example(), colour, lines))
    assert (assessment.quality, assessment.reasons) == (DOUBTFUL, (DARK_LINES,))


@pytest.mark.parametrize("ink", [*PENS.values(), BLACK])
def test_a_short_stroke_may_be_ink_and_such_a_photo_is_not_called_routine(ink):
    def stroke(pen, width, height):
        pen.line((width * 0.3, height * 0.3, width * 0.62, height * 0.5), fill=255, width=round(height * 0.03))

    assessment = assess(mark(draw_example(5), ink, stroke))
    assert assessment.suspicions == (MAY_BE_COVERED,) or assessment.quality == DOUBTFUL


def blot(pen, width, height):
    x, y, r = width / 2, height / 2, height * 0.22
    pen.ellipse((x - r, y - r, x + r, y + r), fill=255)


def dots(pen, width, height):
    random = np.random.default_rng(4)
    for x, y in random.uniform((0.35, 0.25), (0.65, 0.35), (14, 2)) * (width, height):
        pen.ellipse((x - 3.6, y - 3.6, x + 3.6, y + 3.6), fill=255)


def spot(pen, width, height):
    pen.ellipse((width * 0.55, height * 0.3, width * 0.58, height * 0.34), fill=255)


@pytest.mark.parametrize("seed", [0, 5, 7])
@pytest.mark.parametrize(
    ("lines", "ink"),
    [
        (blot, BLACK),
        (blot, (70, 62, 66)),
        (dots, BLACK),
        (dots, (30, 20, 45)),
        (spot, PENS["red"]),
    ],
)
def test_a_blot_and_small_marks_may_be_ink(lines, ink, seed):
    assessment = assess(mark(draw_example(seed), ink, lines))
    assert (assessment.quality, assessment.suspicions) == (GOOD, (MAY_BE_COVERED,))


def test_black_dots_may_be_ink_where_the_light_is_blue_too():
    blue = np.clip(draw_example(7) * (1, 1, 1.4), 0, 255).astype(np.uint8)
    assert assess(blue) == Assessment(GOOD)
    assert assess(mark(blue, (22, 22, 25), dots)).suspicions == (MAY_BE_COVERED,)


def test_a_soft_red_blot_may_be_ink():
    def soft(pen, width, height):
        x, y, r = width / 2, height / 2, height * 0.16
        pen.ellipse((x - r, y - r, x + r, y + r), fill=255)

    assert assess(mark(draw_example(5), PENS["red"], soft, softness=0.03)).suspicions == (MAY_BE_COVERED,)


def test_a_brown_spot_is_a_nevus():
    assert assess(mark(draw_example(5), (85, 42, 12), blot)) == Assessment(GOOD)


@pytest.mark.parametrize("seed", range(4, 12))
def test_the_few_hairs_of_a_drawn_specimen_are_nothing(seed):
    assert assess(draw_example(seed, 200, 150)) == Assessment(GOOD)


def test_ink_and_a_ruler_at_the_border_are_nothing():
    def corner(pen, width, height):
        pen.ellipse((90, 15, 125, 50), fill=255)

    def ruler(pen, width, height):
        for x in range(80, width - 80, 20):
            pen.line((x, height - 12, x, height), fill=255, width=5)

    assert assess(mark(draw_example(), PENS["blue"], corner)).quality == GOOD
    assert assess(mark(draw_example(), BLACK, ruler)) == Assessment(GOOD)


@pytest.mark.parametrize("ink", [*PENS.values(), BLACK])
def test_a_marked_photo_is_never_routine(ink, run):
    classifier = Classifier.open(run)
    for seed in range(3):
        photo = Photo(mark(draw_example(seed), ink, ring), "", "PNG")
        assert classifier.predict(photo).decision == "refer"


def test_a_ridge_is_higher_than_both_sides_and_an_edge_is_none():
    line, edge = np.zeros((32, 32), np.float32), np.zeros((32, 32), np.float32)
    line[:, 15:17], edge[:, 16:] = 1, 1
    assert find_ridges(line, (4,))[16, 15] == 1
    assert find_ridges(edge, (4,)).max() == 0
    assert find_ridges(line, (1,))[16, 15] == 0  # wider than what it is compared with


def test_lab_is_that_of_the_standard():
    """CIE 15 with D65, as Lindbloom's calculator gives it."""
    colours = np.array([[[255, 255, 255], [255, 0, 0], [0, 0, 255], [10, 10, 10]]], np.uint8)
    expected = [[100, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86], [2.74, 0, 0]]
    np.testing.assert_allclose(np.moveaxis(convert_to_lab(colours), 0, 2)[0], expected, atol=0.02)


def test_ink_on_real_photos_is_seen_and_the_same_photos_without_it_pass(data):
    photos = [read_photo(path.read_bytes()).pixels for path in sorted((data / "ham10000_600x450").glob("*.jpg"))[::12]]
    assert len(photos) >= 10
    plain = [assess(pixels).reasons for pixels in photos]
    assert sum(INK in reasons or DARK_LINES in reasons for reasons in plain) <= 1
    for ink in PENS.values():
        assert np.mean([INK in assess(mark(pixels, ink, ring)).reasons for pixels in photos]) >= 0.9
