"""Seams where what was decoded is out of place are seen; hairs, frames and borders of lesions are none."""

import numpy as np
import pytest

from melanoma.photo import draw_example
from melanoma.photo.seams import find_seam

EXAMPLE = draw_example(seed=3)


def shift(*, row: int, column: int = 0, by: tuple[int, int, int] = (12, 12, 12)) -> np.ndarray:
    """The example as behind a lost bit: from a block on, to the end, in another brightness or colour."""
    pixels = EXAMPLE.astype(int)
    pixels[row + 16 :] += by
    pixels[row : row + 16, column:] += by
    return np.clip(pixels, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("column", [0, 150, 300, 450])
@pytest.mark.parametrize("by", [(12, 12, 12), (-12, -12, -12), (0, -20, 10)], ids=["lighter", "darker", "coloured"])
def test_a_step_of_brightness_or_colour_is_seen_wherever_in_a_row_it_begins(turned, column, by):
    pixels = shift(row=200, column=column, by=by)
    assert find_seam(pixels.transpose(1, 0, 2) if turned else pixels)


def test_swapped_colours_at_the_end_are_seen():
    pixels = EXAMPLE.copy()
    pixels[420:] = pixels[420:, :, [2, 0, 1]]
    assert find_seam(pixels)


def test_what_a_lens_sees_is_no_seam():
    assert not any(find_seam(draw_example(seed)) for seed in range(6))
    ruler = EXAMPLE.copy()
    ruler[200:204] = (ruler[200:204] * 0.4).astype(np.uint8)  # a hair lies along a row, soft at both sides
    ruler[199] = ruler[204] = (EXAMPLE[199] * 0.7).astype(np.uint8)
    assert not find_seam(ruler)


def test_frames_are_no_seams():
    framed = EXAMPLE.copy()
    framed[:40] = framed[-40:] = 0
    framed[:, :60] = framed[:, -60:] = 255
    assert not find_seam(framed)
