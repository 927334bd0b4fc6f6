"""What a visitor has open of the casebook: who they are, the case, photos of a visit, an edit, and a question."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages.parts.open_photos import OpenPhoto

if TYPE_CHECKING:
    from melanoma.casebook.records import Record
    from melanoma.charts.body_map import Place


@dataclass
class OpenVisit:
    """What is open of a visit and not stored yet. opened: when its photos came, in UTC; revises: the form is open."""

    photos: tuple[OpenPhoto, ...] = ()
    opened: datetime.datetime | None = None
    revises: bool = False


@dataclass
class Edit:
    """A form that is open. base: the record as it was when the form was first drawn, None before.

    What is saved is held against that version.
    """

    record_id: str
    base: Record | None = None


@dataclass
class Question:
    """Two people changed one record: as it was before, as this visitor wants it, and as it is stored now."""

    base: Record
    mine: Record
    theirs: Record | None  # None: deleted
    words: str


@dataclass
class CasesView:
    """reader, role: who reads and writes, and as what; lesion_id: the open case; linked: that in the address, or empty.

    compared: SHA-256 of the photos that were opened on the page of two dates; place: on the map of the form; clicks: so
    far, so that what was clicked gives way to a new widget without a selection; saved: how often so far, so that a form
    whose key holds it closes after saving; done, failed: what the last click did, in a sentence that is said once.
    """

    reader: str = ""
    role: str = "dermatologist"
    reads_first: bool = True
    lesion_id: str | None = None
    linked: str = ""
    visits: dict[str, OpenVisit] = field(default_factory=dict, repr=False)
    edit: Edit | None = None
    question: Question | None = None
    compared: frozenset[str] = frozenset()
    place: Place | None = None
    clicks: int = 0
    saved: int = 0
    done: str = ""
    failed: str = ""

    def visit(self, visit_id: str) -> OpenVisit:
        """What is open of a visit."""
        return self.visits.setdefault(visit_id, OpenVisit())

    def open_case(self, lesion_id: str | None) -> None:
        """Another case, or the list; what was being edited is dropped."""
        self.lesion_id, self.edit, self.place = lesion_id, None, None
