"""A tiny network is trained: what is logged, which epoch is kept, and what an interruption leaves."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.run import open_run
from melanoma.serving.keras_outputs import predict_logits
from melanoma.training.checkpoint import CHECKPOINTS, read_checkpoint
from melanoma.training.fitting import fit_run, keep_untrained, validate
from melanoma.training.photo_set import PhotoSet
from melanoma.training.run_files import start_run
from melanoma.training.trainable_network import compile_network

pytestmark = pytest.mark.slow

TIMES = ["seconds"]


def train_run(folder, settings, photos, table, validation=None, **options):
    """A run that has been fitted, whatever its state then is."""
    start_run(folder, settings, table)
    fit_run(folder, settings, photos, validation or photos, **options)
    return open_run(folder)


def test_training_learns_logs_each_epoch_and_writes_checksums(tmp_path, settings, photos, table):
    folder = tmp_path / "run"
    start_run(folder, settings, table)
    assert open_run(folder).state == "training"
    state = fit_run(folder, settings, photos, photos)

    run = open_run(folder)
    assert state == run.state == "finished"
    assert run.history["epoch"].tolist() == [1, 2, 3]
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"} <= set(run.history)
    assert run.history["val_balanced_accuracy"].max() > 0.5  # chance is 0.11
    assert run.facts.epochs == 3
    assert not (folder / CHECKPOINTS).exists()
    network = keras.saving.load_model(run.network_path)
    assert run.network_path.stat().st_size < 1.2 * 4 * network.count_params() + 100_000, "an optimiser is in it"


@pytest.mark.parametrize("monitor", ["val_balanced_accuracy", "val_loss"])
def test_the_network_of_the_best_epoch_is_kept(tmp_path, settings, photos, table, monitor):
    """The validation labels are turned wrong after the second of four epochs, so that this one is the best."""
    validation = replace(photos, labels=photos.labels.copy())

    def report(row):
        if row["epoch"] == 2:
            validation.labels[:] = (validation.labels + 1) % 9

    settings = replace(settings, monitor=monitor, epochs=4)
    run = train_run(tmp_path / "run", settings, photos, table, validation, report=report)
    column = run.history[monitor]
    assert (column.idxmin() if monitor == "val_loss" else column.idxmax()) == 1
    assert (run.facts.best.epoch, run.facts.best.value) == (2, column[1])
    kept = validate(keras.saving.load_model(run.network_path), photos)
    for name, value in kept.items():
        assert value == pytest.approx(run.history[name][1], abs=2e-4)  # kernels were rounded to half precision


def test_averaging_leaves_the_training_as_it_is(tmp_path, settings, photos, table):
    """The averaged weights are validated and kept; the training itself goes on from the raw ones."""
    runs = {
        decay: train_run(tmp_path / f"decay {decay}", replace(settings, ema_decay=decay), photos, table)
        for decay in (0.0, 0.9)
    }
    without, averaged = (runs[decay].history for decay in (0.0, 0.9))
    for column in ("loss", "accuracy"):
        np.testing.assert_allclose(averaged[column], without[column], rtol=1e-4)
    assert not np.allclose(averaged["val_loss"], without["val_loss"], rtol=0.01)


def test_the_averaged_weights_are_what_is_kept(tmp_path, settings, photos, table):
    def interrupt(done, of):
        if (folder / "history.csv").exists():
            raise KeyboardInterrupt

    folder = tmp_path / "run"
    run = train_run(folder, settings, photos, table, step=interrupt)
    last, average = read_checkpoint(folder)
    kept = keras.saving.load_model(run.network_path)
    for value, mean in zip(kept.get_weights(), average, strict=True):
        np.testing.assert_array_equal(value, mean)
    assert any(not np.allclose(raw, mean) for raw, mean in zip(last.get_weights(), average, strict=True))


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path, settings, photos, table):
    """Stopped in the middle of each epoch in turn."""
    settings = replace(settings, ema_decay=0.9)
    folder = tmp_path / "stopped"

    def interrupt_at(epoch: int):
        def step(done, of):
            rows = len(pd.read_csv(folder / "history.csv")) if (folder / "history.csv").exists() else 0
            if rows == epoch - 1 and done == 5:
                raise KeyboardInterrupt

        return step

    start_run(folder, settings, table)
    for epoch in (1, 2, 3):
        assert fit_run(folder, settings, photos, photos, step=interrupt_at(epoch)) == "interrupted"
        run = open_run(folder)
        assert (run.state, len(run.history)) == ("interrupted", epoch - 1)
        assert (run.network_path is None) == (epoch == 1)
    assert fit_run(folder, settings, photos, photos) == "finished"
    stopped = open_run(folder)
    whole = train_run(tmp_path / "whole", settings, photos, table)
    assert stopped.history["epoch"].tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(stopped.history.drop(columns=TIMES), whole.history.drop(columns=TIMES), rtol=1e-4)
    networks = (keras.saving.load_model(run.network_path) for run in (stopped, whole))
    for one, other in zip(*(network.get_weights() for network in networks), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_network_that_is_kept_untrained_is_validated_as_epoch_0(tmp_path, settings, photos, table):
    network = compile_network(settings, steps=2)
    start_run(tmp_path / "run", settings, table)
    row = keep_untrained(tmp_path / "run", network, photos)
    run = open_run(tmp_path / "run")
    assert run.state == "finished"
    assert run.history["epoch"].tolist() == [0]
    top = predict_logits(network, photos.images).argmax(axis=1)
    assert row["val_accuracy"] == pytest.approx(np.mean(top == photos.labels), abs=1e-5)
    assert run.facts.best.epoch == 0


def test_distillation_learns_the_teachers_answer_against_the_label(tmp_path, settings, photos, table):
    """A teacher that calls everything the fourth diagnosis is believed, for labels have no share."""
    settings = replace(settings, distillation_weight=1.0, epochs=2)
    run = train_run(
        tmp_path / "run", settings, photos, table, teach=lambda pixels: np.eye(9, dtype=np.float32)[[3] * len(pixels)]
    )
    network = keras.saving.load_model(run.network_path)
    assert (predict_logits(network, photos.images).argmax(axis=1) == 3).mean() > 0.95


def test_a_lesion_attentive_run_logs_the_map_loss_resumes_and_opens_without_it(tmp_path, settings):
    rng = np.random.default_rng(1)
    labels = np.arange(18) % 9
    photos = PhotoSet(rng.integers(0, 255, (18, 64, 64, 3), np.uint8), labels, np.full((18, 8, 8), 255, np.uint8))
    table = pd.DataFrame({"image_id": [f"p{i}" for i in range(18)], "diagnosis": [CODES[i] for i in labels]})
    table = table.assign(group=range(18), source="synthetic", split="train")
    settings = replace(
        settings,
        architecture="efficientnet-lite0",
        input_size=64,
        epochs=2,
        samples_per_epoch=16,
        batch_size=8,
        frozen_share=0.9,
        lesion_attention_weight=1.0,
    )
    folder = tmp_path / "run"

    def interrupt(done, of):
        if (folder / "history.csv").exists():
            raise KeyboardInterrupt

    assert train_run(folder, settings, photos, table, step=interrupt).state == "interrupted"
    assert fit_run(folder, settings, photos, photos) == "finished"
    run = open_run(folder)
    assert run.history["epoch"].tolist() == [1, 2]
    assert {"accuracy", "diagnosis_loss", "map_loss", "loss"} <= set(run.history)
    assert keras.saving.load_model(run.network_path).output_shape == (None, 9)
