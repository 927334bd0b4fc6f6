"""Fit a network and log its history into a run folder."""

from __future__ import annotations

import datetime
import importlib.metadata
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from melanoma.dataset.batches import Sampling, TrainingBatches
from melanoma.dataset.splitting import fingerprint
from melanoma.diagnoses import CODES
from melanoma.evaluation.metrics import epoch_metrics
from melanoma.run import folder as runs
from melanoma.training import architectures as networks
from melanoma.training import lesion_loss as focus
from melanoma.training.compiling import bare, compiled, mean_weights, save_packed
from melanoma.training.settings import Material, Settings

PACKAGES = ("tensorflow", "keras", "numpy", "pillow", "pandas", "scikit-learn")
BATCH = 64  # photos asked at once
LAST, AVERAGE = "last.keras", "average.npz"  # what --resume needs; gone when a run finishes
# Keras's names for a network of two outputs -> the columns of history.csv
LOG_NAMES = {"logits_accuracy": "accuracy", "logits_loss": "diagnosis_loss", "maps_loss": "map_loss"}


def new_run(folder: Path, settings: Settings, table: pd.DataFrame, parents: Sequence[str] = (), **more) -> dict:
    """Create a run folder with run.json (state `training`) and split.csv; the facts written."""
    folder.mkdir(parents=True, exist_ok=False)
    facts = {
        "name": folder.name,
        "state": "training",
        "architecture": settings.architecture,
        "classes": list(CODES),
        "output": "logits",
        "input": {"size": settings.size, "geometry": "centre square of the frame", "resampling": "Pillow bicubic"},
        "protocol": "lesion-grouped",
        "arguments": asdict(settings),
        "data": data_facts(table),
        "seed": settings.seed,
        "parent": " and ".join(parents) or None,
        "started": now(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "hardware": f"{os.cpu_count()} x {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        **more,
    }
    columns = ["image_id", "diagnosis", "group", "source", "split"]
    table[columns].to_csv(folder / "split.csv", index=False)
    runs.write_json(folder / "run.json", facts)
    return facts


def data_facts(table: pd.DataFrame) -> dict:
    """Fingerprint and counts of a training table."""
    counts = table.groupby(["split", "source", "diagnosis"]).size().rename("photos").reset_index()
    return {
        "fingerprint": fingerprint(table),
        "photos": len(table),
        "lesion_groups": int(table["group"].nunique()),
        "counts": counts.to_dict("records"),
    }


def now() -> str:
    """UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def fit(
    folder: Path,
    settings: Settings,
    train: Material,
    validation: Material,
    *,
    initial: Sequence[Path] = (),
    teach: Callable[[np.ndarray], np.ndarray] | None = None,
    report: Callable[[dict], None] = lambda row: None,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> str:
    """Train into `folder`, which `new_run` made, from where it stands; the run's state afterwards.

    `validation.images` are at the network's size; `initial` are network files to start from (their size
    may differ), several by the mean of their weights; `teach` is what `TrainingBatches` takes. `report` is
    called with each history row, `step` after each batch. Ctrl-C ends the run as `interrupted`, with the best
    network so far; calling `fit` again goes on.
    """
    keras.utils.set_random_seed(settings.seed)
    done = len(pd.read_csv(folder / "history.csv")) if (folder / "history.csv").exists() else 0
    steps = math.ceil(settings.samples / settings.batch_size)
    network = resumed(folder) if done else compiled(settings, steps, initial)
    batches = TrainingBatches(
        train.images,
        train.labels,
        len(CODES),
        settings.size,
        settings.batch_size,
        Sampling(settings.samples, settings.power, settings.strength, settings.mixup, settings.blank, settings.taught),
        settings.seed,
        first_epoch=done,
        lesions=train.lesions,
        grid=network.output[focus.MAPS].shape[1:3] if settings.focus else None,
        teach=teach,
    )
    recorder = Recorder(folder, settings, validation, report, step)
    state = "finished"
    try:
        network.fit(batches, epochs=settings.epochs, initial_epoch=done, verbose=0, callbacks=[recorder])
    except KeyboardInterrupt:
        state = "interrupted"
    close(folder, state)
    return state


def resumed(folder: Path) -> keras.Model:
    """The network as its last epoch left it, optimiser included."""
    return keras.saving.load_model(folder / LAST)


def blend(folder: Path, settings: Settings, validation: Material, paths: Sequence[Path]) -> dict:
    """Make the run in `folder`, which `new_run` made, the mean of the network files `paths`; see `keep_untrained`."""
    network = networks.build(
        settings.architecture, size=settings.size, classes=len(CODES), dropout=settings.dropout, imagenet=False
    )
    network.set_weights(mean_weights(paths))
    return keep_untrained(folder, network, validation)


def keep_untrained(folder: Path, network: keras.Model, validation: Material) -> dict:
    """Finish the run in `folder` with a network that was made of others; its history row.

    The row has validation figures alone, as epoch 0. `validation.images` are at the network's size.
    """
    metrics = epoch_metrics(validation.labels, logits_of(network, validation.images))
    row = {"epoch": 0} | {f"val_{name}": float(f"{value:.6g}") for name, value in metrics.items()}
    save_packed(network, folder / "model.keras")
    pd.DataFrame([row]).to_csv(folder / "history.csv", index=False)
    close(folder, "finished")
    return row


class Recorder(keras.callbacks.Callback):
    """After each epoch: average the weights, validate them, append to history.csv, keep the best."""

    EVERY = 8  # steps between updates of the average

    def __init__(self, folder: Path, settings: Settings, validation: Material, report, step):
        super().__init__()
        self.folder, self.settings, self.validation = folder, settings, validation
        self.report, self.step = report, step
        self.average: list[np.ndarray] | None = None

    def on_train_begin(self, logs=None) -> None:
        """Take up the averaged weights of an interrupted run."""
        self.network = bare(self.model)
        path = self.folder / AVERAGE
        if path.exists():
            with np.load(path) as stored:
                self.average = [stored[key] for key in stored.files]

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        """Start the clock."""
        self.started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs=None) -> None:
        """Move the average of the weights towards where they are."""
        self.step(batch + 1, self.params["steps"])
        if self.settings.average and batch % self.EVERY == 0:
            steps = int(self.model.optimizer.iterations.numpy())
            decay = min(self.settings.average, (1 + steps) / (10 + steps)) ** self.EVERY
            weights = self.model.get_weights()
            previous = self.average or weights
            self.average = [decay * a + (1 - decay) * w for a, w in zip(previous, weights, strict=True)]

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Validate the averaged weights, log, keep the best, and save what resuming needs."""
        raw = self.model.get_weights()
        if self.average:
            self.model.set_weights(self.average)
        trained = time.monotonic() - self.started
        row = self.validated({"epoch": epoch + 1, **logs}, trained)
        self.keep_if_best(row)
        self.model.set_weights(raw)
        self.model.save(self.folder / LAST)
        if self.average:
            np.savez(self.folder / AVERAGE, *self.average)
        path = self.folder / "history.csv"
        pd.DataFrame([row]).to_csv(path, mode="a", header=not path.exists(), index=False)
        self.report(row)

    def validated(self, row: dict, trained: float) -> dict:
        """The history row: training figures, validation figures, learning rate, seconds."""
        logits = logits_of(self.network, self.validation.images)
        row = {LOG_NAMES.get(k, k): float(f"{v:.6g}") if isinstance(v, float) else v for k, v in row.items()}
        metrics = epoch_metrics(self.validation.labels, logits)
        row |= {f"val_{name}": float(f"{value:.6g}") for name, value in metrics.items()}
        rate = float(self.model.optimizer.learning_rate.numpy())
        return row | {"learning_rate": float(f"{rate:.4g}"), "seconds": round(trained, 1)}

    def keep_if_best(self, row: dict) -> None:
        """Save model.keras when the monitored metric is at its best so far."""
        path = self.folder / "history.csv"
        before = pd.read_csv(path)[self.settings.monitor].max() if path.exists() else -np.inf
        if row[self.settings.monitor] > before:
            save_packed(self.network, self.folder / "model.keras")


def logits_of(network: keras.Model, images: np.ndarray, batch_size: int = BATCH) -> np.ndarray:
    """images: (n, size, size, 3) uint8 -> (n, classes) float32 logits."""
    parts = [
        network.predict_on_batch(images[i : i + batch_size].astype(np.float32))
        for i in range(0, len(images), batch_size)
    ]
    return np.concatenate(parts)


def outputs_of(network: keras.Model, images: np.ndarray, advance=lambda n: None) -> tuple[np.ndarray, np.ndarray]:
    """images: (n, s, s, 3) uint8 -> (n, d) float32 inputs of the last dense layer, (n, classes) float32 logits.

    `advance` is called with the number of photos answered since the last call.
    """
    both = keras.Model(network.input, [network.get_layer(networks.LOGITS).input, network.output])
    parts = []
    for start in range(0, len(images), BATCH):
        parts.append(both.predict_on_batch(images[start : start + BATCH].astype(np.float32)))
        advance(len(parts[-1][0]))
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def close(folder: Path, state: str) -> None:
    """Set a run's final state and seal it; a finished run no longer carries what resuming needs."""
    run = runs.Run(folder)
    facts = run.facts | {"state": state, "ended": now(), "epochs": len(run.history)}
    if len(run.history):
        monitor = facts["arguments"]["monitor"]
        best = run.history.loc[run.history[monitor].idxmax()]
        facts["best"] = {"epoch": int(best["epoch"]), "metric": monitor, "value": float(best[monitor])}
    runs.write_json(folder / "run.json", facts)
    if state == "finished":
        for name in (LAST, AVERAGE):
            (folder / name).unlink(missing_ok=True)
    runs.seal(folder)
