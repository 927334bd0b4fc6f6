"""Where the casebook lies: a SQLite file or a PostgreSQL database, opened, with transactions and plain errors."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import event, exc, pool

from melanoma.casebook.error import Busy, CannotOpen, CasebookError, Full, Invalid, Missing, Unreachable

SETTING = "MELANOMA_CASEBOOK"
FILE = "casebook.db"  # in the folder that the setting names
PATIENCE = 5.0  # seconds that a save waits for another's
SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Database:
    """An opened database. name: for people, without a password; path: of the SQLite file, None for PostgreSQL."""

    engine: sql.Engine
    name: str
    path: Path | None

    @contextmanager
    def reading(self) -> Iterator[sql.Connection]:
        """A connection that sees the casebook as it was at one moment, and cannot change it."""
        with plain_errors(self.name), self.engine.connect() as connection:
            if self.path is None:
                options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = connection.execution_options(**options)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sql.Connection]:
        """A connection whose work is saved as a whole when the block ends, and not at all when it raises."""
        with plain_errors(self.name), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin() as transaction:
                yield connection
                with plain_errors(self.name, saving=True):
                    transaction.commit()


def read_setting() -> str | None:
    """What MELANOMA_CASEBOOK names: a folder, or the URL of a PostgreSQL database. None: the casebook is off."""
    return os.environ.get(SETTING, "").strip() or None


def open_database(place: str) -> Database:
    """Connect to the folder's file, which is made where there is none, or to the database of the URL.

    Raises CannotOpen for a folder that does not exist, a URL that is none, or a driver that is not installed.
    """
    return _open_server(place) if "://" in place else open_file(Path(place).expanduser() / FILE)


def open_file(path: Path) -> Database:
    """A SQLite file; made, empty, where there is none."""
    path = path.absolute()
    if not path.parent.is_dir():
        raise CannotOpen(f"There is no folder {path.parent}. Make it, or name another in {SETTING}.")
    with plain_errors(str(path)):
        if not path.exists():
            _make_file(path)
        engine = sql.create_engine("sqlite://", poolclass=pool.NullPool, creator=lambda: _connect_file(path))
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin)
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # a file that is no database raises here
        return Database(engine, str(path), path)


def _make_file(path: Path) -> None:
    """An empty SQLite file that keeps its changes in a log beside it, so that readers and a writer do not wait."""
    try:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        path.chmod(0o600)
    except sqlite3.Error as error:
        raise CannotOpen(f"{path} cannot be made: {error}. Check the folder's permissions and its disk.") from error


def _connect_file(path: Path) -> sqlite3.Connection:
    """A connection to a file, never a new file: one that has moved is missed, and not replaced by an empty one."""
    uri = f"{path.as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)


def _prepare_connection(connection: sqlite3.Connection, _: object) -> None:
    """What SQLite is told at each connection. secure_delete: what is deleted is overwritten with zeros."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a saved case survives a power cut


def _begin(connection: sql.Connection) -> None:
    """A writer takes its turn at once: waiting later could fail in the middle."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_server(url: str) -> Database:
    """A PostgreSQL database by its URL."""
    try:
        parsed = sql.make_url(url)
        if parsed.drivername in ("postgres", POSTGRESQL):
            parsed = parsed.set(drivername=DRIVER)
        if parsed.drivername != DRIVER:
            raise CannotOpen(f"{SETTING} takes a folder, or a URL that begins with {DRIVER}://.")
        engine = sql.create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": int(PATIENCE)})
    except CannotOpen:
        raise
    except (exc.ArgumentError, ValueError) as error:
        raise CannotOpen(f"{SETTING} is no URL of a database. Write {DRIVER}://USER@HOST/DATABASE.") from error
    except ModuleNotFoundError as error:
        raise CannotOpen('The driver for PostgreSQL is missing. Install it: pip install "psycopg[binary]".') from error
    event.listen(engine, "connect", _limit_waiting)
    name = parsed.render_as_string(hide_password=True)
    with plain_errors(name), engine.connect():
        return Database(engine, name, None)


def _limit_waiting(connection: Any, _: object) -> None:
    """PostgreSQL waits no longer for another's lock than SQLite does."""
    connection.execute(f"SET lock_timeout = {int(1000 * PATIENCE)}")
    connection.commit()


@contextmanager
def plain_errors(name: str, *, saving: bool = False) -> Iterator[None]:
    """Turn what a database raises into a CasebookError. saving: while the transaction was being completed."""
    try:
        yield
    except exc.DBAPIError as error:
        original = error.orig
        if isinstance(original, sqlite3.Error):
            raise describe_sqlite_error(original, name) from error
        raise describe_postgresql_error(error, name, saving) from error


def describe_sqlite_error(error: sqlite3.Error, name: str) -> CasebookError:
    """The plain error of one of SQLite's, by the codes of https://sqlite.org/rescode.html."""
    code = getattr(error, "sqlite_errorcode", 0)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy("Somebody else is saving to the casebook. Nothing was saved. Try again in a moment.")
        case sqlite3.SQLITE_FULL:
            return Full(f"There is no room left on the disk of {name}. Nothing was saved. Make room and try again.")
        case sqlite3.SQLITE_CANTOPEN:
            return Unreachable(f"The casebook is not at {name} any more, or may not be opened. Nothing was saved.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return Unreachable(f"{name} may not be written to. Nothing was saved. Check its permissions.")
        case sqlite3.SQLITE_NOTADB:
            return CannotOpen(f"{name} is no casebook. Move it away, or name another folder in {SETTING}.")
        case sqlite3.SQLITE_CORRUPT:
            return CannotOpen(f"{name} is damaged. Restore it from a copy.")
        case sqlite3.SQLITE_CONSTRAINT:
            return describe_refusal(code in (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,), str(error))
        case _:
            return Unreachable(f"{name} cannot be used: {error}. Nothing was saved.")


def describe_postgresql_error(error: exc.DBAPIError, name: str, saving: bool) -> CasebookError:
    """The plain error of one of PostgreSQL's, by the codes of its manual's appendix A."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in ("55P03", "40P01", "40001", "57014"):
        return Busy("Somebody else is saving to the casebook. Nothing was saved. Try again in a moment.")
    if state in ("53100", "53200"):
        return Full(f"There is no room left on the server of {name}. Nothing was saved. Make room and try again.")
    if state.startswith("23"):
        return describe_refusal(state == "23503", str(error.orig))
    reason = (str(error.orig).strip().splitlines() or ["no reason stated"])[0]
    if saving:
        return Unreachable("The connection broke while it was saving. Look whether it is there before you save again.")
    return Unreachable(f"The casebook at {name} does not answer: {reason}. Nothing was saved.")


def describe_refusal(lacks_parent: bool, reason: str) -> CasebookError:
    """The plain error of a constraint that the record does not meet."""
    if lacks_parent:
        return Missing("What this belongs to is not in the casebook. Somebody may have deleted it. Nothing was saved.")
    if "patients.reference" in reason or "patients_reference" in reason:
        return Invalid("There is already a patient of this reference. Nothing was saved.")
    if "lesions.label" in reason or "lesions_patient_id_label" in reason:
        return Invalid("This patient already has a lesion of this label. Nothing was saved.")
    return Invalid(f"The casebook does not take this: {reason.splitlines()[0]}. Nothing was saved.")
