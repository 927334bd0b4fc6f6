"""One geometry for training and serving: the centre square of the true frame, resized once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from melanoma.photo.preprocessing import batch, centre_square, network_input
from melanoma.photo.synthetic import draw_example


@given(width=st.integers(1, 5000), height=st.integers(1, 5000))
@settings(deadline=None)
def test_centre_square_is_square_centred_and_as_large_as_the_frame_allows(width, height):
    left, top, right, bottom = centre_square(width, height)
    assert right - left == pytest.approx(min(width, height))
    assert bottom - top == pytest.approx(min(width, height))
    assert (left + right) / 2 == pytest.approx(width / 2)
    assert (top + bottom) / 2 == pytest.approx(height / 2)
    assert min(left, top) >= 0 and right <= width and bottom <= height


@given(aspect=st.floats(0.25, 4), side=st.integers(16, 4000))
@settings(deadline=None)
def test_a_squashed_file_gives_the_same_part_of_the_scene_as_its_true_frame(aspect, side):
    true = centre_square(side * aspect, side)
    squashed = centre_square(side, side, aspect)
    shares = np.array(true) / (side * aspect, side, side * aspect, side)
    assert np.array(squashed) / side == pytest.approx(shares, abs=1e-9)


def test_what_lies_beside_the_centre_square_does_not_matter():
    pixels = draw_example(width=600, height=450).copy()
    before = network_input(pixels, 96)
    pixels[:, :75], pixels[:, 525:] = 0, 255
    # The resampling filter reaches over the edge of its box: two columns on each side may differ.
    assert np.array_equal(network_input(pixels, 96)[:, 2:-2], before[:, 2:-2])


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turning_the_photo_turns_the_input(turn):
    pixels = draw_example(width=600, height=450)
    turned = network_input(np.ascontiguousarray(np.rot90(pixels, turn)), 96)
    assert np.abs(turned.astype(int) - np.rot90(network_input(pixels, 96), turn)).max() <= 1


def test_squashed_and_true_copies_of_a_photo_give_nearly_the_same_input():
    photo = Image.fromarray(draw_example(width=800, height=600))
    squashed = np.asarray(photo.resize((600, 600), Image.Resampling.BICUBIC))
    difference = network_input(np.asarray(photo), 96).astype(int) - network_input(squashed, 96, aspect=4 / 3)
    assert np.abs(difference).mean() < 1.5
    unaware = network_input(np.asarray(photo), 96).astype(int) - network_input(squashed, 96)
    assert np.abs(unaware).mean() > 4, "the fixture shows the difference"


def test_shrinking_is_antialiased():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(network_input(stripes, 64).astype(int) - 128).max() <= 6


def test_size_is_as_asked_and_an_input_of_that_size_is_left_alone():
    pixels = draw_example(width=96, height=96)
    assert np.array_equal(network_input(pixels, 96), pixels)
    assert network_input(pixels, 31).shape == (31, 31, 3)


def test_batch_keeps_order_and_range():
    inputs = [np.full((8, 8, 3), value, np.uint8) for value in (0, 255, 7)]
    stacked = batch(inputs)
    assert stacked.shape == (3, 8, 8, 3) and stacked.dtype == np.float32
    assert stacked[:, 0, 0, 0].tolist() == [0.0, 255.0, 7.0]


def test_photos_that_networks_learn_from_are_resampled_at_once():
    pixels = draw_example(width=1022, height=767)
    box = centre_square(1022, 767)
    plain = Image.fromarray(pixels).resize((224, 224), Image.Resampling.BICUBIC, box=box)
    assert np.array_equal(network_input(pixels, 224), np.asarray(plain))


@pytest.mark.slow
def test_the_halving_of_large_photos_hardly_shows():
    pixels = draw_example(width=2400, height=1800)
    plain = Image.fromarray(pixels).resize((224, 224), Image.Resampling.BICUBIC, box=centre_square(2400, 1800))
    difference = np.abs(network_input(pixels, 224).astype(int) - np.asarray(plain).astype(int))
    assert difference.mean() < 1
    assert np.percentile(difference, 99) <= 4
