"""A copy of the casebook while it is in use, and a check of one."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sql

from melanoma.casebook.database import Database
from melanoma.casebook.error import CasebookError
from melanoma.casebook.tables import METADATA, contents

PAGES = 1024  # of SQLite's, copied at a time, so that others can save between


def copy_casebook(database: Database, path: Path) -> None:
    """Write a copy of all of it to a file, as it is at one moment, while others go on.

    Of SQLite, a file that takes the place of the casebook's; of PostgreSQL, what `pg_restore` reads. The file appears
    when it is complete. Raises CasebookError where it exists or cannot be written, or where there is no `pg_dump`.
    """
    if path.exists():
        raise CasebookError(f"{path} is there already. Name a new file.")
    if not path.parent.is_dir():
        raise CasebookError(f"There is no folder {path.parent}. Make it first.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        if database.path is None:
            _dump(database, partial)
        else:
            _back_up(database.path, partial)
        partial.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise CasebookError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _back_up(source: Path, target: Path) -> None:
    """By SQLite's online backup: https://sqlite.org/backup.html."""
    with closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True)) as stored:
        target.touch(0o600)
        with closing(sqlite3.connect(target)) as copy:
            stored.backup(copy, pages=PAGES)


def _dump(database: Database, target: Path) -> None:
    """By PostgreSQL's own program, which must be of the server's version or newer."""
    program = shutil.which("pg_dump")
    if program is None:
        raise CasebookError("pg_dump is missing. Install PostgreSQL's client programs, or use `export`.")
    url = database.engine.url.set(drivername="postgresql")
    password = {"PGPASSWORD": url.password} if url.password else {}  # not in the arguments, which all users see
    command = [program, "--format=custom", "--no-password", f"--file={target}"]
    command.append(f"--dbname={url.set(password=None).render_as_string()}")
    result = subprocess.run(command, env=os.environ | password, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason stated"])[-1]
        raise CasebookError(f"pg_dump did not make the copy: {reason}")


def check_casebook(database: Database) -> tuple[str, ...]:
    """What is wrong with the stored files, a sentence each; empty where all is well. Reads every photo."""
    problems: list[str] = []
    with database.reading() as connection:
        if database.path is not None:
            problems += [f"SQLite says: {line}." for line in connection.scalars(sql.text("PRAGMA integrity_check"))]
            problems = [] if problems == ["SQLite says: ok."] else problems
            broken = connection.execute(sql.text("PRAGMA foreign_key_check")).all()
            problems += [f"A record of the table {row[0]} belongs to none of {row[2]}." for row in broken]
        for sha256 in connection.scalars(sql.select(contents.c.sha256)).all():
            content = connection.scalar(sql.select(contents.c.content).where(contents.c.sha256 == sha256))
            if content is None or hashlib.sha256(content).hexdigest() != sha256:
                problems.append(f"The photo or report {sha256} is damaged.")
    return tuple(problems)


def count_records(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as connection:
        return {
            table.name: connection.scalar(sql.select(sql.func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }
