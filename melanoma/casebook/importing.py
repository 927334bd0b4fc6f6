"""An export, read into an empty casebook, which then equals the one that it was made of."""

from __future__ import annotations

import hashlib
import itertools
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import sqlalchemy as sql

from melanoma.casebook.database import Database
from melanoma.casebook.error import CasebookError, Invalid, TooNew
from melanoma.casebook.exporting import BATCH, FORMAT, MANIFEST, Manifest
from melanoma.casebook.rows import to_row
from melanoma.casebook.tables import METADATA, changes, contents, list_stored

NO_EXPORT = "{path} is no export of a casebook, or is damaged. Nothing was saved."


def import_casebook(database: Database, path: Path) -> Manifest:
    """Read all of an export into an empty casebook, in one transaction; ids, versions and history are kept.

    Raises Invalid where the casebook is not empty, TooNew for the export of a newer app, CasebookError for a file that
    is no export, is damaged or incomplete.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive, path)
            with database.writing() as connection:
                check_empty(connection)
                stored = sum(1 for _ in _read_contents(archive, connection))
                counts = {
                    table.name: _read_table(archive, connection, table, type_)
                    for type_, table in list_stored()
                    if table.name in manifest.records
                }
                if counts != manifest.records or stored != manifest.contents:
                    raise CasebookError(f"{path} is incomplete. Nothing was saved.")
                _go_on_counting(connection)
    except OSError as error:
        raise CasebookError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, msgspec.MsgspecError) as error:
        raise CasebookError(NO_EXPORT.format(path=path)) from error
    return manifest


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """What the export says that it holds."""
    manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    unknown = set(manifest.records) - set(METADATA.tables)
    if manifest.format > FORMAT or unknown:
        raise TooNew(f"A newer version of the app has made {path}. Update the app. Nothing was saved.")
    return manifest


def check_empty(connection: sql.Connection) -> None:
    """Raise Invalid where a table has a row."""
    for table in METADATA.sorted_tables:
        if connection.execute(sql.select(sql.literal(1)).select_from(table).limit(1)).first():
            raise Invalid("This casebook is not empty. Name an empty folder or database, and import there.")


def _read_contents(archive: zipfile.ZipFile, connection: sql.Connection) -> Iterator[str]:
    """Store the bytes of photos and reports, one at a time; the SHA-256 of each."""
    for name in archive.namelist():
        if name.startswith("contents/"):
            content, sha256 = archive.read(name), PurePosixPath(name).stem
            if hashlib.sha256(content).hexdigest() != sha256:
                raise CasebookError(f"{name} in the export is damaged. Nothing was saved.")
            connection.execute(sql.insert(contents).values(sha256=sha256, content=content))
            yield sha256


def _read_table(archive: zipfile.ZipFile, connection: sql.Connection, table: sql.Table, type_: type[Any]) -> int:
    """Store the records of a table, a few at a time; how many there are."""
    count = 0
    decoder = msgspec.json.Decoder(type_)
    with archive.open(f"{table.name}.jsonl") as file:
        while rows := [to_row(decoder.decode(line)) for line in itertools.islice(file, BATCH)]:
            connection.execute(sql.insert(table), rows)
            count += len(rows)
    return count


def _go_on_counting(connection: sql.Connection) -> None:
    """Tell PostgreSQL the number of the history's last line; SQLite sees it by itself."""
    if connection.dialect.name == "postgresql":
        last = sql.select(sql.func.max(changes.c.number)).scalar_subquery()
        sequence = sql.func.pg_get_serial_sequence(changes.name, changes.c.number.name)
        connection.execute(sql.select(sql.func.setval(sequence, sql.func.coalesce(last, 1), last.is_not(None))))
