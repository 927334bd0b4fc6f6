"""Who may do what with a casebook, held below the pages; each use is a line of the audit log.

book = UsedCasebook(open_casebook(place).database, User("dr-a@clinic.example", CLINICIAN), AuditLog(path))

It is a Casebook in all else: pages and other software use it without knowing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import sqlalchemy as sql

from melanoma.casebook.audit_log import AuditLog
from melanoma.casebook.book import Case, Casebook
from melanoma.casebook.erasing import erase_deleted
from melanoma.casebook.error import CasebookError, Invalid
from melanoma.casebook.exporting import Manifest
from melanoma.casebook.reader_study import StudyReader, StudyReading
from melanoma.casebook.records import Change, Record
from melanoma.casebook.searching import PAGE, Found, FoundLesion, Search
from melanoma.casebook.writing import Writer

Role = Literal["reader", "clinician", "administrator"]
READER: Role = "reader"  # sees everything, and takes part in reader studies
CLINICIAN: Role = "clinician"  # also adds and changes
ADMINISTRATOR: Role = "administrator"  # also deletes, exports, imports, and reads the whole history
ROLES: tuple[Role, ...] = (READER, CLINICIAN, ADMINISTRATOR)  # each may do what those before it may
R = TypeVar("R", bound=Record)


class Forbidden(CasebookError):
    """The user's role does not allow this."""


@dataclass(frozen=True)
class User:
    """id: as the identity provider names them; it stands in the history and the audit log."""

    id: str
    role: Role

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise Invalid(f"There is no role {self.role!r}. Choose from {', '.join(ROLES)}.")

    def may_act_as(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class UsedCasebook(Casebook):
    """A casebook as one user may use it. What their role does not allow raises Forbidden and is logged too."""

    user: User
    log: AuditLog

    def _act(self, role: Role, did: str, what: str, id_: str = "") -> None:
        """Log it, and refuse it to lower roles. It is logged first: what cannot be logged is not done."""
        allowed = self.user.may_act_as(role)
        self.log.add(self.user.id, self.user.role, did if allowed else f"was refused: {did}", what, id_)
        if not allowed:
            raise Forbidden(f"A {self.user.role} may not do this. Ask for the role of {role}.")

    @contextmanager
    def write(self, who: str = "") -> Iterator[Writer]:
        """As `Casebook.write`, always in the user's own name."""
        self._act(CLINICIAN, "wrote", "casebook")
        with self.database.writing() as connection:
            writer = UsedWriter(connection, self)
            yield writer
            writer.finish()
        if writer.has_deleted:
            erase_deleted(self.database)

    def join_study(self, reader: StudyReader) -> StudyReader:
        """As `Casebook.join_study`; logged without saying which reader of the study it is."""
        self._act(READER, "joined", "Study", reader.study_id)
        return super().join_study(reader)

    def answer_item(self, reading: StudyReading, code: str) -> StudyReading:
        """As `Casebook.answer_item`; logged without saying which reader it is."""
        self._act(READER, "answered an item of a", "Study")
        return super().answer_item(reading, code)

    def get(self, type_: type[R], id_: str) -> R:
        """As `Casebook.get`."""
        self._act(READER, "saw", type_.__name__, id_)
        return super().get(type_, id_)

    def find(self, type_: type[R], **equal: Any) -> tuple[R, ...]:
        """As `Casebook.find`."""
        self._act(READER, "listed", type_.__name__)
        return super().find(type_, **equal)

    def content(self, sha256: str) -> bytes:
        """As `Casebook.content`."""
        self._act(READER, "saw", "content", sha256)
        return super().content(sha256)

    def case(self, lesion_id: str) -> Case:
        """As `Casebook.case`."""
        self._act(READER, "saw", "Lesion", lesion_id)
        return super().case(lesion_id)

    def search(self, wanted: Search, *, offset: int = 0, limit: int = PAGE) -> Found:
        """As `Casebook.search`; what was searched for is not logged."""
        self._act(READER, "searched", "Lesion")
        return super().search(wanted, offset=offset, limit=limit)

    def follow_ups(self, until: datetime.date | None = None, *, limit: int = 200) -> tuple[FoundLesion, ...]:
        """As `Casebook.follow_ups`."""
        self._act(READER, "listed the follow-ups of", "Lesion")
        return super().follow_ups(until, limit=limit)

    @contextmanager
    def read(self, what: str) -> Iterator[sql.Connection]:
        """As `Casebook.read`."""
        self._act(READER, "read", what)
        with super().read(what) as connection:
            yield connection

    def check(self) -> tuple[str, ...]:
        """As `Casebook.check`."""
        self._act(ADMINISTRATOR, "checked", "casebook")
        return super().check()

    def history(self, **equal: str) -> tuple[Change, ...]:
        """As `Casebook.history`; all of it for administrators alone."""
        self._act(READER if equal else ADMINISTRATOR, "saw the history of", "record", next(iter(equal.values()), "all"))
        return super().history(**equal)

    def export(self, path: Path) -> Manifest:
        """As `Casebook.export`."""
        self._act(ADMINISTRATOR, "exported", "casebook")
        return super().export(path)

    def take(self, path: Path) -> Manifest:
        """As `Casebook.take`."""
        self._act(ADMINISTRATOR, "imported", "casebook")
        return super().take(path)

    def copy(self, path: Path) -> None:
        """As `Casebook.copy`."""
        self._act(ADMINISTRATOR, "copied", "casebook")
        super().copy(path)

    def compact(self) -> None:
        """As `Casebook.compact`."""
        self._act(ADMINISTRATOR, "compacted", "casebook")
        super().compact()


class UsedWriter(Writer):
    """A writer in one user's name. What is logged was tried: a transaction may fail after it."""

    def __init__(self, connection: Any, book: UsedCasebook) -> None:
        super().__init__(connection, book.user.id)
        self._book = book

    def add(self, record: R) -> R:
        """As `Writer.add`."""
        self._book._act(CLINICIAN, "added", type(record).__name__, record.id)
        return super().add(record)

    def change(self, record: R) -> R:
        """As `Writer.change`."""
        self._book._act(CLINICIAN, "changed", type(record).__name__, record.id)
        return super().change(record)

    def delete(self, record: Record) -> None:
        """As `Writer.delete`, for administrators."""
        self._book._act(ADMINISTRATOR, "deleted", type(record).__name__, record.id)
        super().delete(record)
