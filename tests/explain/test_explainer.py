"""The explainer: equal to tf-keras-vis and to the closed form, the same each time, right in sign."""

import numpy as np
import pytest

from melanoma.diagnoses import CODES
from melanoma.explain import Method, compute_gradcam, find_scale_peak, read_heatmaps
from melanoma.photo import Photo, draw_example
from melanoma.run import Run, RunError
from melanoma.serving import Classifier

pytestmark = pytest.mark.slow


def test_closed_form_equals_tf_keras_vis_for_every_class(explainer, crops):
    for pixels in crops:
        closed = explainer.make_heatmaps(pixels)
        # What is far below what any page draws (NEGLIGIBLE) is what rounding leaves of terms that cancel.
        floor = 0.01 * find_scale_peak(closed)
        for code in CODES:
            reference = explainer.make_heatmap(pixels, code, Method.GRADCAM)
            assert np.abs(closed[code].values - reference.values).max() <= 1e-4 * max(reference.peak, floor), code


def test_split_network_gives_what_tf_keras_vis_gives_on_the_whole_network(explainer, crops):
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.utils.scores import CategoricalScore

    raw = {"seek_penultimate_conv_layer": False, "normalize_cam": False, "expand_cam": False}
    for code in ("MEL", "NV"):
        score, seed = CategoricalScore([CODES.index(code)]), crops[:1].astype(np.float32)
        for method, reference in ((Method.GRADCAM, Gradcam), (Method.LAYERCAM, Layercam)):
            whole = np.asarray(reference(explainer.network)(score, seed, explainer.layer, **raw))[0]
            split = explainer.make_heatmap(crops[0], code, method)
            np.testing.assert_allclose(split.values, whole, atol=1e-4 * max(split.peak, 1e-6))


def test_prediction_carries_the_maps_that_the_explainer_makes(run):
    from melanoma.explain.explainer import Explainer

    prediction = Classifier.open(run).predict(Photo(draw_example(), "0" * 64, "PNG"))
    free, made = read_heatmaps(prediction), Explainer.open(run).make_heatmaps(prediction.input)
    peak = find_scale_peak(made)
    for code in CODES:
        np.testing.assert_allclose(free[code].values, made[code].values, atol=5e-3 * peak)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_gives_the_same_map_for_the_same_photo(explainer, crops, method):
    np.random.seed(1)
    first = explainer.make_heatmap(crops[0], "MEL", method)
    np.random.seed(2)
    second = explainer.make_heatmap(crops[0], "MEL", method)
    np.testing.assert_allclose(first.values, second.values, rtol=1e-5, atol=1e-6 * first.peak)
    assert first.values.dtype == np.float32
    assert first.values.min() >= 0
    assert first.peak == first.values.max()
    assert (first.method, first.diagnosis) == (method, "MEL")


@pytest.mark.parametrize("method", list(Method))
def test_maps_of_two_diagnoses_differ(explainer, crops, method):
    maps = [explainer.make_heatmap(crops[0], code, method).values for code in ("MEL", "NV")]
    assert np.abs(maps[0] - maps[1]).max() > 1e-3 * maps[0].max()


def test_finer_layer_has_at_least_twice_the_resolution(explainer, ensemble_explainer, crops):
    for one in (explainer, ensemble_explainer):
        coarse = one.make_heatmap(crops[0], "NV", Method.LAYERCAM)
        fine = one.make_heatmap(crops[0], "NV", Method.LAYERCAM_FINE)
        assert coarse.values.shape == one.grid == (8, 8)
        assert fine.values.shape == (16, 16)
        assert fine.layer != coarse.layer


def test_branches_of_an_ensemble_add_up_to_it(ensemble, crops):
    from melanoma.explain.split_network import split_branches

    branches = split_branches(ensemble)
    assert len(branches) == 2
    logits = [branch.predict_on_batch(crops.astype(np.float32)) for branch in branches]
    np.testing.assert_allclose(np.sum(logits, axis=0), ensemble.predict_on_batch(crops.astype(np.float32)), atol=1e-5)


def test_contrast_turns_its_sign_and_adds_up_to_the_difference_in_score(explainer, crops):
    there = explainer.make_contrast(crops[0], "MEL", "NV")
    back = explainer.make_contrast(crops[0], "NV", "MEL")
    np.testing.assert_allclose(there.values, -back.values, atol=1e-5 * there.peak)
    logits = explainer.forward(crops[:1])[0][0] - explainer.network.layers[-1].bias.numpy()
    mel, nv = CODES.index("MEL"), CODES.index("NV")
    assert there.values.sum() == pytest.approx(logits[mel] - logits[nv], abs=1e-4)
    assert there.peak == np.abs(there.values).max()
    assert (there.diagnosis, there.against) == ("MEL", "NV")


def test_contrast_of_a_diagnosis_with_itself_is_refused(explainer, crops):
    with pytest.raises(ValueError, match="two different"):
        explainer.make_contrast(crops[0], "MEL", "MEL")


def test_a_network_of_another_class_order_is_explained_in_its_own(network, explainer, crops):
    from melanoma.explain.explainer import Explainer

    turned = Explainer(network, CODES[::-1])
    there, here = turned.make_contrast(crops[0], "MEL", "NV"), explainer.make_contrast(crops[0], "PBK", "NV")
    assert (CODES[::-1].index("MEL"), CODES[::-1].index("NV")) == (CODES.index("PBK"), CODES.index("NV"))
    np.testing.assert_allclose(there.values, here.values, atol=1e-6)


def test_gradcam_reads_the_features_before_the_pooling(explainer, crops):
    logits, features = explainer.forward(crops)
    assert (logits.shape, features.shape) == ((3, 9), (3, 8, 8, 12))
    maps = compute_gradcam(features, explainer.kernel)
    np.testing.assert_allclose(maps[1, CODES.index("NV")], explainer.make_heatmaps(crops[1])["NV"].values, rtol=1e-5)


def test_network_without_pooling_falls_back_to_its_last_convolution(crops):
    import keras

    from melanoma.explain.explainer import Explainer

    keras.utils.set_random_seed(3)
    pixels = keras.Input((32, 32, 3))
    first = keras.layers.Conv2D(4, 3, 2, "same", activation="relu")(pixels)
    last = keras.layers.Conv2D(8, 3, 2, "same", activation="relu")(first)
    explainer = Explainer(keras.Model(pixels, keras.layers.Dense(9)(keras.layers.Flatten()(last))), CODES)
    assert explainer.kernel is None
    assert set(explainer.make_heatmaps(crops[0])) == set(CODES)
    assert explainer.make_heatmap(crops[0], "MEL").values.shape == (8, 8)
    assert explainer.make_heatmap(crops[0], "MEL", Method.LAYERCAM_FINE).values.shape == (16, 16)


def test_a_run_without_network_is_refused(tmp_path):
    from melanoma.explain.explainer import Explainer

    with pytest.raises(RunError, match="no network"):
        Explainer.open(Run(tmp_path))
