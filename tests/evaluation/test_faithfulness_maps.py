"""Maps of many photos at once are the maps that tf-keras-vis makes one by one; the report says what was measured."""

import numpy as np
import pytest
from melanoma.evaluation.faithfulness_cases import Cases
from melanoma.explain.faithfulness import PLACES
from scipy.stats import spearmanr

from melanoma.diagnoses import CODES
from melanoma.explain.heatmaps import DEFAULT_METHOD, Explainer, Method, closed_form
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example


@pytest.fixture(scope="module")
def explainer(run):
    return Explainer.open(run)


@pytest.fixture(scope="module")
def batched(explainer):
    from melanoma.evaluation.faithfulness_maps import BatchedMaps

    return BatchedMaps(explainer.network, explainer.temperature)


@pytest.fixture(scope="module")
def inputs(run):
    return np.stack([network_input(draw_example(seed), run.input_size) for seed in range(3)])


def test_one_pass_gives_what_tf_keras_vis_gives_for_each_photo(explainer, batched, inputs):
    asked = np.array([CODES.index("MEL"), CODES.index("NV"), CODES.index("BCC")])
    classes, maps = batched.single_pass(inputs, asked)
    np.testing.assert_array_equal(classes, asked)
    for method, values in maps.items():
        for i, pixels in enumerate(inputs):
            reference = explainer.heatmap(pixels, CODES[asked[i]], method)
            np.testing.assert_allclose(values[i], reference.values, atol=1e-4 * reference.peak, err_msg=method)


def test_likeliest_class_is_explained_where_none_is_asked(explainer, batched, inputs):
    logits, features = explainer.forward(inputs)
    classes, maps = batched.single_pass(inputs)
    np.testing.assert_array_equal(classes, logits.argmax(axis=1))
    closed = closed_form(features, explainer.kernel)[np.arange(len(inputs)), classes]
    np.testing.assert_allclose(maps[Method.GRADCAM], closed, atol=1e-4 * closed.max())
    assert closed.shape[1:] == explainer.grid == batched.grid
    assert maps[Method.LAYERCAM_FINE].shape[1] >= 2 * explainer.grid[0] - 1


def test_probabilities_are_the_explainers(explainer, batched, inputs):
    np.testing.assert_allclose(batched.probabilities(inputs), explainer.probabilities(inputs), atol=1e-5)


def test_scorecam_is_that_of_tf_keras_vis(explainer, batched, inputs):
    reference = explainer.heatmap(inputs[0], "MEL", Method.SCORECAM)
    values = batched.costly(Method.SCORECAM, inputs[:1], np.array([CODES.index("MEL")]))[0]
    np.testing.assert_allclose(values, reference.values, atol=1e-4 * reference.peak)


def test_smoothgrad_ranks_pixels_as_tf_keras_vis_does(explainer, batched, inputs):
    """Gradients at a pixel jump where rounding turns one of many ReLUs on or off: no two batch sizes agree fully."""
    reference = explainer.heatmap(inputs[0], "MEL", Method.SMOOTHGRAD)
    values = batched.costly(Method.SMOOTHGRAD, inputs[:1], np.array([CODES.index("MEL")]))[0]
    assert np.quantile(np.abs(values - reference.values), 0.999) < 0.02 * reference.peak
    assert spearmanr(values.ravel(), reference.values.ravel()).statistic > 0.999


@pytest.fixture(scope="module")
def measured():
    """The report of a small untrained network on drawn lesions."""
    import keras

    from melanoma.evaluation.faithfulness_report import Extent, report
    from melanoma.training.architectures import build

    keras.utils.set_random_seed(5)
    explainer = Explainer(build("baseline-cnn", size=64, classes=len(CODES)), list(CODES))
    n = 10
    images = np.stack([network_input(draw_example(seed), 64) for seed in range(n)])
    masks = np.zeros((n, PLACES, PLACES), bool)
    masks[:, PLACES // 4 : -PLACES // 4, PLACES // 4 : -PLACES // 4] = True
    groups = np.array([f"lesion {i // 2}" for i in range(n)])
    cases = Cases(images, masks, np.full(n, CODES.index("NV")), groups, {3: masks[3]})
    return report(explainer, cases, list(Method), Extent(sample=8, costly=5, viewed=3))


def test_report_states_how_many_photos_are_behind_each_figure(measured):
    assert (measured["photos"], measured["lesions"]) == (10, 5)
    assert measured["default_method"] == DEFAULT_METHOD
    assert set(measured["methods"]) == {*Method, "centre spot"}
    for method in Method:
        parts = measured["methods"][method]
        costly = method in (Method.SCORECAM, Method.SMOOTHGRAD)
        assert parts["all"]["photos"] == (5 if costly else 10)
        assert parts["deletion"]["photos"] == parts["insertion"]["photos"] == (5 if costly else 8)
        assert parts["randomised"]["photos"] == parts["stability"]["photos"] == (3 if costly else 8)
        assert parts["all"]["energy_inside_chance"]["value"] == pytest.approx(0.25, abs=0.01)


def test_every_other_method_is_compared_with_the_default_in_pairs(measured):
    for name, parts in measured["methods"].items():
        if name == DEFAULT_METHOD:
            assert "against_default" not in parts
            continue
        pair = parts["against_default"]
        assert pair["deletion"]["photos"] == (5 if name in ("scorecam", "smoothgrad") else 8)
        assert pair["deletion"]["low"] <= pair["deletion"]["value"] <= pair["deletion"]["high"]
    own, default = (measured["methods"][m]["deletion"]["auc"]["value"] for m in ("layercam", "gradcam"))
    assert measured["methods"]["layercam"]["against_default"]["deletion"]["value"] == pytest.approx(
        own - default, abs=1e-5
    )
