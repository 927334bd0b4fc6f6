"""Where the rows of `score` are kept: a CSV, or a folder of Parquet files. Either can be gone on with.

A folder of Parquet files is one table to pandas, DuckDB, Polars and Spark. Each is written as a whole, so that whoever
is killed leaves whole files only.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TextIO

from melanoma.run import RunError
from melanoma.serving.cells import plain_text
from melanoma.serving.classifier import Classifier
from melanoma.serving.rows import COLUMNS, row_key
from melanoma.serving.stores import Store, open_store

PARQUET = ".parquet"
NUMBERS = tuple(name for name in COLUMNS if name.startswith("p_") or name == "malignant")
SHARD = 500  # rows of a Parquet file: what a kill may cost
SETTINGS = "_settings.json"  # readers of Parquet folders leave out what begins so

Done = frozenset[tuple[str, str]]  # of `row_key`


@dataclass(frozen=True)
class ScoreSettings:
    """What rows depend on beside the photos: they are not mixed with rows of others.

    sha256: of network and calibration, as `Run.answer_sha256`; kind: as stated for all photos, None: as seen.
    """

    run: str
    sha256: str
    operating_point: str
    kind: str | None

    @classmethod
    def of(cls, classifier: Classifier, operating_point: str | None, kind: str | None) -> ScoreSettings:
        """Raises RunError for an unknown operating point."""
        name, _ = classifier.operating_point(operating_point)
        return cls(classifier.run.name, classifier.run.answer_sha256, name, kind and str(kind))

    def as_json(self) -> str:
        """To be kept beside the rows."""
        return json.dumps(asdict(self), indent=1) + "\n"


class RowFile(Protocol):
    """Rows that are written one by one. done: what has a row from before."""

    done: Done

    def write(self, row: dict[str, str]) -> None:
        """Add a row of COLUMNS."""

    def close(self) -> None:
        """Keep what is not kept yet."""


def open_rows(target: str, settings: ScoreSettings, *, resume: bool) -> RowFile:
    """The CSV or, by its suffix, the Parquet folder; `resume`: with the rows that it holds.

    Raises RunError where these are of other settings, or are none, or would be lost; or OSError.
    """
    if target.endswith(PARQUET):
        return ParquetRows(open_store(target), settings, resume=resume)
    return CsvRows(Path(target), settings, resume=resume)


class CsvRows:
    """A CSV, and beside it a file that says how it was made."""

    def __init__(self, path: Path, settings: ScoreSettings, *, resume: bool):
        path = Path(os.path.realpath(path))  # the settings lie beside the rows, not beside a link to them
        beside = path.with_name(path.name + ".settings.json")
        self.done: Done = frozenset()
        is_new = not (resume and path.exists())
        if not is_new:
            check_settings(str(path), beside.read_text() if beside.exists() else None, settings)
            self.done = self._read(path)
        # A file name that is not valid Unicode is written back byte for byte.
        self._file: TextIO = path.open("w" if is_new else "a", newline="", encoding="utf-8", errors="surrogateescape")
        self._writer = csv.DictWriter(self._file, COLUMNS, lineterminator="\n")
        if self._file.tell() == 0:
            beside.write_text(settings.as_json())
            self._writer.writeheader()

    @staticmethod
    def _read(path: Path) -> Done:
        """What has a row; of a last line that is not whole, nothing is left."""
        with path.open("rb+") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
        lines = content[: content.rfind(b"\n") + 1].decode("utf-8", "surrogateescape")
        reader = csv.DictReader(io.StringIO(lines, newline=""))
        if lines and tuple(reader.fieldnames or ()) != COLUMNS:
            raise RunError(f"{path} was not written by this version of score. Choose another file for --out.")
        return frozenset(map(row_key, reader))

    def write(self, row: dict[str, str]) -> None:
        """As `RowFile.write`; an interrupted folder leaves the rows so far."""
        self._writer.writerow(row)
        self._file.flush()

    def close(self) -> None:
        """As `RowFile.close`."""
        self._file.close()


class ParquetRows:
    """A folder of Parquet files, of SHARD rows each; one more file says how they were made."""

    def __init__(self, store: Store, settings: ScoreSettings, *, resume: bool):
        self._store, self._rows = store, list[dict[str, str]]()
        shards = list_shards(store)
        if shards and not resume:
            raise RunError(f"{store.path} holds rows already. Add --resume to go on, or choose another --out.")
        if shards:
            noted = store.read(SETTINGS)
            check_settings(store.path, noted.decode() if noted else None, settings)
        store.write(SETTINGS, settings.as_json().encode())
        self.done: Done = frozenset(read_done(store, shards))
        self._number = len(shards)

    def write(self, row: dict[str, str]) -> None:
        """As `RowFile.write`; kept when there are SHARD of them."""
        self._rows.append(row)
        if len(self._rows) == SHARD:
            self.close()

    def close(self) -> None:
        """As `RowFile.close`."""
        if not self._rows:
            return
        while self._store.has(name := f"part-{self._number:06d}{PARQUET}"):
            self._number += 1
        write_shard(self._store, name, self._rows)
        self._rows = []


def check_settings(name: str, noted: str | None, settings: ScoreSettings) -> None:
    """Raises RunError where the rows of `name` were not made, or are not known to be made, with these settings."""
    with suppress(ValueError, TypeError):
        if noted is not None and ScoreSettings(**json.loads(noted)) == settings:
            return
    raise RunError(f"{name} holds rows of another network, operating point or kind of photo. Choose another --out.")


def list_shards(store: Store) -> list[str]:
    """Paths of the folder's Parquet files."""
    paths = store.list_paths()
    return [path for path in paths if path.endswith(PARQUET) and not path.rpartition("/")[2].startswith((".", "_"))]


def read_done(store: Store, shards: Iterable[str]) -> Iterable[tuple[str, str]]:
    """What has a row in these files."""
    from pyarrow import parquet

    for path in shards:
        with store.files.open_input_file(path) as file:
            table = parquet.read_table(file, columns=["file", "sha256"])
        yield from zip(table["file"].to_pylist(), table["sha256"].to_pylist(), strict=True)


def read_statuses(store: Store, name: str) -> list[str]:
    """The column `status` of a file of the folder."""
    from pyarrow import parquet

    with store.files.open_input_file(f"{store.path}/{name}") as file:
        return parquet.read_table(file, columns=["status"])["status"].to_pylist()


def write_shard(store: Store, name: str, rows: list[dict[str, str]]) -> None:
    """One Parquet file: numbers as float64, null where there are none; all else as text."""
    import pyarrow
    from pyarrow import parquet

    columns = {
        name: [float(row[name]) if row[name] else None for row in rows]
        if name in NUMBERS
        else [plain_text(row[name]) for row in rows]
        for name in COLUMNS
    }
    kinds = pyarrow.schema([(name, pyarrow.float64() if name in NUMBERS else pyarrow.string()) for name in COLUMNS])
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns, kinds), file)
    store.write(name, file.getvalue())
