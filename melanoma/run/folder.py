"""A run folder: opened, verified and written here, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pandas as pd

from melanoma.run.calibration import Calibration
from melanoma.run.contents import (
    PREDICTION_COLUMNS,
    SPLIT_COLUMNS,
    check_calibration,
    read_fingerprints,
    read_numbers,
    read_table,
    refuse,
)
from melanoma.run.error import RunError
from melanoma.run.evaluation import Evaluation
from melanoma.run.facts import RunFacts
from melanoma.run.old_formats import upgrade_calibration, upgrade_evaluation, upgrade_facts
from melanoma.sources import DERMOSCOPIC

MODELS = Path(os.environ.get("MELANOMA_MODELS") or Path(__file__).resolve().parents[2] / "models")
DEFAULT_RUN = "2026-11-28-lite0"
CHECKSUMS = "SHA256SUMS"
FACTS, NETWORK, ONNX, HISTORY = "run.json", "model.keras", "model.onnx", "history.csv"
PREDICTIONS, CALIBRATION, EVALUATION = "predictions.csv", "calibration.json", "evaluation.json"
TRAINING_PHOTOS = "training_photos.npy"
OLD_SPLIT = "split.csv"  # until splits were shared
PARTS = (NETWORK, ONNX, HISTORY, FACTS, OLD_SPLIT, PREDICTIONS, CALIBRATION, EVALUATION, TRAINING_PHOTOS)
SPLITS = "splits"  # folder beside the runs; a file is named after the SHA-256 of its content, a run's data fingerprint

Part = TypeVar("Part")


@dataclass(frozen=True)
class Run:
    """One run folder. Parts that it lacks are None or empty; nothing is made up for them.

    A part that does not fit its type raises RunError when it is first asked for; `open_run` asks for all.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.name

    @cached_property
    def facts(self) -> RunFacts:
        """run.json."""
        facts = read_part(self.folder / FACTS, RunFacts, upgrade_facts)
        if facts is None:
            raise RunError(f"{self.name} is not a run: it has no {FACTS}. Choose a folder that `train` wrote.")
        return facts

    @property
    def state(self) -> str:
        """`training`, `finished` or `interrupted`."""
        return self.facts.state

    @property
    def classes(self) -> tuple[str, ...]:
        """Codes in the order of the network's outputs."""
        return self.facts.classes

    @property
    def input_size(self) -> int:
        """Side of the network's input, in pixels."""
        return self.facts.input.size

    @property
    def monitor(self) -> str:
        """Column of the history whose best epoch is kept."""
        return self.facts.settings.monitor

    @property
    def is_lesion_attentive(self) -> bool:
        """Whether training asked the evidence to lie on the lesion."""
        return self.facts.settings.lesion_attention_weight > 0

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row an epoch, numbers alone; empty before the first one has ended. Raises what pandas raises."""
        path = self.folder / HISTORY
        return read_numbers(path) if path.exists() else pd.DataFrame({"epoch": []})

    @cached_property
    def predictions(self) -> pd.DataFrame | None:
        """Uncalibrated probabilities on validation and test, a row a photo."""
        path = self.folder / PREDICTIONS
        return read_table(path, PREDICTION_COLUMNS) if path.exists() else None

    @cached_property
    def split(self) -> pd.DataFrame | None:
        """image_id, diagnosis, group, source, kind, split of every photo of the run; None where the file is not there.

        A split without kinds is one of dermoscopic photos alone. Raises RunError for a shared split that was changed.
        """
        table = self._read_split()
        return table if table is None or "kind" in table else table.assign(kind=DERMOSCOPIC)

    def _read_split(self) -> pd.DataFrame | None:
        if (self.folder / OLD_SPLIT).exists():
            return read_table(self.folder / OLD_SPLIT, SPLIT_COLUMNS)
        path = split_path(self.folder.parent, self.facts.data.fingerprint)
        if not path.exists():
            return None
        if file_sha256(path) != path.stem:
            raise RunError(f"{SPLITS}/{path.name} was changed after it was written. Restore it.")
        return read_table(path, SPLIT_COLUMNS)

    @cached_property
    def calibration(self) -> Calibration | None:
        """Temperature, operating points, prediction set."""
        calibration = read_part(self.folder / CALIBRATION, Calibration, upgrade_calibration)
        if calibration is not None:
            check_calibration(self.folder / CALIBRATION, calibration)
        return calibration

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """Test estimates with intervals, and the command that remakes them."""
        return read_part(self.folder / EVALUATION, Evaluation, upgrade_evaluation)

    @cached_property
    def training_photos(self) -> np.ndarray | None:
        """(n, BYTES) uint8, the fingerprints of the photos that the network learned from."""
        path = self.folder / TRAINING_PHOTOS
        return read_fingerprints(path) if path.exists() else None

    @property
    def network_path(self) -> Path | None:
        """model.keras, or None for a run without a network."""
        path = self.folder / NETWORK
        return path if path.exists() else None

    @cached_property
    def sha256(self) -> str:
        """Of the network file: names the exact network behind a prediction; empty without one."""
        return file_sha256(self.network_path) if self.network_path else ""

    @cached_property
    def answer_sha256(self) -> str:
        """Changes whenever an answer may: a hash of the checksums of network, ONNX export and calibration."""
        paths = [self.folder / name for name in (NETWORK, ONNX, CALIBRATION)]
        sums = "".join(file_sha256(path) for path in paths if path.exists())
        return hashlib.sha256(sums.encode()).hexdigest()


def open_run(folder: Path) -> Run:
    """Open and verify a run folder. Raises RunError, saying what is wrong and what to do.

    A run that is still training has no checksums yet: it opens for its history, and is not used to
    predict until it has finished.
    """
    run = Run(Path(folder))
    try:
        refuse_odd_files(run.folder)
        if run.state != "training":
            verify(run.folder)
        # What does not fit is better said now than amid a page.
        _ = run.calibration, run.evaluation, run.predictions, run.training_photos
    except OSError as error:
        raise RunError(f"{run.name} cannot be read ({error.strerror}). Restore it or remove the run.") from error
    return run


def refuse_odd_files(folder: Path) -> None:
    """Raises RunError where a part of a run is no ordinary file: a pipe never ends, nor do some devices."""
    for name in (*PARTS, CHECKSUMS):
        if (folder / name).exists() and not (folder / name).is_file():
            raise RunError(f"{folder.name}/{name} is no ordinary file. Restore it or remove the run.")


def find_run(name_or_folder: str | Path, models: Path = MODELS) -> Run:
    """A run by its name below `models`, or by its folder. Raises RunError."""
    folder = Path(name_or_folder)
    if (folder / FACTS).exists():
        return open_run(folder)
    if not Path(models).is_dir():
        raise RunError(
            f"There is no folder of runs at {models}. Work in a clone of the repository, "
            "or name a folder of runs with --models or the variable MELANOMA_MODELS."
        )
    return open_run(Path(models) / str(name_or_folder))


def split_path(models: Path, fingerprint: str) -> Path:
    """Where the split of a fingerprint lies, shared by the runs below `models` that used it."""
    return Path(models) / SPLITS / f"{fingerprint}.csv"


def read_part(path: Path, part: type[Part], upgrade: Callable[[dict], dict]) -> Part | None:
    """A JSON file as a typed part, whatever its format's age; None where there is no file. Raises RunError."""
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        raise refuse(path, "it is no JSON") from error
    try:
        return msgspec.convert(upgrade(raw), part)
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = str(error) if isinstance(error, msgspec.ValidationError) else "it is of an unknown format"
        raise refuse(path, why) from error


def write_part(path: Path, part: object) -> None:
    """Write a typed part, or plain values, as JSON, at once or not at all: a reader never sees half a file."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(msgspec.to_builtins(part), indent=1) + "\n")
    partial.replace(path)


def write_checksums(folder: Path) -> None:
    """Write the checksums of a run's files, at once or not at all; every command that changes a run ends with this."""
    lines = [f"{file_sha256(folder / name)}  {name}" for name in PARTS if (folder / name).exists()]
    path = folder / CHECKSUMS
    partial = path.with_suffix(".partial")
    partial.write_text("\n".join(lines) + "\n")
    partial.replace(path)


def verify(folder: Path) -> None:
    """Compare a run with its checksums. Raises RunError at the first difference."""
    sums = folder / CHECKSUMS
    if not sums.exists():
        raise RunError(f"{folder.name} has no checksums ({CHECKSUMS}): `train` did not finish it. Train it again.")
    try:
        pairs = [line.split("  ", 1) for line in sums.read_text().splitlines()]
        checksums = {name: digest for digest, name in pairs}
    except ValueError as error:
        raise RunError(f"{folder.name}/{CHECKSUMS} cannot be read. Restore it or remove the run.") from error
    for name, digest in checksums.items():
        if name not in PARTS:
            raise RunError(f"{folder.name}/{CHECKSUMS} names what is no part of a run. Restore it or remove the run.")
        if not (folder / name).is_file():
            raise RunError(f"{folder.name} is incomplete: {name} is missing. Restore it or remove the run.")
        if file_sha256(folder / name) != digest:
            raise RunError(f"{folder.name}/{name} was changed after it was written. Restore it or remove the run.")
    unlisted = [name for name in PARTS if (folder / name).exists() and name not in checksums]
    if unlisted:
        raise RunError(f"{folder.name}/{unlisted[0]} is not among the run's checksums. Remove it or evaluate again.")


def file_sha256(path: Path) -> str:
    """Hex digest of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
