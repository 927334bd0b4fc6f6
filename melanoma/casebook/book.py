"""The casebook: opened by its place, read by questions, changed by a `Writer`."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql

from melanoma.casebook import searching, tables
from melanoma.casebook.copying import check_casebook, copy_casebook, count_records
from melanoma.casebook.database import Database, open_database
from melanoma.casebook.erasing import compact, describe_remains, erase_deleted
from melanoma.casebook.error import CasebookError, Invalid, Missing
from melanoma.casebook.exporting import Manifest, export_casebook
from melanoma.casebook.importing import import_casebook
from melanoma.casebook.reader_study import Study, StudyCase, StudyReader, StudyReading
from melanoma.casebook.records import (
    Answer,
    Change,
    Lesion,
    Outcome,
    Patient,
    Reading,
    Record,
    Report,
    StoredPhoto,
    Visit,
    settle,
)
from melanoma.casebook.rows import from_row
from melanoma.casebook.searching import PAGE, Found, FoundLesion, Search
from melanoma.casebook.tables import TABLES
from melanoma.casebook.writing import Writer

R = TypeVar("R", bound=Record)
# By what records of a type are listed, before their id
ORDER = ("reference", "label", "date", "made", "stored")


@dataclass(frozen=True)
class Case:
    """All about one lesion, as it was at one moment; each list is in the order of time."""

    patient: Patient
    lesion: Lesion
    visits: tuple[Visit, ...]
    photos: tuple[StoredPhoto, ...]
    answers: tuple[Answer, ...]
    readings: tuple[Reading, ...]
    reports: tuple[Report, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The one that counts; None while it is open."""
        return settle(self.outcomes)


@dataclass(frozen=True)
class Casebook:
    """An opened casebook. Many threads and processes may use it at once; all methods may raise CasebookError."""

    database: Database

    @property
    def name(self) -> str:
        """Where it lies, for people: without a password."""
        return self.database.name

    def close(self) -> None:
        """Let go of the database's connections; the casebook opens them again where it is used again."""
        self.database.engine.dispose()

    @contextmanager
    def write(self, who: str) -> Iterator[Writer]:
        """Save all that the block does, or nothing where it raises. who: a free id, for the history.

        Saved is what the block did once it has ended, not before.
        """
        with self.database.writing() as connection:
            writer = Writer(connection, who)
            yield writer
            writer.finish()
        if writer.has_deleted:
            erase_deleted(self.database)

    def join_study(self, reader: StudyReader) -> StudyReader:
        """Save a new reader of a study, under no other name than the hash of their code."""
        with Casebook.write(self, reader.name) as writer:  # no more than this: roles that may not write may join
            return writer.add(reader)

    def answer_item(self, reading: StudyReading, code: str) -> StudyReading:
        """Save a reader's answer to an item. Raises Invalid where this is not the code of that reader."""
        with self.database.reading() as connection:
            readers = find(connection, StudyReader, id=reading.reader_id)
            cases = find(connection, StudyCase, id=reading.case_id)
            studies = find(connection, Study, id=[reader.study_id for reader in readers])
        if not studies or not studies[0].is_own(readers[0], code) or [one.study_id for one in cases] != [studies[0].id]:
            raise Invalid("An answer to an item of a study needs its reader's own code. Come back with it.")
        with Casebook.write(self, readers[0].name) as writer:  # as above
            return writer.add(reading)

    def get(self, type_: type[R], id_: str) -> R:
        """The record of an id. Raises Missing where there is none."""
        records = self.find(type_, id=id_)
        if not records:
            raise Missing(f"This {type_.__name__.lower()} is not in the casebook. Somebody may have deleted it.")
        return records[0]

    def find(self, type_: type[R], **equal: Any) -> tuple[R, ...]:
        """All records of a type whose fields equal these, such as `find(Visit, lesion_id=lesion.id)`.

        Patients come by reference, lesions by label, the others the oldest first.
        """
        with self.database.reading() as connection:
            return find(connection, type_, **equal)

    def content(self, sha256: str) -> bytes:
        """The bytes of a stored photo or report. Raises Missing where there are none."""
        query = sql.select(tables.contents.c.content).where(tables.contents.c.sha256 == sha256)
        with self.database.reading() as connection:
            content = connection.scalar(query)
        if content is None:
            raise Missing("This photo or report is not in the casebook. Somebody may have deleted it.")
        return content

    def case(self, lesion_id: str) -> Case:
        """All about one lesion. Raises Missing where there is none."""
        with self.database.reading() as connection:
            lesions = find(connection, Lesion, id=lesion_id)
            if not lesions:
                raise Missing("This lesion is not in the casebook. Somebody may have deleted it.")
            (patient,) = find(connection, Patient, id=lesions[0].patient_id)
            visits = find(connection, Visit, lesion_id=lesion_id)
            ids = [visit.id for visit in visits]
            return Case(
                patient,
                lesions[0],
                visits,
                find(connection, StoredPhoto, visit_id=ids),
                find(connection, Answer, visit_id=ids),
                find(connection, Reading, visit_id=ids),
                find(connection, Report, visit_id=ids),
                find(connection, Outcome, lesion_id=lesion_id),
            )

    def search(self, wanted: Search, *, offset: int = 0, limit: int = PAGE) -> Found:
        """A page of the lesions that are wanted, those seen last first."""
        with self.database.reading() as connection:
            return searching.search(connection, wanted, offset, limit)

    def follow_ups(self, until: datetime.date | None = None, *, limit: int = 200) -> tuple[FoundLesion, ...]:
        """Lesions that are to be seen again, the most overdue first; until: the latest due date, None for all.

        A due date counts until the lesion's next visit.
        """
        with self.database.reading() as connection:
            return searching.list_follow_ups(connection, until, limit)

    @contextmanager
    def read(self, what: str) -> Iterator[sql.Connection]:
        """A connection for a question that no other method asks; what: is asked for, in a word or two for the log."""
        with self.database.reading() as connection:
            yield connection

    def history(self, **equal: str) -> tuple[Change, ...]:
        """Lines of the history, oldest first: `history(lesion_id=...)`, `history(record_id=...)`, or all."""
        query = sql.select(tables.changes).filter_by(**equal).order_by(tables.changes.c.number)
        with self.database.reading() as connection:
            return tuple(from_row(Change, row) for row in connection.execute(query))

    def export(self, path: Path) -> Manifest:
        """Write all of it to a ZIP; see `exporting.py`."""
        return export_casebook(self.database, path)

    def take(self, path: Path) -> Manifest:
        """Read all of an export; this casebook must be empty. See `importing.py`."""
        return import_casebook(self.database, path)

    def copy(self, path: Path) -> None:
        """Write a copy of the database to a file, while others go on; see `copying.py`."""
        copy_casebook(self.database, path)

    def check(self) -> tuple[str, ...]:
        """What is wrong with the stored files, a sentence each; empty where all is well. Reads every photo."""
        return check_casebook(self.database)

    def compact(self) -> None:
        """Write the database's files anew, without what was deleted; others wait meanwhile."""
        compact(self.database)

    @property
    def remains(self) -> str:
        """What a deletion does not reach, in a sentence or two for who is asked whether to delete."""
        return describe_remains(self.database)

    def count(self) -> dict[str, int]:
        """How many rows each table has."""
        return count_records(self.database)


def find(connection: sql.Connection, type_: type[R], **equal: Any) -> tuple[R, ...]:
    """As `Casebook.find`, on a connection. A list of values stands for any of them."""
    table = TABLES[type_]
    query = sql.select(table)
    for name, value in equal.items():
        query = query.where(table.c[name].in_(value) if isinstance(value, list) else table.c[name] == value)
    query = query.order_by(*(table.c[name] for name in ORDER if name in table.c), table.c.id)
    return tuple(from_row(type_, row) for row in connection.execute(query))


def open_casebook(place: str) -> Casebook:
    """The casebook in a folder or at the URL of a PostgreSQL database; its tables are made or brought up to date.

    `read_setting` says the place that the user chose. Raises CannotOpen.
    """
    from melanoma.casebook.migrating import upgrade  # Alembic is needed here alone

    database = open_database(place)
    try:
        upgrade(database)
    except CasebookError:
        database.engine.dispose()
        raise
    return Casebook(database)
