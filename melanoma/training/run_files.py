"""The files of a run that is being made: run.json, the split that it shares with others, checksums."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from melanoma.dataset.splitting import fingerprint, write_manifest
from melanoma.run import (
    DataFacts,
    NetworkInput,
    Run,
    RunFacts,
    TrainingSettings,
    split_path,
    write_checksums,
    write_part,
)
from melanoma.run.facts import SplitCount, State
from melanoma.run.folder import FACTS
from melanoma.run.history import find_best_epoch
from melanoma.training.checkpoint import remove_checkpoints, settle_checkpoints

PACKAGES = ("tensorflow", "keras", "numpy", "pillow", "pandas", "scikit-learn")


def start_run(folder: Path, settings: TrainingSettings, table: pd.DataFrame, **more: Any) -> RunFacts:
    """Create a run folder with run.json (state `training`), and the split beside it; the facts written.

    `more` are other fields of RunFacts.
    """
    facts = RunFacts(
        name=folder.name,
        state="training",
        architecture=settings.architecture,
        input=NetworkInput(settings.input_size),
        settings=settings,
        data=describe_data(table),
        seed=settings.seed,
        started=utc_now(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        hardware=f"{os.cpu_count()} x {platform.machine()}, {platform.system()}",
        python=platform.python_version(),
        **more,
    )
    folder.mkdir(parents=True, exist_ok=False)
    write_split(folder.parent, table)
    write_part(folder / FACTS, facts)
    return facts


def write_split(models: Path, table: pd.DataFrame) -> Path:
    """Write the split of `table` to the file that its fingerprint names, unless it is there; its path."""
    content = write_manifest(table)
    path = split_path(models, fingerprint(table))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(path)
    return path


def describe_data(table: pd.DataFrame) -> DataFacts:
    """Fingerprint and counts of a training table."""
    counts = table.groupby(["split", "source", "diagnosis"]).size().rename("photos").reset_index()
    return DataFacts(
        fingerprint=fingerprint(table),
        photos=len(table),
        lesion_groups=int(table["group"].nunique()),
        counts=tuple(SplitCount(**row) for row in counts.to_dict("records")),
    )


def finish_run(folder: Path, state: State) -> None:
    """Set a run's final state and write its checksums; a finished run no longer carries what resuming needs."""
    settle_checkpoints(folder)
    run = Run(folder)
    facts = replace(
        run.facts,
        state=state,
        ended=utc_now(),
        epochs=len(run.history),
        best=find_best_epoch(run.history, run.monitor),
    )
    write_part(folder / FACTS, facts)
    if state == "finished":
        remove_checkpoints(folder)
    write_checksums(folder)


def utc_now() -> str:
    """ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
