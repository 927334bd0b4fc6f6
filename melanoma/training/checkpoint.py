"""What a training goes on from after an interruption: one folder an epoch, valid once its history row is written.

An epoch counts when its row is in history.csv, which is replaced at once. Its checkpoint is written before, and the
network that is kept is put in place after: wherever a training stops, `settle_checkpoints` tells what is valid.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from melanoma.run.contents import read_numbers
from melanoma.run.folder import HISTORY, NETWORK
from melanoma.run.half_written import take_whole_lines
from melanoma.run.history import find_best_epoch, is_loss

CHECKPOINTS = "checkpoints"  # folder in the run's; gone when the run has finished
LAST, AVERAGE, BEST = "last.keras", "average.npz", "best.keras"  # in the folder of an epoch


def clear_checkpoint(folder: Path, epoch: int) -> Path:
    """An empty folder for what `epoch` leaves of the run in `folder`; an earlier try at it goes."""
    path = checkpoint_path(folder, epoch)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write_checkpoint(path: Path, network: keras.Model, average: list[np.ndarray] | None) -> None:
    """Save a network with its optimiser, and its averaged weights, in the folder of an epoch."""
    network.save(path / LAST)
    if average is not None:
        np.savez(path / AVERAGE, *average)


def append_history(folder: Path, row: dict) -> None:
    """Add an epoch's row to history.csv, at once or not at all."""
    path = folder / HISTORY
    before = take_whole_lines(path.read_text()) if path.exists() else ""
    partial = path.with_suffix(".partial")
    partial.write_text(before + pd.DataFrame([row]).to_csv(index=False, header=not before, lineterminator="\n"))
    partial.replace(path)


def settle_checkpoints(folder: Path) -> None:
    """Keep the checkpoint of the last epoch in history.csv alone, and put its network in place where it is the best."""
    done = count_epochs(folder)
    best = checkpoint_path(folder, done) / BEST
    if best.exists():
        best.replace(folder / NETWORK)
    for path in (folder / CHECKPOINTS).glob("*"):
        if path != checkpoint_path(folder, done):
            shutil.rmtree(path)


def read_checkpoint(folder: Path) -> tuple[keras.Model, list[np.ndarray] | None]:
    """The network as the last epoch in history.csv left it, with its optimiser, and its averaged weights."""
    path = checkpoint_path(folder, count_epochs(folder))
    average = None
    if (path / AVERAGE).exists():
        with np.load(path / AVERAGE) as archive:
            average = [archive[key] for key in archive.files]
    return keras.saving.load_model(path / LAST), average


def can_resume(folder: Path) -> bool:
    """Whether the last epoch in history.csv has its checkpoint; a run without an epoch begins at the beginning."""
    done = count_epochs(folder)
    return done == 0 or (checkpoint_path(folder, done) / LAST).exists()


def remove_checkpoints(folder: Path) -> None:
    """Delete all checkpoints of the run in `folder`."""
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def checkpoint_path(folder: Path, epoch: int) -> Path:
    """Folder of an epoch's checkpoint."""
    return folder / CHECKPOINTS / f"{epoch:04}"


def count_epochs(folder: Path) -> int:
    """Whole rows of history.csv."""
    path = folder / HISTORY
    return len(read_numbers(path)) if path.exists() else 0


def is_better(value: float, history: pd.DataFrame, monitor: str) -> bool:
    """Whether an epoch's `value` of `monitor` is better than every one before."""
    before = find_best_epoch(history, monitor)
    if before is None:
        return True
    return value < before.value if is_loss(monitor) else value > before.value


def save_deflated(network: keras.Model, path: Path) -> None:
    """Write a .keras file as Keras does and then deflate it, which Keras reads as well: a tenth smaller."""
    partial = path.with_suffix(f".partial{path.suffix}")  # Keras wants the suffix
    network.save(partial)
    with zipfile.ZipFile(partial) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as smaller:
        for name, content in parts.items():
            smaller.writestr(name, content)
    partial.replace(path)
