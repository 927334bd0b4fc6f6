"""Hiding a region of a photo: the right place, and nothing else."""

import numpy as np
import pytest

from melanoma.explain import Region, run_region_test
from melanoma.photo import Photo, draw_example
from melanoma.serving import Classifier


@pytest.fixture(scope="module")
def classifier(run):
    return Classifier.open(run)


@pytest.fixture(scope="module")
def photo():
    """600 pixels wide, 450 high: the network sees columns 75 to 525."""
    return Photo(draw_example(3), "0" * 64, "PNG")


@pytest.mark.parametrize("how", ["filled", "blurred"])
def test_only_the_region_is_hidden(classifier, photo, how):
    test = run_region_test(classifier, photo, Region(left=0.2, top=0.5, right=0.4, bottom=0.9), how)
    changed = (test.pixels != photo.pixels).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows[0], rows[-1]) == (225, 404)
    assert (columns[0], columns[-1]) == (120, 239)
    assert test.reaches_crop


def test_hiding_the_lesion_moves_the_answer(classifier, photo):
    before = classifier.predict(photo)
    test = run_region_test(classifier, photo, Region(0.2, 0.1, 0.8, 0.9))
    assert np.abs(test.prediction.probabilities - before.probabilities).max() > 0.05


@pytest.mark.parametrize("region", [Region(0.0, 0.2, 0.12, 0.8), Region(0.88, 0.2, 1.0, 0.8)])
def test_a_region_beside_the_crop_moves_nothing(classifier, photo, region):
    test = run_region_test(classifier, photo, region)
    assert not test.reaches_crop
    np.testing.assert_array_equal(test.prediction.probabilities, classifier.predict(photo).probabilities)


def test_the_operating_point_is_the_one_named(classifier, photo):
    test = run_region_test(classifier, photo, Region(0.1, 0.1, 0.2, 0.2), operating_point="balanced")
    assert test.prediction.operating_point == "balanced"


def test_an_empty_region_and_the_whole_photo_are_refused(classifier, photo):
    for region in (Region(0.5, 0.5, 0.5, 0.6), Region(0, 0, 1, 1)):
        with pytest.raises(ValueError, match="box"):
            run_region_test(classifier, photo, region)


def test_a_region_in_pixels_and_back():
    region = Region(left=0.25, top=0.5, right=0.75, bottom=1.0)
    assert region.in_pixels(400, 100) == (100, 50, 300, 100)
    assert Region.from_pixels((300, 130, 100, 50), 400, 100) == region
