"""Training that looks at the lesion."""

import keras
import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.run import folder as runs
from melanoma.serving.engines import KerasEngine
from melanoma.training import architectures as networks
from melanoma.training import fit as training
from melanoma.training import lesion_loss as focus


def test_focused_maps_are_the_closed_form_of_grad_cam(run):
    """Their positive part, over the number of cells, is what the app shows as Grad-CAM."""
    photo = network_input(draw_example(2), run.input_size)[np.newaxis]
    network = focus.focused(keras.saving.load_model(run.network_path, compile=False))
    out = network.predict_on_batch(photo.astype(np.float32))
    logits, shown = KerasEngine(run.network_path).forward(photo)
    assert out["logits"] == pytest.approx(logits, abs=1e-4)
    maps = np.maximum(out["maps"], 0).transpose(0, 3, 1, 2)
    assert maps / maps.shape[2] / maps.shape[3] == pytest.approx(shown, abs=1e-4 * float(shown.max()))


def test_loss_is_minus_the_logarithm_of_the_share_of_evidence_on_the_lesion():
    maps = np.zeros((3, 2, 2, 2), np.float32)
    maps[..., 0] = [[3, 1], [0, -9]]
    lesion = np.zeros_like(maps)
    lesion[0, 0, 0, 0] = 1  # a quarter of the cells, three quarters of the evidence
    lesion[1, ..., 0] = 1  # anywhere
    # the third photo has nowhere to look and is not counted
    loss = keras.ops.convert_to_numpy(focus.OutsideLesion(reduction=None)(lesion, maps))
    assert loss == pytest.approx([-np.log(0.75), 0, 0], abs=1e-3)
    without_evidence = keras.ops.convert_to_numpy(focus.OutsideLesion(reduction=None)(lesion, -np.abs(maps)))
    assert (without_evidence[:2] > 5).all()


def test_focus_moves_evidence_onto_the_lesion():
    """Photos whose upper border tells the class as well as the lesion does: only the focused network leaves it."""
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
        x = keras.layers.Conv2D(16, 7, padding="same", activation="relu", name=networks.FEATURES)(x)
        logits = keras.layers.Dense(2, name=networks.LOGITS)(keras.layers.GlobalAveragePooling2D()(x))
        network = focus.focused(keras.Model(inputs, logits))
        losses = {"logits": keras.losses.CategoricalCrossentropy(from_logits=True), "maps": focus.OutsideLesion()}
        network.compile(keras.optimizers.Adam(0.01), loss=losses, loss_weights={"logits": 1.0, "maps": weight})
        network.fit(photos, {"logits": np.eye(2)[labels], "maps": lesion}, epochs=30, batch_size=16, verbose=0)
        out = network.predict_on_batch(photos)
        assert np.mean(out["logits"].argmax(axis=1) == labels) > 0.95
        evidence = np.maximum(out["maps"], 0)[labels == 1, ..., 1]
        return float((evidence * lesion[labels == 1, ..., 1]).sum() / evidence.sum())

    assert share_inside(1.0) > share_inside(0.0) + 0.2


def test_a_focused_run_logs_the_map_loss_resumes_and_opens_without_it(tmp_path):
    rng = np.random.default_rng(1)
    labels = np.arange(18) % 9
    material = training.Material(
        rng.integers(0, 255, (18, 64, 64, 3), np.uint8), labels, np.full((18, 8, 8), 255, np.uint8)
    )
    table = pd.DataFrame({"image_id": [f"p{i}" for i in range(18)], "diagnosis": [CODES[i] for i in labels]})
    table = table.assign(group=range(18), source="drawn", split="train")
    settings = training.Settings("efficientnet-lite0", 64, epochs=2, samples=16, batch_size=8, frozen=0.9, focus=1.0)
    folder = tmp_path / "run"
    training.new_run(folder, settings, table)

    def interrupt(done, of):
        if (folder / "history.csv").exists():
            raise KeyboardInterrupt

    assert training.fit(folder, settings, material, material, step=interrupt) == "interrupted"
    runs.write_json(folder / "run.json", runs.open_run(folder).facts | {"state": "training"})
    assert training.fit(folder, settings, material, material) == "finished"
    history = runs.open_run(folder).history
    assert history["epoch"].tolist() == [1, 2]
    assert {"accuracy", "diagnosis_loss", "map_loss", "loss"} <= set(history)
    kept = keras.saving.load_model(folder / "model.keras")
    assert kept.output_shape == (None, 9)
    assert kept.get_layer(networks.LOGITS).output.shape == (None, 9)
