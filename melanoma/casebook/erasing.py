"""What is deleted leaves the database's files too, as far as the app can see to it; the rest is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import sqlalchemy as sql

from melanoma.casebook.database import Database, describe_sqlite_error, plain_errors
from melanoma.casebook.error import CasebookError
from melanoma.casebook.tables import METADATA

# Bytes of a SQLite file that is compacted at each deletion, which takes about as long as copying it twice
SMALL = 256 * 1024**2
COMPACT = "`python -m melanoma casebook compact`"
IN_COPIES = "Copies, exports and backups that were made before still hold it: delete it there too."
IN_LARGE_FILE = f"Unused parts of the casebook's file may hold some of its words until you run {COMPACT}."
IN_SERVER = f"PostgreSQL's files hold it until you run {COMPACT}, and its log and backups until they are overwritten."


def erase_deleted(database: Database) -> None:
    """Overwrite what was deleted in SQLite's files. Photos always; of a large file, unused corners are left.

    Raises CasebookError, which says that it is deleted nonetheless, where another keeps the file busy for too long.
    """
    if database.path is None:
        return
    try:
        if is_small(database):
            compact(database)
        else:
            _empty_log(database)
    except CasebookError as error:
        raise CasebookError(f"It is deleted, but the file may still hold its bytes. Run {COMPACT} later.") from error


def compact(database: Database) -> None:
    """Write the database's files anew, without what was deleted; others wait meanwhile. May raise Busy or Full."""
    if database.path is not None:
        with plain_errors(database.name), closing(database.engine.raw_connection()) as connection:
            try:
                connection.cursor().execute("VACUUM")  # deleting overwrites a row, and leaves copies in other corners
            except sqlite3.Error as error:
                raise describe_sqlite_error(error, database.name) from error
        _empty_log(database)
        return
    with plain_errors(database.name), database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in METADATA.sorted_tables:
            connection.execute(sql.text(f"VACUUM FULL {table.name}"))


def _empty_log(database: Database) -> None:
    """Move SQLite's log into its file, and cut it to nothing: it may hold what was deleted since."""
    with plain_errors(database.name), closing(database.engine.raw_connection()) as connection:
        busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise CasebookError("Somebody else is reading the casebook.")


def is_small(database: Database) -> bool:
    """Whether a deletion may take the time to write the file anew."""
    return database.path is not None and database.path.stat().st_size <= SMALL


def describe_remains(database: Database) -> str:
    """What a deletion does not reach, for the person who is asked whether to delete."""
    if database.path is None:
        return f"{IN_COPIES} {IN_SERVER}"
    return IN_COPIES if is_small(database) else f"{IN_COPIES} {IN_LARGE_FILE}"
