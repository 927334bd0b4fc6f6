"""The deletion test on a network that sees one thing only, so that the truth about it is known."""

import numpy as np
import pytest

from melanoma.explain import Heatmap, Method, blur_crop, run_deletion_test
from melanoma.explain.deletion_test import (
    RANDOM_MAPS,
    STEPS,
    blur,
    make_random_map,
    measure_areas,
    rank_places,
    replace_share,
    trace_curves,
)
from melanoma.explain.localisation import make_centre_spot

SIDE = 40


def ask(inputs: np.ndarray) -> np.ndarray:
    """How white the upper right quarter is, as the probability of the third diagnosis; of the fourth: the rest."""
    white = inputs[:, : SIDE // 2, SIDE // 2 :].mean(axis=(1, 2, 3)) / 255
    probabilities = np.zeros((len(inputs), 9))
    probabilities[:, 2], probabilities[:, 3] = white, 1 - white
    return probabilities


TRUE, FALSE = np.array([[0.0, 1], [0, 0]]), np.array([[0.0, 0], [1, 0]])


def heatmap(values: np.ndarray, code: str = "DF") -> Heatmap:
    return Heatmap.of(values, code, Method.GRADCAM, "features")


@pytest.fixture
def picture() -> np.ndarray:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[: SIDE // 2, SIDE // 2 :] = 255
    return pixels


def test_a_true_map_beats_a_false_one_and_chance(picture):
    true, false = (run_deletion_test(ask, picture, heatmap(values)) for values in (TRUE, FALSE))
    assert true.deletion.heatmap.auc < true.deletion.chance < false.deletion.heatmap.auc
    assert true.insertion.heatmap.auc > true.insertion.chance > false.insertion.heatmap.auc


def test_curves_run_from_the_whole_photo_to_the_blurred_one_and_back(picture):
    test = run_deletion_test(ask, picture, heatmap(TRUE))
    none = ask(blur(picture)[None])[0, 2]
    for curves, first, last in ((test.deletion, 1, none), (test.insertion, none, 1)):
        assert len(curves.random) == RANDOM_MAPS
        for curve in (curves.heatmap, *curves.random):
            np.testing.assert_allclose(curve.shares, np.linspace(0, 1, STEPS + 1))
            assert curve.probabilities[[0, -1]] == pytest.approx([first, last])


def test_the_curves_follow_the_diagnosis_of_the_map(picture):
    test = run_deletion_test(ask, picture, heatmap(TRUE, "MEL"))
    assert (test.diagnosis, test.method) == ("MEL", Method.GRADCAM)
    assert test.deletion.heatmap.probabilities[0] == 0
    assert test.deletion.heatmap.probabilities[-1] > 0.1


def test_random_maps_differ_from_each_other_and_are_the_same_each_time(picture):
    test = run_deletion_test(ask, picture, heatmap(TRUE), grid=(5, 4))
    again = run_deletion_test(ask, picture, heatmap(TRUE), grid=(5, 4))
    one, two, _ = (curve.probabilities for curve in test.deletion.random)
    assert (one != two).any()
    np.testing.assert_array_equal(one, again.deletion.random[0].probabilities)
    np.testing.assert_array_equal(make_random_map((5, 4), 3), make_random_map((5, 4), 3))


def test_progress_reaches_the_number_of_crops(picture):
    steps = []
    run_deletion_test(ask, picture, heatmap(TRUE), progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1] == (2 + 2 * (STEPS - 1) * (1 + RANDOM_MAPS),) * 2


def test_areas_of_many_maps_are_those_of_each_map_alone(picture):
    maps = [make_random_map((3, 3)), make_centre_spot(), TRUE]
    together = measure_areas(ask, picture, maps, 2)
    for values, areas in zip(maps, together, strict=True):
        [(deletion, insertion)] = trace_curves(ask, picture, [values], 2)
        np.testing.assert_allclose(areas, (deletion.auc, insertion.auc))


def test_blurring_a_share_of_the_crop_takes_the_most_marked_places(picture):
    white = picture[..., 0] > 0
    changed = blur_crop(ask, picture, heatmap(white.astype(float)), 0.25)
    assert (changed.before, changed.share) == (1, 0.25)
    assert changed.after < 0.95
    np.testing.assert_array_equal(changed.pixels[~white], picture[~white])
    np.testing.assert_array_equal(changed.pixels[white], blur(picture)[white])
    assert blur_crop(ask, picture, heatmap(FALSE), 0.25).after == 1
    np.testing.assert_array_equal(blur_crop(ask, picture, heatmap(TRUE), 0.0).pixels, picture)


def test_replacing_changes_the_highest_places_alone():
    first, last = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 9, np.uint8)
    changed = replace_share(first, last, rank_places(np.arange(16.0).reshape(4, 4), 4), 0.25)
    assert (changed[3] == 9).all()
    assert not changed[:3].any()
    assert not first.any()
