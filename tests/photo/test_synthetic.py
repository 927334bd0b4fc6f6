"""The drawn specimen stands in for a photo wherever a real one may not be."""

import inspect
import io

import numpy as np
import pytest
from PIL import Image

from melanoma.photo.synthetic import draw_example, example_bytes


def test_same_arguments_same_picture_other_seed_another():
    draw_anew = inspect.unwrap(draw_example)  # tests keep what was drawn
    assert np.array_equal(draw_anew(seed=3), draw_anew(seed=3))
    assert example_bytes(seed=3) == example_bytes(seed=3)
    assert np.abs(draw_example(seed=3).astype(int) - draw_example(seed=4)).mean() > 5


@pytest.mark.parametrize(("width", "height"), [(600, 450), (450, 600), (32, 32), (201, 77)])
def test_size_is_as_asked(width, height):
    pixels = draw_example(width=width, height=height)
    assert pixels.shape == (height, width, 3) and pixels.dtype == np.uint8


def test_bytes_are_a_png_of_the_same_picture_without_metadata():
    image = Image.open(io.BytesIO(example_bytes(seed=1)))
    assert image.format == "PNG" and not image.info
    assert np.array_equal(np.asarray(image), draw_example(seed=1))


@pytest.mark.parametrize("seed", range(5))
def test_it_looks_like_a_dark_lesion_in_the_middle_of_warm_skin(seed):
    pixels = draw_example(seed=seed).astype(float)
    brightness = pixels.mean(axis=2)
    skin = np.concatenate([brightness[:60].ravel(), brightness[-60:].ravel()])
    assert np.median(brightness[150:300, 225:375]) < np.median(skin) - 40
    red, green, blue = np.median(pixels[:60].reshape(-1, 3), axis=0)
    assert red > green > blue
    lesion = brightness < np.median(skin) - 40
    assert 0.05 < lesion.mean() < 0.4
    assert (lesion != lesion[:, ::-1]).sum() > 0.1 * lesion.sum(), "not symmetrical"


def test_it_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="read-only"):
        draw_example(width=64, height=64)[0, 0] = 0
