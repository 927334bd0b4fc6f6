"""Both engines give the same numbers, on real photos and synthetic ones, from several threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from melanoma.explain import compute_gradcam
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.engines import KerasEngine, OnnxEngine
from melanoma.serving.prediction import calibrate_logits
from melanoma.training.onnx_export import (
    FAINT,
    MAP_TOLERANCE,
    PROBABILITY_TOLERANCE,
    compare_engines,
    convert_to_onnx,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported_file(run, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("export") / "model.onnx"
    path.write_bytes(convert_to_onnx(run.network_path))
    return path


@pytest.fixture(scope="module")
def exported(exported_file) -> OnnxEngine:
    return OnnxEngine(exported_file)


@pytest.fixture(scope="module")
def one_thread(exported_file) -> OnnxEngine:
    """As a folder of photos is asked: several callers, each on a thread of its own."""
    return OnnxEngine(exported_file, threads=1)


@pytest.fixture(scope="module")
def keras_engine(run) -> KerasEngine:
    return KerasEngine(run.network_path)


@pytest.fixture(scope="module")
def examples(run) -> np.ndarray:
    return np.stack([network_input(draw_example(seed=seed), run.input_size) for seed in range(6)])


@pytest.fixture(scope="module")
def real(run, data) -> np.ndarray:
    paths = sorted((data / "ham10000_600x450").glob("*.jpg"))[::12]
    return np.stack([network_input(read_photo(p.read_bytes()).pixels, run.input_size) for p in paths])


def test_engines_agree_on_real_photos(keras_engine, exported, real):
    difference = compare_engines(keras_engine, exported, real)
    assert len(real) == 13
    assert difference.probability < PROBABILITY_TOLERANCE
    assert difference.map < MAP_TOLERANCE


def test_engines_agree_on_synthetic_examples(keras_engine, exported, examples):
    difference = compare_engines(keras_engine, exported, examples)
    assert difference.probability < PROBABILITY_TOLERANCE
    assert difference.map < MAP_TOLERANCE


def test_maps_are_the_closed_form_of_the_features_before_the_pooling(run, exported, examples):
    import keras

    network = keras.saving.load_model(run.network_path, compile=False)
    features = keras.Model(network.inputs, network.get_layer("features").output)
    kernel, _ = network.get_layer("logits").get_weights()
    expected = compute_gradcam(features.predict_on_batch(examples.astype(np.float32)), kernel)
    maps = exported.forward(examples).maps
    peaks = expected.max(axis=(2, 3), keepdims=True)
    assert (
        np.abs(maps - expected) <= MAP_TOLERANCE * np.maximum(peaks, FAINT * peaks.max(axis=1, keepdims=True))
    ).all()


def test_closed_form_is_what_tf_keras_vis_computes(run, exported, examples):
    import keras
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    from melanoma.explain.split_network import keep_diagnoses

    network = keep_diagnoses(keras.saving.load_model(run.network_path, compile=False))
    gradcam = Gradcam(network, clone=False)
    maps = exported.forward(examples[:2]).maps
    strongest = maps.max(axis=(1, 2, 3))
    for code in range(9):
        maps_of_code = gradcam(
            CategoricalScore([code, code]),
            examples[:2].astype(np.float32),
            penultimate_layer="features",
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        reference = np.asarray(maps_of_code)
        for one in range(2):
            peak = max(reference[one].max(), FAINT * strongest[one])
            assert np.abs(reference[one] - maps[one, code]).max() <= MAP_TOLERANCE * peak


def test_a_network_without_global_pooling_has_no_maps(tmp_path):
    from melanoma.training.architectures import build_network

    network = build_network("baseline-cnn", input_size=32, classes=9)
    network.save(tmp_path / "model.keras")
    (tmp_path / "model.onnx").write_bytes(convert_to_onnx(tmp_path / "model.keras"))
    inputs = np.stack([network_input(draw_example(seed=3), 32)])
    reference = KerasEngine(tmp_path / "model.keras").forward(inputs)
    light = OnnxEngine(tmp_path / "model.onnx").forward(inputs)
    assert reference.maps is None
    assert light.maps is None
    np.testing.assert_allclose(light.logits, reference.logits, atol=1e-4)


@pytest.mark.parametrize("name", ["keras_engine", "exported", "one_thread"])
def test_threads_do_not_mix_their_photos(name, examples, request):
    engine = request.getfixturevalue(name)
    alone = [engine.forward(one[np.newaxis]).logits for one in examples]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda i: engine.forward(examples[i % len(examples)][np.newaxis]).logits, range(48)))
    for i, logits in enumerate(together):
        np.testing.assert_allclose(logits, alone[i % len(examples)], atol=1e-4)


def test_a_batch_answers_as_its_photos_do_one_by_one(keras_engine, exported, examples):
    for engine in (keras_engine, exported):
        outputs = engine.forward(examples)
        logits, maps = outputs.logits, outputs.maps
        assert logits.dtype == maps.dtype == np.float32
        assert (maps >= 0).all()
        single = np.concatenate([engine.forward(one[np.newaxis]).logits for one in examples])
        assert np.abs(calibrate_logits(logits, 1.0) - calibrate_logits(single, 1.0)).max() < 1e-4
