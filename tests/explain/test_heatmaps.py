"""Heatmaps: honest when empty, in the right place, compared by rank."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from melanoma.diagnoses import CODES
from melanoma.explain import (
    Contrast,
    Heatmap,
    Method,
    compute_gradcam,
    correlate,
    correlate_all,
    find_scale_peak,
    place_in_photo,
    read_heatmaps,
    resample,
)
from melanoma.explain.heatmaps import NEGLIGIBLE, add_maps, find_cell_centres
from melanoma.photo import Photo, draw_example, network_input
from melanoma.serving import Classifier


def heatmap(values, code="MEL", method=Method.GRADCAM) -> Heatmap:
    return Heatmap.of(np.array(values, float), code, method, "features")


def test_importing_the_room_loads_no_tensorflow():
    code = "import sys, melanoma.explain; print({'tensorflow', 'keras', 'tf_keras_vis'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


def test_gradcam_by_hand():
    features = np.zeros((2, 2, 2), np.float32)
    features[0, 0] = (4, 0)
    features[1, 1] = (0, 8)
    kernel = np.array([[1, -1], [0.5, 0]], np.float32)
    first, second = compute_gradcam(features, kernel)
    np.testing.assert_allclose(first, [[1, 0], [0, 1]])
    assert not second.any()


def test_heatmaps_of_a_prediction_are_its_maps_by_code(run):
    prediction = Classifier.open(run).predict(Photo(draw_example(), "0" * 64, "PNG"))
    maps = read_heatmaps(prediction)
    assert list(maps) == list(CODES)
    for i, (code, one) in enumerate(maps.items()):
        np.testing.assert_array_equal(one.values, prediction.maps[i])
        assert (one.diagnosis, one.method, one.peak) == (code, Method.GRADCAM, prediction.maps[i].max())
    assert find_scale_peak(maps) == prediction.maps.max()


def test_no_map_has_no_scale():
    assert find_scale_peak({}) == 0


def test_weak_or_absent_evidence_is_no_evidence():
    assert not heatmap(np.zeros((5, 5))).has_evidence(1.0)
    assert not heatmap(np.zeros((5, 5))).has_evidence(0.0)
    assert not heatmap(np.full((5, 5), 0.9 * NEGLIGIBLE)).has_evidence(1.0)
    assert heatmap(np.full((5, 5), 1.1 * NEGLIGIBLE)).has_evidence(1.0)


def test_a_contrast_says_which_share_of_the_crop_is_for_the_first():
    contrast = Contrast(np.array([[1.0, -2.0], [0.5, 0.25]]), 2.0, "MEL", "NV", "features")
    assert contrast.share_for == 0.75


def test_map_lies_where_the_crop_lies():
    values = place_in_photo(np.array([[1.0, 2.0], [3.0, 4.0]]), width=600, height=450)
    assert values.shape == (450, 600)
    assert values.dtype == np.float32
    assert np.isnan(values[:, :75]).all()
    assert np.isnan(values[:, 525:]).all()
    assert np.isfinite(values[:, 75:525]).all()
    assert (values[0, 75], values[-1, 524]) == (1, 4)
    assert values[225, 299] == pytest.approx(2.5, abs=0.02)


def test_portrait_photo_has_its_crop_in_the_middle():
    values = place_in_photo(np.ones((3, 3)), width=300, height=401)
    assert np.isfinite(values).sum() in (300 * 300, 300 * 301)
    assert np.isnan(values[:50]).all()


@pytest.mark.parametrize(("top", "left"), [(True, True), (True, False), (False, True), (False, False)])
def test_evidence_follows_the_only_lesion_into_its_corner(top, left):
    """The frame from end to end: corner of the photo -> network input -> grid -> photo."""
    photo = np.full((450, 600, 3), 220, np.uint8)
    y, x = (0 if top else 360), (75 if left else 435)
    photo[y : y + 90, x : x + 90] = 40
    darkness = 255 - network_input(photo, 160).mean(axis=2)
    cells = darkness.reshape(5, 32, 5, 32).mean(axis=(1, 3))
    values = place_in_photo(np.maximum(cells - 60, 0), 600, 450)
    assert np.isnan(values[:, :75]).all()
    assert np.isnan(values[:, 525:]).all()
    # The middle of the lesion is half a pixel off the middle of its cell, where the values peak.
    assert values[y + 45, x + 45] >= 0.98 * np.nanmax(values)
    far_y, far_x = 449 - (y + 45), 599 - (x + 45)
    assert (values[far_y, far_x], values[y + 45, far_x], values[far_y, x + 45]) == (0, 0, 0)


@settings(deadline=None)
@given(width=st.integers(32, 400), height=st.integers(32, 400), h=st.integers(1, 12), w=st.integers(1, 12))
def test_map_in_the_photo_stays_within_its_values_for_any_frame(width, height, h, w):
    grid = np.random.default_rng(h * 100 + w).random((h, w))
    values = place_in_photo(grid, width, height)
    seen = values[np.isfinite(values)]
    assert abs(len(seen) - min(width, height) ** 2) <= min(width, height)
    assert seen.min() >= grid.min() - 1e-6
    assert seen.max() <= grid.max() + 1e-6


def test_map_is_not_turned_or_mirrored():
    grid = np.zeros((8, 8))
    grid[2, 5] = 1
    frame = place_in_photo(grid, 300, 200)
    row, column = np.unravel_index(np.nanargmax(frame), frame.shape)
    assert (row, column) == (pytest.approx(200 * 2.5 / 8, abs=1), pytest.approx(50 + 200 * 5.5 / 8, abs=1))


def test_resampling_keeps_values_at_the_centres_of_cells():
    grid = np.random.default_rng(0).random((3, 5))
    np.testing.assert_allclose(resample(grid, find_cell_centres(5), find_cell_centres(3)), grid, rtol=1e-6)


def test_maps_of_two_grids_add_up_on_the_finer_one():
    fine, coarse = np.arange(16.0).reshape(4, 4), np.full((2, 2), 3.0)
    np.testing.assert_allclose(add_maps([coarse, fine]), fine + 3)


def test_agreement_is_of_ranks_and_zero_for_a_flat_map():
    grid = np.random.default_rng(0).random((7, 7))
    assert correlate(heatmap(grid), heatmap(grid * 3 + 1)) == pytest.approx(1)
    assert correlate(heatmap(grid), heatmap(1 - grid)) == pytest.approx(-1)
    assert correlate(heatmap(grid), heatmap(grid.T)) < 0.9
    assert correlate(heatmap(grid), heatmap(np.zeros((7, 7)))) == 0


def test_agreement_of_all_with_all_is_symmetric_in_their_order():
    maps = [heatmap(np.random.default_rng(seed).random((5, 5))) for seed in range(3)]
    table = correlate_all(maps)
    np.testing.assert_allclose(table, table.T)
    np.testing.assert_allclose(np.diag(table), 1)
    assert table[0, 2] == correlate(maps[0], maps[2])
