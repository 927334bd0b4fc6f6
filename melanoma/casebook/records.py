"""What the casebook holds, as frozen dataclasses. They know nothing of SQL; each has a table in `tables.py`.

Every record has an `id`, made here and not by the database, and a `version`: 0 before it is saved, one more with each
change. Times are in UTC. A record that makes no sense raises Invalid when it is made.
"""

from __future__ import annotations

import datetime
import math
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from melanoma.casebook import vocabulary as words
from melanoma.casebook.error import Invalid
from melanoma.diagnoses import CODES

LINE, TEXT = 80, 4000  # characters that a line and a text may have
JSON = dict[str, Any]


def new_id() -> str:
    """32 hex digits: microseconds since 1970, so that ids sort as records were made, and 72 bits that nobody can guess.

    Of two visits on one day the one that was made later is thus the latest, and its follow-up counts.
    """
    return f"{time.time_ns() // 1000:014x}{secrets.token_hex(9)}"


def now() -> datetime.datetime:
    """The time in UTC."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What all records have."""

    id: str = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Patient(Record):
    """reference: the clinic's own, unique; no name is needed. skin_type: Fitzpatrick's, 1 to 6."""

    reference: str
    birth_year: int | None = None
    sex: str = ""
    skin_type: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_line("The patient's reference", self.reference, needed=True)
        check_word("The sex", self.sex, ("", *words.SEXES))
        check_range("The year of birth", self.birth_year, 1880, 2100)
        check_range("The skin type", self.skin_type, 1, 6)
        check_text("The note", self.note)


@dataclass(frozen=True, kw_only=True)
class Lesion(Record):
    """One lesion of a patient. label: what tells it from the patient's others, unique among them.

    site: one of SITES; side: of the body, or empty; view, x, y: where it lies on the body map, x and y from 0 to 1
    from its upper left corner; all three or none.
    """

    patient_id: str
    label: str
    site: str
    side: str = ""
    view: str = ""
    x: float | None = None
    y: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_line("The lesion's label", self.label, needed=True)
        check_word("The site", self.site, words.SITE_CODES)
        check_word("The side", self.side, ("", *words.SIDES))
        check_word("The view", self.view, ("", *words.VIEWS))
        check_range("The place on the body map", self.x, 0, 1)
        check_range("The place on the body map", self.y, 0, 1)
        if len({bool(self.view), self.x is not None, self.y is not None}) > 1:
            raise Invalid("A place on the body map needs its view and both coordinates.")
        check_text("The note", self.note)


@dataclass(frozen=True, kw_only=True)
class Visit(Record):
    """A day on which a lesion was seen. follow_up_due: when it is to be seen next, None for not at all."""

    lesion_id: str
    date: datetime.date
    reason: str = ""
    follow_up_due: datetime.date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_line("The reason", self.reason)
        if self.follow_up_due and self.follow_up_due < self.date:
            raise Invalid("The follow-up cannot be due before the visit.")
        check_text("The note", self.note)


@dataclass(frozen=True, kw_only=True)
class StoredPhoto(Record):
    """A photo of a visit, as it was opened, byte for byte. `Casebook.content(sha256)` gives the bytes.

    sha256: 64 hex digits; format: as of `photo.Photo`, such as JPEG; kind: dermoscopic or clinical, empty where it is
    not known; taken: the day, None where it is not known; stored: when it was put here.
    """

    visit_id: str
    stored: datetime.datetime = field(default_factory=now)
    sha256: str
    format: str
    kind: str = ""
    taken: datetime.date | None = None

    def __post_init__(self) -> None:
        check_sha256(self.sha256)
        check_line("The photo's format", self.format, needed=True)
        check_line("The photo's kind", self.kind)


@dataclass(frozen=True, kw_only=True)
class Answer(Record):
    """What a network said about the lesion at a visit: a `serving.Prediction`, to be kept.

    photos: SHA-256 of each that it rests on, whether or not these are stored; probabilities: nine in the order of
    CODES; malignancy: their sum over malignant diagnoses; score: what was compared with `threshold`; skin_tone:
    individual typology angle in degrees, None where it was not measured; wrong_by, wrong_at, wrong_note: who marked
    the answer as wrong, when, and why; nothing else of an answer can be changed.
    """

    visit_id: str
    made: datetime.datetime = field(default_factory=now)
    photos: tuple[str, ...]
    kind: str
    quality: str
    probabilities: tuple[float, ...]
    malignancy: float
    decision: str
    operating_point: str
    score: float
    threshold: float
    run: str
    run_sha256: str
    app_version: str
    skin_tone: float | None = None
    wrong_by: str = ""
    wrong_at: datetime.datetime | None = None
    wrong_note: str = ""

    def __post_init__(self) -> None:
        for sha256 in (*self.photos, self.run_sha256):
            check_sha256(sha256)
        if len(self.probabilities) != len(CODES) or not math.isclose(sum(self.probabilities), 1, abs_tol=1e-3):
            raise Invalid("An answer has nine probabilities, which sum to 1.")
        for share in (*self.probabilities, self.malignancy, self.score, self.threshold):
            check_range("A probability", share, 0, 1.001)
        check_word("The decision", self.decision, words.DECISIONS)
        check_line("Who marks the answer as wrong", self.wrong_by, needed=self.wrong_at is not None)
        check_text("The note", self.wrong_note)


@dataclass(frozen=True)
class Entry:
    """What a person entered for one criterion of a rule, such as ("atypical network", 1)."""

    criterion: str
    value: float


@dataclass(frozen=True)
class ScoredRule:
    """A rule that a person filled in: its name, what was entered, and the score that this makes."""

    rule: str
    entries: tuple[Entry, ...]
    score: float


@dataclass(frozen=True, kw_only=True)
class Reading(Record):
    """What a person thinks of the lesion at a visit. It is never changed: a second one revises it.

    reader: a free id, no name is needed; role: one of ROLES; diagnosis: one of READ_DIAGNOSES; confidence: of 100;
    management: one of MANAGEMENTS; answer_id: of the answer that the reader had seen, None before; after_support:
    whether one was seen; revises: id of the earlier reading; seconds: that it took, None where nobody measured.
    """

    visit_id: str
    made: datetime.datetime = field(default_factory=now)
    reader: str
    role: str
    diagnosis: str
    confidence: int
    management: str
    criteria: tuple[ScoredRule, ...] = ()
    after_support: bool = False
    answer_id: str | None = None
    revises: str | None = None
    seconds: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_line("The reader", self.reader, needed=True)
        check_word("The role", self.role, words.ROLES)
        check_word("The diagnosis", self.diagnosis, words.READ_DIAGNOSES)
        check_word("The management", self.management, words.MANAGEMENTS)
        check_range("The confidence", self.confidence, 0, 100)
        check_range("The time", self.seconds, 0, math.inf)
        if self.answer_id is not None and not self.after_support:
            raise Invalid("A reading that names an answer was made after support.")
        check_text("The note", self.note)


@dataclass(frozen=True, kw_only=True)
class Report(Record):
    """A report that was made at a visit. `Casebook.content(sha256)` gives its bytes. format: PDF, JSON, DICOM ..."""

    visit_id: str
    answer_id: str | None = None
    made: datetime.datetime = field(default_factory=now)
    who: str
    format: str
    sha256: str

    def __post_init__(self) -> None:
        check_line("Who made the report", self.who, needed=True)
        check_line("The report's format", self.format, needed=True)
        check_sha256(self.sha256)


@dataclass(frozen=True, kw_only=True)
class Outcome(Record):
    """What a lesion turned out to be. A lesion may have several: `settle` says which counts.

    diagnosis: one of OUTCOME_DIAGNOSES; source: one of OUTCOME_SOURCES; code: the pathologist's, if any.
    """

    lesion_id: str
    diagnosis: str
    source: str
    date: datetime.date
    who: str
    code: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check_word("The diagnosis", self.diagnosis, words.OUTCOME_DIAGNOSES)
        check_word("The source", self.source, words.OUTCOME_SOURCES)
        check_line("Who settled the outcome", self.who, needed=True)
        check_line("The code", self.code)
        check_text("The note", self.note)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of the history. number: 1, 2, 3 ... in the order of saving; table: of the record.

    action: added, changed or deleted; old, new: the record's fields before and after, None where there was none.
    """

    number: int
    at: datetime.datetime
    who: str
    action: str
    table: str
    record_id: str
    patient_id: str | None = None
    lesion_id: str | None = None
    old: JSON | None = None
    new: JSON | None = None


def settle(outcomes: Collection[Outcome]) -> Outcome | None:
    """The outcome that counts: of the most certain source, the latest. None where there is none."""
    order = list(words.OUTCOME_SOURCES)
    return max(outcomes, key=lambda one: (-order.index(one.source), one.date, one.id), default=None)


def check_line(name: str, value: str, *, needed: bool = False) -> None:
    """Raise Invalid for a line that is too long, has line breaks, or is empty where one is needed."""
    if needed and not value.strip():
        raise Invalid(f"{name} is missing.")
    if len(value) > LINE or not value.isprintable():
        raise Invalid(f"{name} may have {LINE} characters, in one line.")


def check_text(name: str, value: str) -> None:
    """Raise Invalid for a text that is too long, or that a database does not take."""
    if len(value) > TEXT:
        raise Invalid(f"{name} may have {TEXT:,} characters.")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise Invalid(f"{name} holds characters that cannot be stored. Write it again.")


def check_word(name: str, value: str, allowed: Collection[str]) -> None:
    """Raise Invalid for a word that is none of those allowed."""
    if value not in allowed:
        raise Invalid(f"{name} is {value!r}, and not one of: {', '.join(word for word in allowed if word)}.")


def check_range(name: str, value: float | None, low: float, high: float) -> None:
    """Raise Invalid for a number outside of low to high, both included; None is no number, and fine."""
    if value is not None and not low <= value <= high:
        raise Invalid(f"{name} is {value}, and not from {low} to {high}.")


def check_sha256(value: str) -> None:
    """Raise Invalid for what is not 64 hex digits."""
    if len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise Invalid("A SHA-256 has 64 hex digits.")
