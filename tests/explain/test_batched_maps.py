"""Maps of many photos at once are the maps that tf-keras-vis makes one by one."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from melanoma.diagnoses import CODES
from melanoma.explain import Method, compute_gradcam
from melanoma.serving.prediction import calibrate_logits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["one network", "ensemble"])
def explainer(request, network, ensemble):
    from melanoma.explain.explainer import Explainer

    return Explainer(network if request.param == "one network" else ensemble, CODES, temperature=1.5)


@pytest.fixture(scope="module")
def batched(explainer):
    from melanoma.explain.batched_maps import BatchedMaps

    return BatchedMaps(explainer.network, explainer.temperature)


def test_one_pass_gives_what_tf_keras_vis_gives_for_each_photo(explainer, batched, crops):
    numbers = np.array([CODES.index("MEL"), CODES.index("NV"), CODES.index("BCC")])
    classes, maps = batched.make_single_pass_maps(crops, numbers)
    np.testing.assert_array_equal(classes, numbers)
    for method, values in maps.items():
        for i, pixels in enumerate(crops):
            reference = explainer.make_heatmap(pixels, CODES[numbers[i]], method)
            np.testing.assert_allclose(values[i], reference.values, atol=1e-4 * reference.peak, err_msg=method)


def test_likeliest_class_is_explained_where_none_is_named(explainer, batched, crops):
    logits, features = explainer.forward(crops)
    classes, maps = batched.make_single_pass_maps(crops)
    np.testing.assert_array_equal(classes, logits.argmax(axis=1))
    closed = compute_gradcam(features, explainer.kernel)[np.arange(len(crops)), classes]
    np.testing.assert_allclose(maps[Method.GRADCAM], closed, atol=1e-4 * closed.max())
    assert closed.shape[1:] == explainer.grid == batched.grid
    assert maps[Method.LAYERCAM_FINE].shape[1] >= 2 * explainer.grid[0] - 1


def test_probabilities_are_the_explainers(explainer, batched, crops):
    expected = calibrate_logits(explainer.forward(crops)[0], explainer.temperature)
    np.testing.assert_allclose(batched.predict(crops), expected, atol=1e-5)


def test_scorecam_is_that_of_tf_keras_vis(explainer, batched, crops):
    reference = explainer.make_heatmap(crops[0], "MEL", Method.SCORECAM)
    values = batched.make_costly_maps(Method.SCORECAM, crops[:1], np.array([CODES.index("MEL")]))[0]
    np.testing.assert_allclose(values, reference.values, atol=1e-4 * reference.peak)


def test_smoothgrad_ranks_pixels_as_tf_keras_vis_does(explainer, batched, crops):
    """Gradients at a pixel jump where rounding turns one of many ReLUs on or off: no two batch sizes agree fully."""
    reference = explainer.make_heatmap(crops[0], "MEL", Method.SMOOTHGRAD)
    values = batched.make_costly_maps(Method.SMOOTHGRAD, crops[:1], np.array([CODES.index("MEL")]))[0]
    assert np.quantile(np.abs(values - reference.values), 0.999) < 0.02 * reference.peak
    assert spearmanr(values.ravel(), reference.values.ravel()).statistic > 0.999
