"""Training logs that other programs wrote: Keras' CSVLogger, JSON of `History.history`, TensorBoard scalars.

Each becomes the table that a run's own history is. No network comes with it and no split, so such a log is
never a run: its curves are shown beside ours, and nothing else is done with it. Nothing is ever unpickled.
"""

from __future__ import annotations

import datetime
import io
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.run.folder import CHECKSUMS, HISTORY, PARTS
from melanoma.run.tensorboard_events import EventsError, scalars

LIMIT_BYTES = 64_000_000
LIMIT_ROWS = 200_000
USUAL = ("training.csv", "history.csv", "log.csv", "metrics.csv", "results.csv", "history.json", "training.json")
STATE = "imported log"
NO_LEAKAGE_KNOWN = "an imported log: no network, no split, so nothing is known about leakage"
VALIDATION_WORDS = {"val", "valid", "validation"}
TRAINING_WORDS = {"train", "training"}
SYNONYMS = {
    "acc": "accuracy",
    "binary_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "lr": "learning_rate",
    "time": "seconds",
    "duration": "seconds",
}
COUNTERS = {"step", "iteration", "iter", "global_step", "wall_time", "timestamp", "date"}


class LogError(ValueError):
    """A file that is no training log; the message is one plain sentence for the user."""


@dataclass(frozen=True, eq=False)
class ImportedLog:
    """An imported log, with the parts of a `Run` that its curves need."""

    name: str
    origin: str  # what wrote it, and into which file
    history: pd.DataFrame  # as a run's: epoch from 1, metrics and their val_ twins
    size: int  # bytes
    written: datetime.date | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def state(self) -> str:
        """Where a run says how far it is."""
        return STATE

    def renamed(self, name: str) -> ImportedLog:
        """The same log under another name."""
        return replace(self, name=name)

    @cached_property
    def monitor(self) -> str:
        """Which column to judge epochs by, as far as a log tells it."""
        validation = [column for column in self.history if column.startswith("val_")]
        usual = [name for name in ("val_balanced_accuracy", "val_accuracy", "val_loss") if name in validation]
        return (usual + validation or ["val_accuracy"])[0]


def find_log_files(folder: Path) -> list[Path]:
    """The log to read of a folder that holds a imported log: one CSV or JSON, or all event files below; else none.

    What has parts of a run beside its history is a broken run, not a imported log.
    """
    parts = {CHECKSUMS, *PARTS} - {HISTORY}
    if not folder.is_dir() or any((folder / name).exists() for name in parts):
        return []
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".json") and path.is_file())
    if tables:
        return sorted(tables, key=lambda path: USUAL.index(path.name) if path.name in USUAL else len(USUAL))[:1]
    return sorted(path for path in folder.rglob("*tfevents*") if path.is_file())


def open_log(folder: Path) -> ImportedLog:
    """The log that a folder of `find_log_files` holds, named after it. Raises LogError."""
    paths = find_log_files(folder)
    if not paths:
        raise LogError(f"{folder.name} holds no training log.")
    if "tfevents" in paths[0].name:
        if sum(path.stat().st_size for path in paths) > LIMIT_BYTES:
            raise LogError(f"{folder.name} holds more than {LIMIT_BYTES // 10**6} MB of event files.")
        contents = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    else:
        if paths[0].stat().st_size > LIMIT_BYTES:
            raise LogError(f"{paths[0].name} is larger than {LIMIT_BYTES // 10**6} MB.")
        contents = {paths[0].name: paths[0].read_bytes()}
    written = datetime.date.fromtimestamp(max(path.stat().st_mtime for path in paths))
    try:
        return read_log(folder.name, contents, written)
    except LogError as error:
        raise LogError(f"{folder.name}/{error}") from error


def read_log(name: str, contents: dict[str, bytes], written: datetime.date | None = None) -> ImportedLog:
    """One log called `name` from the bytes of its files, by their paths: one CSV or JSON, or event files.

    Raises LogError, which says in one sentence what is wrong with which file.
    """
    notes: list[str] = []
    path, content = next(iter(contents.items()))
    size = sum(map(len, contents.values()))
    if size > LIMIT_BYTES:
        raise LogError(f"{path} is larger than {LIMIT_BYTES // 10**6} MB.")
    if "tfevents" in path:
        origin, raw = "TensorBoard scalars", _scalars(contents, notes)
    elif content[:1] == b"\x80":
        raise LogError(f"{path} is a Python pickle, which can run code when opened: save History.history as JSON.")
    else:
        text = _text(path, content)
        if text.lstrip()[:1] in ("{", "["):
            origin, raw = f"a Keras history, {path}", _json(path, text, notes)
        else:
            origin, raw = f"a CSV log, {path}", _csv(path, text)
    if len(raw) > LIMIT_ROWS:
        raise LogError(f"{path} has more than {LIMIT_ROWS:,} rows.")
    return ImportedLog(name, origin, _as_history(path, raw, notes), size, written, tuple(notes))


def canonical(column: str) -> str:
    """A metric's name as our own logs have it: `Loss/val` -> val_loss, `epoch_lr` -> learning_rate."""
    words = [word for word in re.split(r"[^a-z0-9]+", column.lower()) if word]
    validation = bool(VALIDATION_WORDS & set(words))
    bare = [w for w in words if w not in VALIDATION_WORDS | TRAINING_WORDS]
    bare = [w for w in bare if w != "epoch"] or bare
    name = "_".join(bare)
    name = "learning_rate" if name.startswith("lr_") else SYNONYMS.get(name, name)
    if name in ("learning_rate", "seconds", "epoch") or name in COUNTERS:
        return name
    return f"val_{name}" if validation and name else name


def _as_history(path: str, raw: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Canonical numeric columns, one row an epoch, from 1. Raises LogError where nothing is a metric."""
    columns: dict[str, pd.Series] = {}
    for column in raw.columns:
        name = canonical(str(column))
        if name in columns:  # such as acc beside categorical_accuracy
            name = re.sub(r"\W+", "_", str(column).strip().lower())
        numbers = pd.to_numeric(raw[column], errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
        if name and name not in COUNTERS and name not in columns and numbers.notna().any():
            columns[name] = numbers.reset_index(drop=True)
    epoch = columns.pop("epoch", None)
    known = {"loss", "accuracy", "val_loss", "val_accuracy"} & set(columns)
    if not set(columns) - {"learning_rate", "seconds"} or (epoch is None and not known):
        raise LogError(f"{path} is no training log: it has no column of a metric by epoch, such as loss or val_loss.")
    table = pd.DataFrame(columns)
    epoch = pd.Series(np.arange(1.0, len(table) + 1)) if epoch is None else epoch
    if epoch.min() == 0:  # Keras counts from 0
        epoch = epoch + 1
    table, epoch = table[epoch.notna()], epoch[epoch.notna()]
    if (epoch.diff() < 0).any():
        notes.append("its epochs start over, so they are numbered through")
        epoch = pd.Series(np.arange(1.0, len(table) + 1), index=table.index)
    # Some programs write training and validation in rows of their own: one row an epoch keeps what either says.
    merged = table.groupby(epoch.rename("epoch"), sort=True).last().reset_index()
    if (merged["epoch"] % 1 == 0).all() and merged["epoch"].abs().max() < 2**53:
        merged["epoch"] = merged["epoch"].astype(int)
    if len(merged) > 1 and merged["epoch"].diff().median() > 1:
        notes.append("its rows lie several steps apart, so its axis may count steps, not epochs")
    return merged


def _text(path: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogError(f"{path} is no text: open a CSV file, a JSON file or TensorBoard's event files.") from error
    if not text.strip() or "\0" in text:
        raise LogError(f"{path} is empty." if not text.strip() else f"{path} is no text.")
    return text


def _csv(path: str, text: str) -> pd.DataFrame:
    header = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, skipinitialspace=True, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise LogError(f"{path} cannot be read as a table with one header line.") from error
    unnamed = [c for c in table.columns[:1] if str(c).startswith("Unnamed")]  # pandas' row numbers
    return table.drop(columns=unnamed)


def _json(path: str, text: str, notes: list[str]) -> pd.DataFrame:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LogError(f"{path} is not valid JSON.") from error
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return pd.DataFrame(
            {key: [row.get(key) for row in value] for key in dict.fromkeys(k for r in value for k in r)}
        )
    if isinstance(value, dict) and isinstance(value.get("history"), dict):
        value = value["history"]
    if not isinstance(value, dict):
        raise LogError(f"{path} is no History.history: it should map each metric to its list of values.")
    # pandas writes {"loss": {"0": 0.9, "1": 0.7}} for the same table.
    value = {k: list(v.values()) if isinstance(v, dict) else v for k, v in value.items()}
    lists = {
        str(k): [None if isinstance(x, (list, dict)) else x for x in v] for k, v in value.items() if isinstance(v, list)
    }
    if not any(lists.values()):
        raise LogError(f"{path} is no History.history: it should map each metric to its list of values.")
    longest = max(map(len, lists.values()))
    short = [name for name, values in lists.items() if 0 < len(values) < longest]
    if short:
        notes.append(f"left out, for it has fewer values than epochs: {', '.join(short)}")
    return pd.DataFrame({name: values for name, values in lists.items() if len(values) == longest})


def _scalars(contents: dict[str, bytes], notes: list[str]) -> pd.DataFrame:
    """Steps as epochs, one column a tag; a file below a folder `validation` or with `val` in its name is that part."""
    series: dict[str, dict[int, float]] = {}
    for path, content in contents.items():
        words = set(re.split(r"[^a-z]+", path.lower()))
        part = "val_" if words & VALIDATION_WORDS else ""
        try:
            by_tag = scalars(content)
        except EventsError as error:
            raise LogError(f"{path} {error}") from error
        for tag, values in by_tag.items():
            name = tag if part and VALIDATION_WORDS & set(re.split(r"[^a-z]+", tag.lower())) else part + tag
            series.setdefault(name, {}).update(values)
    by_epoch = {tag: values for tag, values in series.items() if "epoch_" in tag}
    if by_epoch and len(by_epoch) < len(series):
        notes.append("what it logged by batch is left out")
    table = pd.DataFrame({tag: pd.Series(values) for tag, values in (by_epoch or series).items()}).sort_index()
    return table.rename_axis("epoch").reset_index()
