"""Maps of many photos at once are the maps that tf-keras-vis makes one by one."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from melanoma.diagnoses import CODES
from melanoma.explain import Method, compute_gradcam
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.prediction import calibrate_logits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def explainer(run):
    from melanoma.explain.explainer import Explainer

    return Explainer.open(run)


@pytest.fixture(scope="module")
def batched(explainer):
    from melanoma.explain.batched_maps import BatchedMaps

    return BatchedMaps(explainer.network, explainer.temperature)


@pytest.fixture(scope="module")
def inputs(run):
    return np.stack([network_input(draw_example(seed), run.input_size) for seed in range(3)])


def test_one_pass_gives_what_tf_keras_vis_gives_for_each_photo(explainer, batched, inputs):
    numbers = np.array([CODES.index("MEL"), CODES.index("NV"), CODES.index("BCC")])
    classes, maps = batched.single_pass(inputs, numbers)
    np.testing.assert_array_equal(classes, numbers)
    for method, values in maps.items():
        for i, pixels in enumerate(inputs):
            reference = explainer.make_heatmap(pixels, CODES[numbers[i]], method)
            np.testing.assert_allclose(values[i], reference.values, atol=1e-4 * reference.peak, err_msg=method)


def test_likeliest_class_is_explained_where_none_is_named(explainer, batched, inputs):
    logits, features = explainer.forward(inputs)
    classes, maps = batched.single_pass(inputs)
    np.testing.assert_array_equal(classes, logits.argmax(axis=1))
    closed = compute_gradcam(features, explainer.kernel)[np.arange(len(inputs)), classes]
    np.testing.assert_allclose(maps[Method.GRADCAM], closed, atol=1e-4 * closed.max())
    assert closed.shape[1:] == explainer.grid == batched.grid
    assert maps[Method.LAYERCAM_FINE].shape[1] >= 2 * explainer.grid[0] - 1


def test_probabilities_are_the_explainers(explainer, batched, inputs):
    expected = calibrate_logits(explainer.forward(inputs)[0], explainer.temperature)
    np.testing.assert_allclose(batched.probabilities(inputs), expected, atol=1e-5)


def test_scorecam_is_that_of_tf_keras_vis(explainer, batched, inputs):
    reference = explainer.make_heatmap(inputs[0], "MEL", Method.SCORECAM)
    values = batched.costly(Method.SCORECAM, inputs[:1], np.array([CODES.index("MEL")]))[0]
    np.testing.assert_allclose(values, reference.values, atol=1e-4 * reference.peak)


def test_smoothgrad_ranks_pixels_as_tf_keras_vis_does(explainer, batched, inputs):
    """Gradients at a pixel jump where rounding turns one of many ReLUs on or off: no two batch sizes agree fully."""
    reference = explainer.make_heatmap(inputs[0], "MEL", Method.SMOOTHGRAD)
    values = batched.costly(Method.SMOOTHGRAD, inputs[:1], np.array([CODES.index("MEL")]))[0]
    assert np.quantile(np.abs(values - reference.values), 0.999) < 0.02 * reference.peak
    assert spearmanr(values.ravel(), reference.values.ravel()).statistic > 0.999
