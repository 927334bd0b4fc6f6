"""What changes the casebook: each change with a line of the history, in the same transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sql
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite

from melanoma.casebook import tables
from melanoma.casebook.error import Conflict, Invalid, Missing
from melanoma.casebook.records import (
    JSON,
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
    check_line,
    now,
)
from melanoma.casebook.rows import from_row, to_json, to_row
from melanoma.casebook.tables import METADATA, TABLES
from melanoma.casebook.vocabulary import ADDED, CHANGED, DELETED

R = TypeVar("R", bound=Record)
# Fields that may change, of types that mostly stay as they were saved
CHANGEABLE: dict[type[Record], frozenset[str]] = {
    Reading: frozenset(),
    StoredPhoto: frozenset({"kind", "taken"}),
    Report: frozenset(),
    Answer: frozenset({"wrong_by", "wrong_at", "wrong_note"}),
}
DELETABLE: set[type[Record]] = {Patient, Lesion, Visit, StoredPhoto, Report, Outcome}


class Writer:
    """Adds, changes and deletes in one transaction; made by `Casebook.write`."""

    def __init__(self, connection: sql.Connection, who: str) -> None:
        check_line("Who changes the casebook", who, needed=True)
        self._connection, self._who = connection, who
        self._has_failed = False
        self.has_deleted = False

    def add(self, record: R) -> R:
        """Save a new record; as it is stored then. Raises Invalid for a second patient of the same reference."""
        stored = replace(record, version=1)
        self._execute(sql.insert(TABLES[type(record)]), to_row(stored))
        self._log(ADDED, stored, new=to_json(stored))
        return stored

    def keep(self, content: bytes) -> str:
        """Store the bytes of a photo or a report; its SHA-256, for the record that refers to it."""
        sha256 = hashlib.sha256(content).hexdigest()
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        self._execute(insert(tables.contents).on_conflict_do_nothing(), {"sha256": sha256, "content": content})
        return sha256

    def change(self, record: R) -> R:
        """Save other values for a record that was read before; as it is stored then.

        Raises Conflict where somebody else has saved it since, Invalid for what is not to be changed.
        """
        old = self._read(record)
        if old is None or old.version != record.version:
            raise self._conflict(record, old)
        self._check_changeable(old, record)
        stored = replace(record, version=record.version + 1)
        table = TABLES[type(record)]
        update = sql.update(table).where(table.c.id == record.id, table.c.version == record.version)
        if self._execute(update.values(**to_row(stored))).rowcount != 1:  # another was faster
            raise self._conflict(record, self._read(record))
        self._log(CHANGED, stored, old=to_json(old), new=to_json(stored))
        return stored

    def mark_wrong(self, answer: Answer, note: str = "") -> Answer:
        """Mark a network's answer as wrong; as it is stored then."""
        return self.change(replace(answer, wrong_by=self._who, wrong_at=now(), wrong_note=note))

    def delete(self, record: Record) -> None:
        """Delete a patient, lesion, visit, photo, report or outcome, with all that belongs to it, and its bytes.

        The history of a deleted patient or lesion goes too; a line stays that says who deleted which id, and when.
        Raises Conflict where somebody else has saved the record since it was read.
        """
        if type(record) not in DELETABLE:
            raise Invalid(f"A single {type(record).__name__.lower()} is not deleted. Delete its visit or its lesion.")
        stored = self._read(record)
        if stored is None or stored.version != record.version:
            raise self._conflict(record, stored)
        table = TABLES[type(record)]
        family = self._list_family(record)
        contents = self._list_contents(family)
        if not isinstance(record, Patient | Lesion):
            owners = self._find_owners(stored)
            for member, ids in reversed(family.items()):
                self._log_deletions(member, ids, owners)
        self._execute(sql.delete(table).where(table.c.id == record.id))
        if isinstance(record, Patient | Lesion):
            column = tables.changes.c.patient_id if isinstance(record, Patient) else tables.changes.c.lesion_id
            self._execute(sql.delete(tables.changes).where(column == record.id))
            patient_id = record.patient_id if isinstance(record, Lesion) else None
            self._write_change(DELETED, table.name, record.id, (patient_id, None))
        self._drop_contents(contents)
        self.has_deleted = True

    def finish(self) -> None:
        """Refuse to save a transaction of which a part has failed, although somebody has caught the error."""
        if self._has_failed:
            raise Invalid("A part of this could not be saved. Nothing was saved.")

    def _execute(self, statement: sql.Executable, values: dict[str, Any] | None = None) -> sql.CursorResult:
        try:
            return self._connection.execute(statement, values)
        except exc.DBAPIError:
            self._has_failed = True
            raise

    def _read(self, record: R) -> R | None:
        table = TABLES[type(record)]
        row = self._execute(sql.select(table).where(table.c.id == record.id)).first()
        return None if row is None else from_row(type(record), row)

    def _check_changeable(self, old: Record, new: Record) -> None:
        allowed = CHANGEABLE.get(type(new))
        before, after = to_row(old), to_row(new)
        changed = {name for name in before if before[name] != after[name]}
        if allowed is not None and not changed <= allowed:
            raise Invalid(f"A saved {type(new).__name__.lower()} stays as it is. Add another one.")

    def _conflict(self, mine: Record, theirs: Record | None) -> Conflict | Missing:
        table = tables.changes
        query = sql.select(table).where(table.c.record_id == mine.id).order_by(table.c.number)
        changes = (from_row(Change, row) for row in self._execute(query))
        since = tuple(one for one in changes if one.new is None or one.new["version"] > mine.version)
        if theirs is None and not since:
            return Missing("This is not in the casebook. Somebody may have deleted the patient or the lesion.")
        return Conflict(mine, theirs, since)

    def _find_owners(self, record: Record) -> tuple[str | None, str | None]:
        """Ids of the patient and the lesion that a record belongs to; None for none."""
        if isinstance(record, Patient):
            return record.id, None
        if isinstance(record, Lesion):
            return record.patient_id, record.id
        query = sql.select(tables.lesions.c.patient_id, tables.lesions.c.id)
        if hasattr(record, "lesion_id"):
            query = query.where(tables.lesions.c.id == record.lesion_id)
        elif hasattr(record, "visit_id"):
            query = query.join(tables.visits).where(tables.visits.c.id == record.visit_id)
        else:
            return None, None
        row = self._execute(query).first()
        return (None, None) if row is None else (row[0], row[1])

    def _log(self, action: str, record: Record, old: JSON | None = None, new: JSON | None = None) -> None:
        self._write_change(action, TABLES[type(record)].name, record.id, self._find_owners(record), old, new)

    def _write_change(
        self,
        action: str,
        table: str,
        record_id: str,
        owners: tuple[str | None, str | None],
        old: JSON | None = None,
        new: JSON | None = None,
    ) -> None:
        line = {"at": now(), "who": self._who, "action": action, "table": table, "record_id": record_id}
        patient_id, lesion_id = owners
        values = line | {"patient_id": patient_id, "lesion_id": lesion_id, "old": old, "new": new}
        self._execute(sql.insert(tables.changes), values)

    def _list_family(self, record: Record) -> dict[sql.Table, set[str]]:
        """Ids of the record, and of all that the database deletes with it, by table, parents first."""
        family = {TABLES[type(record)]: {record.id}}
        for child in METADATA.sorted_tables:
            for key in sorted(child.foreign_keys, key=lambda key: key.column.table is child):  # first its parents
                ids = family.get(key.column.table, set())
                while ids:  # a reading may revise one that revises another
                    query = sql.select(child.c.id).where(key.parent.in_(ids))
                    found = set(self._connection.scalars(query)) - family.get(child, set())
                    family[child] = family.get(child, set()) | found
                    ids = found if key.column.table is child else set()
        return {table: ids for table, ids in family.items() if ids}

    def _log_deletions(self, table: sql.Table, ids: Iterable[str], owners: tuple[str | None, str | None]) -> None:
        (type_,) = (type_ for type_, one in TABLES.items() if one is table)
        for row in self._execute(sql.select(table).where(table.c.id.in_(ids))).all():
            self._write_change(DELETED, table.name, row.id, owners, old=to_json(from_row(type_, row)))

    def _list_contents(self, family: dict[sql.Table, set[str]]) -> set[str]:
        """SHA-256 of the bytes that these records refer to."""
        found: set[str] = set()
        for table, ids in family.items():
            for column in refer_to_contents(table):
                found |= set(self._connection.scalars(sql.select(column).where(table.c.id.in_(ids))))
        return found

    def _drop_contents(self, contents: set[str]) -> None:
        """Delete those of these bytes that nothing refers to any more."""
        unused = sql.delete(tables.contents).where(tables.contents.c.sha256.in_(contents))
        for table in METADATA.tables.values():
            for column in refer_to_contents(table):
                unused = unused.where(~sql.exists().where(column == tables.contents.c.sha256))
        if contents:
            self._execute(unused)


def refer_to_contents(table: sql.Table) -> list[sql.Column]:
    """The columns of a table that name the bytes of a photo or a report."""
    return [key.parent for key in table.foreign_keys if key.column.table is tables.contents]
