"""A run folder: everything that one training left behind, written, verified and opened here."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

MODELS = Path(os.environ.get("MELANOMA_MODELS") or Path(__file__).resolve().parents[2] / "models")
DEFAULT_RUN = "efficientnet-lite0-lite2-erased"
SUMS = "SHA256SUMS"
EXPORTED = "model.onnx"  # the network for the light engine
SEALED = (
    "model.keras",
    EXPORTED,
    "history.csv",
    "run.json",
    "split.csv",
    "predictions.csv",
    "calibration.json",
    "evaluation.json",
)


class RunError(ValueError):
    """A run folder that cannot be used; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Run:
    """One run folder, verified. Parts that it lacks are None or empty; nothing is made up for them."""

    folder: Path

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.name

    @cached_property
    def facts(self) -> dict:
        """run.json."""
        return json.loads((self.folder / "run.json").read_text())

    @property
    def state(self) -> str:
        """`training`, `finished` or `interrupted`."""
        return self.facts["state"]

    @property
    def classes(self) -> list[str]:
        """Codes in the order of the network's outputs."""
        return self.facts["classes"]

    @property
    def input_size(self) -> int:
        """Side of the network's input, in pixels."""
        return self.facts["input"]["size"]

    @property
    def taught_places(self) -> bool:
        """Whether training asked the evidence to lie on the lesion (`train --focus`)."""
        return self.facts.get("arguments", {}).get("focus", 0) > 0

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row an epoch; empty before the first one has ended."""
        path = self.folder / "history.csv"
        return pd.read_csv(path) if path.exists() else pd.DataFrame({"epoch": []})

    @cached_property
    def predictions(self) -> pd.DataFrame | None:
        """Uncalibrated probabilities on validation and test, a row a photo."""
        path = self.folder / "predictions.csv"
        return pd.read_csv(path) if path.exists() else None

    @cached_property
    def split(self) -> pd.DataFrame | None:
        """image_id, diagnosis, group, source, split of every photo of the run."""
        path = self.folder / "split.csv"
        return pd.read_csv(path) if path.exists() else None

    @cached_property
    def calibration(self) -> dict | None:
        """Temperature, operating points, conformal thresholds."""
        return self._json("calibration.json")

    @cached_property
    def evaluation(self) -> dict | None:
        """Test figures with intervals, and the command that remakes them."""
        return self._json("evaluation.json")

    @property
    def network_path(self) -> Path | None:
        """model.keras, or None for a run that keeps figures only."""
        path = self.folder / "model.keras"
        return path if path.exists() else None

    @cached_property
    def sha256(self) -> str:
        """Of the network file: names the exact network behind a prediction."""
        return file_sha256(self.network_path) if self.network_path else ""

    def _json(self, name: str) -> dict | None:
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else None


def open_run(folder: Path) -> Run:
    """Open and verify a run folder. Raises RunError, saying what is wrong and what to do.

    A run that is still training has no checksums yet: it opens for its history, and is not used to
    predict until it is sealed.
    """
    folder = Path(folder)
    if not (folder / "run.json").exists():
        raise RunError(f"{folder.name} is not a run: it has no run.json. Choose a folder that `train` wrote.")
    run = Run(folder)
    try:
        missing = {"state", "classes", "input", "arguments"} - set(run.facts)
    except (ValueError, TypeError) as error:
        raise RunError(
            f"{folder.name}/run.json cannot be read: it is no JSON. Restore it or remove the run."
        ) from error
    if missing:
        raise RunError(f"{folder.name}/run.json lacks {min(missing)}. Restore it or remove the run.")
    if run.state != "training":
        verify(folder)
    return run


def list_runs(models: Path = MODELS) -> tuple[list[Run], dict[str, str]]:
    """Runs below `models` by name, and for each folder that does not open, why."""
    runs, refused = [], {}
    for path in sorted(Path(models).glob("*/run.json")):
        try:
            runs.append(open_run(path.parent))
        except RunError as error:
            refused[path.parent.name] = str(error)
    return runs, refused


def find_run(name_or_folder: str | Path, models: Path = MODELS) -> Run:
    """A run by its name below `models`, or by its folder."""
    folder = Path(name_or_folder)
    return open_run(folder if (folder / "run.json").exists() else Path(models) / str(name_or_folder))


def write_json(path: Path, value: dict) -> None:
    """Write JSON at once or not at all: a reader never sees half a file."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=1) + "\n")
    partial.replace(path)


def seal(folder: Path) -> None:
    """Write the checksums of a run's files; every command that changes a run ends with this."""
    lines = [f"{file_sha256(folder / name)}  {name}" for name in SEALED if (folder / name).exists()]
    (folder / SUMS).write_text("\n".join(lines) + "\n")


def verify(folder: Path) -> None:
    """Compare a run with its checksums. Raises RunError at the first difference."""
    sums = folder / SUMS
    if not sums.exists():
        raise RunError(f"{folder.name} has no checksums ({SUMS}): it was not closed by `train`. Train it again.")
    try:
        listed = dict(reversed(line.split("  ", 1)) for line in sums.read_text().splitlines())
    except ValueError as error:
        raise RunError(f"{folder.name}/{SUMS} cannot be read. Restore it or remove the run.") from error
    for name, digest in listed.items():
        if not (folder / name).exists():
            raise RunError(f"{folder.name} is incomplete: {name} is missing. Restore it or remove the run.")
        if file_sha256(folder / name) != digest:
            raise RunError(f"{folder.name}/{name} was changed after it was written. Restore it or remove the run.")
    unlisted = [name for name in SEALED if (folder / name).exists() and name not in listed]
    if unlisted:
        raise RunError(f"{folder.name}/{unlisted[0]} is not among the run's checksums. Remove it or evaluate again.")


def file_sha256(path: Path) -> str:
    """Hex digest of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
