"""Training that looks at the lesion."""

import keras
import numpy as np
import pytest

from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.engines import KerasEngine
from melanoma.training.architectures import FEATURES, LOGITS, build_network
from melanoma.training.lesion_attention import LesionAttentionLoss, add_maps

pytestmark = pytest.mark.slow


def test_maps_are_the_closed_form_of_grad_cam(tmp_path):
    """Their positive part, over the number of cells, is what the app shows as Grad-CAM."""
    keras.utils.set_random_seed(1)
    network = build_network("efficientnet-lite0", input_size=64, classes=9)
    network.save(tmp_path / "model.keras")
    photo = network_input(draw_example(2), 64)[np.newaxis]
    out = add_maps(network).predict_on_batch(photo.astype(np.float32))
    outputs = KerasEngine(tmp_path / "model.keras").forward(photo)
    assert out["logits"] == pytest.approx(outputs.logits, abs=1e-4)
    shown = outputs.maps
    maps = np.maximum(out["maps"], 0).transpose(0, 3, 1, 2)
    assert shown.max() > 0
    assert maps / maps.shape[2] / maps.shape[3] == pytest.approx(shown, abs=1e-4 * float(shown.max()))


def test_loss_is_minus_the_logarithm_of_the_share_of_evidence_on_the_lesion():
    maps = np.zeros((3, 2, 2, 2), np.float32)
    maps[..., 0] = [[3, 1], [0, -9]]
    lesion = np.zeros_like(maps)
    lesion[0, 0, 0, 0] = 1  # a quarter of the cells, three quarters of the evidence
    lesion[1, ..., 0] = 1  # anywhere
    # the third photo has nowhere to look and is not counted
    loss = keras.ops.convert_to_numpy(LesionAttentionLoss(reduction=None)(lesion, maps))
    assert loss == pytest.approx([-np.log(0.75), 0, 0], abs=1e-3)
    without_evidence = keras.ops.convert_to_numpy(LesionAttentionLoss(reduction=None)(lesion, -np.abs(maps)))
    assert (without_evidence[:2] > 5).all()


def test_the_loss_moves_evidence_onto_the_lesion():
    """Photos whose upper border tells the class as well as the lesion does: only with the loss is it left."""
    rng = np.random.default_rng(1)
    labels = np.arange(64) % 2
    photos = rng.normal(0, 0.1, (64, 16, 16, 1)).astype(np.float32)
    photos[:, 6:12, 6:12] += labels[:, None, None, None]
    photos[:, :3] += labels[:, None, None, None]
    lesion = np.zeros((64, 16, 16, 2), np.float32)
    lesion[np.arange(64), ..., labels] = np.pad(np.ones((6, 6)), (6, 4))

    def share_inside(weight: float) -> float:
        keras.utils.set_random_seed(2)
        inputs = keras.layers.Input((16, 16, 1))
        x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
        x = keras.layers.Conv2D(16, 7, padding="same", activation="relu", name=FEATURES)(x)
        logits = keras.layers.Dense(2, name=LOGITS)(keras.layers.GlobalAveragePooling2D()(x))
        network = add_maps(keras.Model(inputs, logits))
        losses = {"logits": keras.losses.CategoricalCrossentropy(from_logits=True), "maps": LesionAttentionLoss()}
        network.compile(keras.optimizers.Adam(0.01), loss=losses, loss_weights={"logits": 1.0, "maps": weight})
        network.fit(photos, {"logits": np.eye(2)[labels], "maps": lesion}, epochs=30, batch_size=16, verbose=0)
        out = network.predict_on_batch(photos)
        assert np.mean(out["logits"].argmax(axis=1) == labels) > 0.95
        evidence = np.maximum(out["maps"], 0)[labels == 1, ..., 1]
        return float((evidence * lesion[labels == 1, ..., 1]).sum() / evidence.sum())

    assert share_inside(1.0) > share_inside(0.0) + 0.2
