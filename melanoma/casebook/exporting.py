"""The whole casebook as one ZIP, which `importing.py` reads back, and which people and other programs can read.

casebook.json         what is in it: format, time, how many of each
TABLE.jsonl           one record a line, as JSON; the truth, which is read back
TABLE.csv             the same for a spreadsheet
contents/SHA256.EXT   the bytes of photos and reports, named after their SHA-256
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sql

from melanoma.casebook.database import Database
from melanoma.casebook.error import CasebookError
from melanoma.casebook.records import Answer, Change, Record, now
from melanoma.casebook.rows import from_row
from melanoma.casebook.tables import TABLES, contents, list_stored
from melanoma.casebook.writing import refer_to_contents
from melanoma.diagnoses import CODES
from melanoma.serving.cells import plain_cell

FORMAT = 1
MANIFEST = "casebook.json"
BATCH = 500  # rows that are held at once


@dataclass(frozen=True)
class Manifest:
    """What an export holds. records: of each table; contents: photos and reports, each once."""

    format: int
    made: datetime.datetime
    records: dict[str, int]
    contents: int


def export_casebook(database: Database, path: Path) -> Manifest:
    """Write all of it to a ZIP, as it is at one moment, while others go on. The file appears when it is complete.

    Raises CasebookError where the file cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive, database.reading() as connection:
            stored = _write_contents(archive, connection)
            counts = {table.name: _write_table(archive, connection, table, type_) for type_, table in list_stored()}
            manifest = Manifest(FORMAT, now(), counts, stored)
            archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        partial.replace(path)
    except OSError as error:
        raise CasebookError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _write_table(archive: zipfile.ZipFile, connection: sql.Connection, table: sql.Table, type_: type[Any]) -> int:
    """One table, as lines of JSON and as CSV; how many records it has."""
    count = 0
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
        for record in _read_table(connection, table, type_):
            file.write(msgspec.json.encode(record) + b"\n")
            count += 1
    columns = list_columns(type_)
    with archive.open(f"{table.name}.csv", "w", force_zip64=True) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(to_cells(record) for record in _read_table(connection, table, type_))
        text.flush()
        text.detach()
    return count


def _read_table(connection: sql.Connection, table: sql.Table, type_: type[Any]) -> Iterator[Any]:
    """All records of a table, in the order of their key, a few at a time."""
    query = sql.select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)
    return (from_row(type_, row) for row in connection.execute(query))


def _write_contents(archive: zipfile.ZipFile, connection: sql.Connection) -> int:
    """The bytes of photos and reports, one at a time; how many there are."""
    formats: dict[str, str] = {}
    for table in TABLES.values():
        for column in refer_to_contents(table):
            formats |= {row[0]: row[1] for row in connection.execute(sql.select(column, table.c.format))}
    hashes = connection.scalars(sql.select(contents.c.sha256).order_by(contents.c.sha256)).all()
    for sha256 in hashes:
        content = connection.execute(sql.select(contents.c.content).where(contents.c.sha256 == sha256)).scalar_one()
        suffix = "".join(filter(str.isalnum, formats.get(sha256, "bin").lower()))
        archive.writestr(f"contents/{sha256}.{suffix}", content, zipfile.ZIP_STORED)  # photos do not get smaller
    return len(hashes)


def list_columns(type_: type[Record] | type[Change]) -> list[str]:
    """Columns of a table's CSV: the fields; the probabilities of an answer one by one."""
    names = [field.name for field in dataclasses.fields(type_)]
    if type_ is Answer:
        place = names.index("probabilities")
        names[place : place + 1] = [f"p_{code}" for code in CODES]
    return names


def to_cells(record: Record | Change) -> list[str]:
    """A record as cells of `list_columns`; none that a spreadsheet would take for a formula."""
    cells: list[str] = []
    for name, value in msgspec.to_builtins(record).items():
        if name == "probabilities":
            cells += [repr(share) for share in value]
        elif isinstance(value, list | dict):
            cells.append(plain_cell(msgspec.json.encode(value).decode()))
        elif isinstance(value, str):
            cells.append(plain_cell(value))
        else:
            cells.append("" if value is None else str(value))
    return cells
