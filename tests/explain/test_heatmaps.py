"""Heatmaps: equal to the reference, the same each time, honest when empty, in the right place."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from melanoma.charts import heatmaps as charts_explain
from melanoma.diagnoses import CODES
from melanoma.explain.heatmaps import (
    NEGLIGIBLE,
    Contrast,
    Explainer,
    Heatmap,
    Method,
    agreement,
    closed_form,
    heatmaps,
    in_photo,
    resample,
    scale_of,
)
from melanoma.photo.photos import Photo, read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.classifier import Classifier

PHOTOS = 3


@pytest.fixture(scope="session")
def explainer(run):
    return Explainer.open(run)


@pytest.fixture(scope="session")
def real_inputs(data, run):
    paths = sorted((data / "ham10000_600x450").glob("*.jpg"))[:PHOTOS]
    return [network_input(read_photo(path.read_bytes()).pixels, run.input_size) for path in paths]


@pytest.fixture(scope="session")
def drawn_input(run):
    return network_input(draw_example(), run.input_size)


def heatmap(values, code="MEL", method=Method.GRADCAM) -> Heatmap:
    return Heatmap.of(np.array(values, float), code, method, "features")


def test_closed_form_equals_tf_keras_vis_on_real_photos_for_every_class(explainer, real_inputs):
    for pixels in real_inputs:
        closed = explainer.heatmaps(pixels)
        # A map a hundred times fainter than the strongest, which no page draws (NEGLIGIBLE), is what rounding leaves of
        # 1,280 terms that cancel: there 1e-4 of a hundredth of the strongest peak is asked.
        floor = 0.01 * scale_of(closed)
        for code in CODES:
            reference = explainer.heatmap(pixels, code, Method.GRADCAM)
            assert np.abs(closed[code].values - reference.values).max() <= 1e-4 * max(reference.peak, floor), code


def test_split_network_gives_what_tf_keras_vis_gives_on_the_whole_network(explainer, drawn_input):
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    raw = {"seek_penultimate_conv_layer": False, "normalize_cam": False, "expand_cam": False}
    for code in ("MEL", "NV"):
        score = CategoricalScore([CODES.index(code)])
        seed = drawn_input[None].astype(np.float32)
        whole = np.asarray(Gradcam(explainer.network)(score, seed, explainer.layer, **raw))[0]
        split = explainer.heatmap(drawn_input, code)
        np.testing.assert_allclose(split.values, whole, atol=1e-4 * max(split.peak, 1e-6))


def test_prediction_carries_the_maps_that_the_explainer_makes(run, explainer):
    photo = Photo(draw_example(), "0" * 64, "PNG")
    prediction = Classifier.open(run).predict(photo)
    free, made = heatmaps(prediction), explainer.heatmaps(prediction.input)
    peak = scale_of(made)
    for code in CODES:
        np.testing.assert_allclose(free[code].values, made[code].values, atol=5e-3 * peak)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_gives_the_same_map_for_the_same_photo(explainer, drawn_input, method):
    np.random.seed(1)
    first = explainer.heatmap(drawn_input, "MEL", method)
    np.random.seed(2)
    second = explainer.heatmap(drawn_input, "MEL", method)
    np.testing.assert_allclose(first.values, second.values, rtol=1e-5, atol=1e-6 * first.peak)
    assert first.values.dtype == np.float32
    assert first.values.min() >= 0
    assert first.peak == first.values.max()
    assert first.method is method


def test_finer_layer_has_at_least_twice_the_resolution(explainer, drawn_input):
    coarse = explainer.heatmap(drawn_input, "NV", Method.LAYERCAM)
    fine = explainer.heatmap(drawn_input, "NV", Method.LAYERCAM_FINE)
    assert fine.values.shape[0] >= 2 * coarse.values.shape[0] - 1
    assert fine.layer != coarse.layer


def test_contrast_turns_its_sign_and_adds_up_to_the_difference_in_score(explainer, drawn_input):
    there = explainer.contrast(drawn_input, "MEL", "NV")
    back = explainer.contrast(drawn_input, "NV", "MEL")
    np.testing.assert_allclose(there.values, -back.values, atol=1e-5 * there.peak)
    logits = explainer.forward(drawn_input[None])[0][0]
    bias = explainer.network.layers[-1].bias.numpy()
    mel, nv = CODES.index("MEL"), CODES.index("NV")
    assert there.values.sum() == pytest.approx((logits - bias)[mel] - (logits - bias)[nv], abs=1e-3)


def test_contrast_of_a_diagnosis_with_itself_is_refused(explainer, drawn_input):
    with pytest.raises(ValueError, match="two different"):
        explainer.contrast(drawn_input, "MEL", "MEL")


def test_network_without_pooling_falls_back_to_its_last_convolution():
    import keras

    from melanoma.training.architectures import build

    keras.utils.set_random_seed(3)
    explainer = Explainer(build("baseline-cnn", size=64, classes=9), list(CODES))
    pixels = network_input(draw_example(), 64)
    assert explainer.kernel is None
    assert set(explainer.heatmaps(pixels)) == set(CODES)
    assert explainer.heatmap(pixels, "MEL").values.shape == (16, 16)
    assert explainer.heatmap(pixels, "MEL", Method.LAYERCAM_FINE).values.shape == (32, 32)


def test_closed_form_by_hand():
    features = np.zeros((2, 2, 2), np.float32)
    features[0, 0] = (4, 0)
    features[1, 1] = (0, 8)
    kernel = np.array([[1, -1], [0.5, 0]], np.float32)
    first, second = closed_form(features, kernel)
    np.testing.assert_allclose(first, [[1, 0], [0, 1]])
    assert not second.any()


def test_weak_or_absent_evidence_is_no_evidence():
    assert not heatmap(np.zeros((5, 5))).has_evidence(1.0)
    assert not heatmap(np.zeros((5, 5))).has_evidence(0.0)
    assert not heatmap(np.full((5, 5), 0.9 * NEGLIGIBLE)).has_evidence(1.0)
    assert heatmap(np.full((5, 5), 1.1 * NEGLIGIBLE)).has_evidence(1.0)


def test_figure_without_evidence_draws_no_map_and_says_so():
    empty = heatmap(np.zeros((5, 5)))
    figure = charts_explain.overlay(draw_example(), empty, scale_peak=1.0)
    assert len(figure.data) == 0
    assert "no positive evidence" in figure.layout.annotations[0].text
    assert charts_explain.describe(empty, 1.0).endswith("no positive evidence for this diagnosis.")


@pytest.mark.parametrize("mode", ["overlay", "contour"])
def test_figure_keeps_the_scale_it_is_given(mode):
    figure = charts_explain.overlay(draw_example(), heatmap([[0, 0.1], [0.2, 0.3]]), scale_peak=2.0, mode=mode)
    assert {(trace.zmin, trace.zmax) for trace in figure.data} == {(0, 2.0)}
    assert len(figure.to_json()) < 150_000


@pytest.mark.parametrize("mode", ["overlay", "contour", "nothing", "contrast"])
def test_figure_is_what_plotly_makes_of_it_when_it_looks_it_over(mode):
    """Drawing leaves Plotly's checks out for speed: here they are made, and must change nothing."""
    photo = draw_example()
    if mode == "contrast":
        signed = np.array([[0.5, -1.0], [0.25, 0.0]])
        figure = charts_explain.contrast_overlay(photo, Contrast(signed, 1.0, "MEL", "NV", "features"))
    elif mode == "nothing":
        figure = charts_explain.overlay(photo, heatmap(np.zeros((5, 5))), scale_peak=1.0)
    else:
        figure = charts_explain.overlay(photo, heatmap([[0, 0.1], [0.2, 0.3]]), scale_peak=2.0, mode=mode)
    looked_over = go.Figure(figure.to_dict())
    assert json.loads(figure.to_json()) == json.loads(looked_over.to_json())
    for each in (figure, looked_over):  # as the pages do, in the light theme
        each.update_layout(font_color="#40505A")
        each.update_xaxes(tickfont_color="#40505A", title_font_color="#40505A")
    assert json.loads(figure.to_json()) == json.loads(looked_over.to_json())


def test_large_photo_still_makes_a_small_figure():
    noise = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    figure = charts_explain.overlay(noise, heatmap(np.ones((7, 7))), scale_peak=1.0)
    assert len(figure.to_json()) < 160_000
    assert figure.layout.images[0].sizex == 4000


def test_map_lies_where_the_crop_lies():
    values = in_photo(np.array([[1.0, 2.0], [3.0, 4.0]]), width=600, height=450)
    assert values.shape == (450, 600)
    assert values.dtype == np.float32
    assert np.isnan(values[:, :75]).all()
    assert np.isnan(values[:, 525:]).all()
    assert np.isfinite(values[:, 75:525]).all()
    assert (values[0, 75], values[-1, 524]) == (1, 4)
    assert values[225, 299] == pytest.approx(2.5, abs=0.02)


def test_portrait_photo_has_its_crop_in_the_middle():
    values = in_photo(np.ones((3, 3)), width=300, height=401)
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
    values = in_photo(np.maximum(cells - 60, 0), 600, 450)
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
    values = in_photo(grid, width, height)
    seen = values[np.isfinite(values)]
    assert abs(len(seen) - min(width, height) ** 2) <= min(width, height)
    assert seen.min() >= grid.min() - 1e-6
    assert seen.max() <= grid.max() + 1e-6


def test_resampling_a_grid_at_its_own_centres_changes_nothing():
    grid = np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(resample(grid, (np.arange(4) + 0.5) / 4, (np.arange(3) + 0.5) / 3), grid)


def test_agreement_ranks_places():
    ramp = heatmap(np.arange(25).reshape(5, 5))
    assert agreement(ramp, heatmap(ramp.values**3)) > 0.99
    assert agreement(ramp, heatmap(ramp.values.max() - ramp.values)) == pytest.approx(-1)
    assert agreement(ramp, heatmap(np.ones((5, 5)))) == 0
