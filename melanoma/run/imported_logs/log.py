"""Training logs that other programs wrote: CSV, JSON, TensorBoard's event files and exports.

Each becomes the table that a run's own history is. No network comes with it and no split, so such a log is
never a run: its curves are shown beside ours, and nothing else is done with it. Nothing is ever unpickled.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from melanoma.run.folder import CHECKSUMS, HISTORY, PARTS
from melanoma.run.imported_logs.delimited import read_delimited
from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.history import build_history
from melanoma.run.imported_logs.json_tables import read_json
from melanoma.run.imported_logs.table import LogTable
from melanoma.run.imported_logs.tensorboard_events import read_events
from melanoma.run.imported_logs.tensorboard_exports import NAME as EXPORT_NAME
from melanoma.run.imported_logs.tensorboard_exports import is_export, join_curves, read_points
from melanoma.run.imported_logs.text import decode

LIMIT_BYTES = 64_000_000
ENDINGS = (".csv", ".tsv", ".json", ".jsonl")
USUAL = (
    "training.csv",
    "history.csv",
    "log.csv",
    "metrics.csv",
    "results.csv",
    "summary.csv",
    "history.json",
    "training.json",
    "trainer_state.json",
)
STATE = "imported log"
NO_LEAKAGE_KNOWN = "an imported log: no network, no split, so nothing is known about leakage"


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
    """The log to read of a folder that holds an imported log: one CSV or JSON, TensorBoard's
    exported curves together, or all event files below; else none.

    What has parts of a run beside its history is a broken run, not an imported log.
    """
    parts = {CHECKSUMS, *PARTS} - {HISTORY}
    if not folder.is_dir() or any((folder / name).exists() for name in parts):
        return []
    tables = _tables(folder)
    if tables:
        return tables if all(EXPORT_NAME.search(path.stem) for path in tables) else tables[:1]
    return sorted(path for path in folder.rglob("*tfevents*") if path.is_file())


def _tables(folder: Path) -> list[Path]:
    """Tables of a folder, the likeliest log first; not what a Mac adds, such as ._training.csv."""
    tables = [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file()]
    return sorted((path for path in tables if not path.name.startswith(".")), key=_least_usual)


def _least_usual(path: Path) -> tuple[int, int, str]:
    """Orders the tables of a folder: a usual name, then lines of cells before JSON, then by name."""
    name = path.name.lower()
    return USUAL.index(name) if name in USUAL else len(USUAL), ENDINGS.index(path.suffix.lower()), path.name


def open_log(folder: Path) -> ImportedLog:
    """The log that a folder of `find_log_files` holds, named after it. Raises LogError."""
    paths = find_log_files(folder)
    if not paths:
        raise LogError(f"{folder.name} holds no training log.")
    if "tfevents" in paths[0].name:
        if sum(path.stat().st_size for path in paths) > LIMIT_BYTES:
            raise LogError(f"{folder.name} holds more than {LIMIT_BYTES // 10**6} MB of event files: keep one run's.")
        contents = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    else:
        if sum(path.stat().st_size for path in paths) > LIMIT_BYTES:
            raise LogError(f"{folder.name}/{paths[0].name} is larger than {LIMIT_BYTES // 10**6} MB: shorten the log.")
        contents = {path.name: path.read_bytes() for path in paths}
    written = datetime.date.fromtimestamp(max(path.stat().st_mtime for path in paths))
    try:
        log = read_log(folder.name, contents, written)
    except LogError as error:
        raise LogError(f"{folder.name}/{error}") from error
    others = [path.name for path in _tables(folder) if path not in paths]
    return replace(log, notes=(*log.notes, f"not read: {', '.join(others)}")) if others else log


def read_log(name: str, contents: dict[str, bytes], written: datetime.date | None = None) -> ImportedLog:
    """One log called `name` from the bytes of its files, by their paths: one CSV or JSON, several
    exports of TensorBoard, or event files.

    Raises LogError, which says in one sentence what is wrong with which file.
    """
    notes: list[str] = []
    path, content = next(iter(contents.items()))
    size = sum(map(len, contents.values()))
    if size > LIMIT_BYTES:
        raise LogError(f"{path} is larger than {LIMIT_BYTES // 10**6} MB: open a log with one row an epoch.")
    if "tfevents" in path:
        table = read_events(contents, notes)
    elif len(contents) == 1:
        table = _read_table(path, content, notes)
    else:
        table = join_curves([_read_curve(each, contents[each], notes) for each in contents])
    return ImportedLog(name, table.program, build_history(path, table, notes), size, written, tuple(notes))


def _read_table(path: str, content: bytes, notes: list[str]) -> LogTable:
    """What a CSV or JSON file holds."""
    text = decode(path, content)
    if text.lstrip()[:1] in ("{", "["):
        return read_json(path, text, notes)
    table = read_delimited(path, text, notes)
    if is_export([name for name, _ in table.columns]):
        return read_points(path, list(zip(*(cells for _, cells in table.columns), strict=True)), notes)
    return table


def _read_curve(path: str, content: bytes, notes: list[str]) -> LogTable:
    """One of several exported curves."""
    table = _read_table(path, content, notes)
    if not table.certain or len(table.columns) != 2:
        raise LogError(f"{path} is no curve that TensorBoard exported: open it by itself.")
    return table
