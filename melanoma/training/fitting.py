"""Fit a network and log its history into a run folder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path

import keras
import numpy as np

from melanoma.dataset.batches import NO_DIAGNOSIS, TrainingBatches
from melanoma.dataset.sampling import Sampling
from melanoma.diagnoses import CODES
from melanoma.evaluation.metrics import measure_epoch
from melanoma.run import Run, TrainingSettings
from melanoma.run.facts import State
from melanoma.run.folder import NETWORK
from melanoma.serving.engines import KIND, LOGITS
from melanoma.serving.keras_outputs import predict_heads
from melanoma.training.checkpoint import (
    BEST,
    append_history,
    clear_checkpoint,
    count_epochs,
    is_better,
    read_checkpoint,
    save_deflated,
    settle_checkpoints,
    write_checkpoint,
)
from melanoma.training.half_precision import round_network
from melanoma.training.keras_batches import KerasBatches
from melanoma.training.lesion_attention import MAPS
from melanoma.training.photo_set import PhotoSet
from melanoma.training.run_files import finish_run
from melanoma.training.several_processes import connect_processes, fit_together
from melanoma.training.trainable_network import compile_network, keep_heads, resize_network

# Keras's names for a network of several outputs -> the columns of history.csv
LOG_NAMES = {"logits_accuracy": "accuracy", "logits_loss": "diagnosis_loss", "maps_loss": "map_loss"}


def fit_run(
    folder: Path,
    settings: TrainingSettings,
    train: PhotoSet,
    validation: PhotoSet,
    *,
    initial: Sequence[Path] = (),
    teach: Callable[[np.ndarray], np.ndarray] | None = None,
    report: Callable[[dict], None] = lambda row: None,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> State:
    """Train into `folder`, which `start_run` made, from where it stands; the run's state afterwards.

    `validation.images` are at the network's size; `initial` are network files to start from (their size
    may differ), several by the mean of their weights; `teach` is what `TrainingBatches` takes. `report` is
    called with each history row, `step` after each batch. Ctrl-C ends the run as `interrupted`, with the best
    network so far; calling `fit_run` again goes on.
    """
    keras.utils.set_random_seed(settings.seed)
    settle_checkpoints(folder)
    done = count_epochs(folder)
    processes = connect_processes(settings, done)
    steps = math.ceil(settings.samples_per_epoch / settings.batch_size)
    with processes.strategy.scope() if processes else nullcontext():
        steps_each = steps // processes.count if processes else steps
        network, average = read_checkpoint(folder) if done else (compile_network(settings, steps_each, initial), None)
    batches = TrainingBatches(
        train.images,
        train.labels,
        len(CODES),
        settings.fitted_size,
        settings.batch_size,
        sampling_of(settings),
        settings.seed,
        first_epoch=done,
        lesions=train.lesions,
        grid=network.output[MAPS].shape[1:3] if settings.lesion_attention_weight else None,
        teach=teach,
        kinds=train.kinds,
        sources=train.sources,
        learn_kinds=settings.kind_weight > 0,
    )
    recorder = Recorder(folder, settings, validation, average, report, step)
    state: State = "finished"
    try:
        if processes:
            fit_together(network, batches, processes, settings.epochs, done, recorder)
            return _finish(folder, "finished")
        # Rows are drawn at random already; a random order of batches would not be had again on resuming.
        network.fit(
            KerasBatches(batches),
            epochs=settings.epochs,
            initial_epoch=done,
            shuffle=False,
            verbose=0,
            callbacks=[recorder],
        )
    except KeyboardInterrupt:
        state = "interrupted"
    return _finish(folder, state)


def _finish(folder: Path, state: State) -> State:
    """Put the best network in place, and close the run; its state."""
    settle_checkpoints(folder)
    if state == "finished" and (folder / NETWORK).exists():
        round_network(folder / NETWORK)
    finish_run(folder, state)
    return state


def sampling_of(settings: TrainingSettings) -> Sampling:
    """How the training photos of an epoch are drawn and changed."""
    return Sampling(**{field.name: getattr(settings, field.name) for field in fields(Sampling)})


def keep_untrained(folder: Path, network: keras.Model, validation: PhotoSet) -> dict:
    """Finish the run in `folder` with a network that was made of others; its history row.

    The row has validation metrics alone, as epoch 0. `validation.images` are at the network's size.
    """
    row = {"epoch": 0} | validate(network, validation)
    save_deflated(network, folder / NETWORK)
    append_history(folder, row)
    finish_run(folder, "finished")
    return row


def validate(network: keras.Model, photos: PhotoSet) -> dict[str, float]:
    """Columns of history.csv that begin with `val_`, to six digits."""
    heads, labelled = predict_heads(network, photos.images), photos.labels != NO_DIAGNOSIS
    metrics = measure_epoch(photos.labels[labelled], heads[LOGITS][labelled])
    if KIND in heads and photos.kinds is not None:
        metrics["kind_accuracy"] = float(np.mean(heads[KIND].argmax(axis=1) == photos.kinds))
    return {f"val_{name}": round_digits(value) for name, value in metrics.items()}


def round_digits(value: float, digits: int = 6) -> float:
    """`value` to that many significant digits."""
    return float(f"{value:.{digits}g}")


class Recorder(keras.callbacks.Callback):
    """Averages the weights as they move; after each epoch validates the average, logs it and keeps the best."""

    EVERY = 8  # steps between updates of the average

    def __init__(
        self,
        folder: Path,
        settings: TrainingSettings,
        validation: PhotoSet,
        average: list[np.ndarray] | None,
        report: Callable[[dict], None],
        step: Callable[[int, int], None],
    ):
        """`average` are the averaged weights of an interrupted run; None: none yet."""
        super().__init__()
        self.folder, self.settings, self.validation = folder, settings, validation
        self.average, self.report, self.step = average, report, step

    def on_train_begin(self, logs=None) -> None:
        """Make the network that is validated and kept, at the size that it is used at."""
        self.trained = keep_heads(self.model)
        self.network = resize_network(self.trained, self.settings)

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        """Start the clock."""
        self.started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs=None) -> None:
        """Move the average of the weights towards where they are."""
        self.step(batch + 1, self.params["steps"])
        if self.settings.ema_decay and batch % self.EVERY == 0:
            steps = int(self.model.optimizer.iterations.numpy())
            decay = min(self.settings.ema_decay, (1 + steps) / (10 + steps)) ** self.EVERY
            weights = self.model.get_weights()
            previous = self.average or weights
            self.average = [decay * a + (1 - decay) * w for a, w in zip(previous, weights, strict=True)]

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Validate the averaged weights, log them, keep the best, and save what resuming needs."""
        seconds = time.monotonic() - self.started
        weights = self.model.get_weights()
        if self.average:
            self.model.set_weights(self.average)
        if self.network is not self.trained:
            self.network.set_weights(self.trained.get_weights())
        row = self.history_row(epoch + 1, logs or {}, seconds)
        checkpoint = clear_checkpoint(self.folder, epoch + 1)
        monitor = self.settings.monitor
        if is_better(row[monitor], Run(self.folder).history, monitor):
            save_deflated(self.network, checkpoint / BEST)
        self.model.set_weights(weights)  # training goes on from where it was, not from the average
        write_checkpoint(checkpoint, self.model, self.average)
        append_history(self.folder, row)
        settle_checkpoints(self.folder)
        self.report(row)

    def history_row(self, epoch: int, logs: dict, seconds: float) -> dict:
        """Metrics on training and validation photos, learning rate, seconds."""
        training = {LOG_NAMES.get(name, name): round_digits(value) for name, value in logs.items()}
        rate = round_digits(float(self.model.optimizer.learning_rate.numpy()), 4)
        validation = validate(self.network, self.validation)
        return {"epoch": epoch, **training, **validation, "learning_rate": rate, "seconds": round(seconds, 1)}
