"""How far an answer moves when the same photo is turned and re-framed."""

import numpy as np
import pytest

from melanoma.photo import Photo, draw_example
from melanoma.serving import Classifier
from melanoma.serving.repeatability import (
    VIEWS,
    do_ranges_part,
    measure_repeatability,
    reframe,
    turn,
)


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture(scope="module")
def photo() -> Photo:
    return Photo(draw_example(), "0" * 64, "PNG")


def test_the_answer_itself_is_among_the_views(classifier, photo):
    prediction = classifier.predict(photo)
    views = measure_repeatability(classifier, photo, prediction.kind.kind)
    assert views.probabilities.shape == (VIEWS, 9)
    assert views.probabilities[0] == pytest.approx(prediction.probabilities, abs=1e-5)
    low, high = views.malignancy
    assert low < prediction.malignancy + 1e-5
    assert high > prediction.malignancy - 1e-5
    assert high > low


def test_a_turned_photo_has_nearly_the_same_views(classifier, photo):
    # The whole square is turned exactly. Smaller frames round to whole pixels, so that they differ a little.
    turned = Photo(np.ascontiguousarray(np.rot90(photo.pixels)), "1" * 64, "PNG")
    first, second = (measure_repeatability(classifier, one, "dermoscopic").malignancy for one in (photo, turned))
    assert second == pytest.approx(first, abs=0.02)


def test_views_are_turned_mirrored_and_cut_at_each_corner():
    pixels = np.zeros((90, 120, 3), np.uint8)
    pixels[:10, 15:25] = 255  # the corner of the centre square
    frames = reframe(pixels, 60)
    assert [frame.shape for frame in frames] == [(60, 60, 3)] * 5
    assert [bool(frame[2, 2].min() > 128) for frame in frames] == [True, True, False, False, False]
    corners = {tuple(int(view[y, x].min() > 128) for y in (2, -3) for x in (2, -3)) for view in turn(frames[0])}
    assert corners == {(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)}


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [((0.1, 0.2), (0.3, 0.4), True), ((0.3, 0.4), (0.1, 0.2), True), ((0.1, 0.3), (0.3, 0.4), False)],
)
def test_ranges_part_where_they_have_no_value_in_common(one, other, part):
    assert do_ranges_part(one, other) is part
