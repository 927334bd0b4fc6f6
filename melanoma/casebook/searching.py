"""Find lesions: by reference, site, diagnosis, decision, date; those with an open outcome; those to be seen again."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sql

from melanoma.casebook.records import Answer, Lesion, Outcome, Patient, Reading, Record, Visit, settle
from melanoma.casebook.rows import from_row
from melanoma.casebook.tables import TABLES, answers, lesions, outcomes, patients, readings, visits

R = TypeVar("R", bound=Record)
PAGE = 50  # lesions that a search gives at once


@dataclass(frozen=True, kw_only=True)
class Search:
    """What lesions to find; all that is stated must hold, and what is empty or None does not matter.

    reference: part of the patient's, in any case; diagnosis: of an outcome or a reading; decision: of an answer;
    photo: SHA-256 of one that an answer rests on; since, until: days, both included, of which one saw a visit; is_open:
    whether no outcome is known.
    """

    reference: str = ""
    site: str = ""
    diagnosis: str = ""
    decision: str = ""
    photo: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None
    is_open: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FoundLesion:
    """A lesion of a list. visits: how many; visit, reading, answer: the latest; outcome: the one that counts."""

    patient: Patient
    lesion: Lesion
    visits: int
    visit: Visit | None
    reading: Reading | None
    answer: Answer | None
    outcome: Outcome | None

    @property
    def follow_up_due(self) -> datetime.date | None:
        """When the lesion is to be seen next, as the latest visit says."""
        return self.visit.follow_up_due if self.visit else None


@dataclass(frozen=True)
class Found:
    """A page of a search's lesions, and how many there are on all pages."""

    lesions: tuple[FoundLesion, ...]
    total: int


def latest_visits() -> sql.Subquery:
    """Each lesion's latest visit: lesion_id, date, follow_up_due."""
    order = (visits.c.date.desc(), visits.c.id.desc())
    place = sql.func.row_number().over(partition_by=visits.c.lesion_id, order_by=order)
    ranked = sql.select(visits.c.lesion_id, visits.c.date, visits.c.follow_up_due, place.label("place")).subquery()
    return sql.select(ranked).where(ranked.c.place == 1).subquery()


def search(connection: sql.Connection, wanted: Search, offset: int, limit: int) -> Found:
    """The lesions, those seen last first."""
    latest = latest_visits()
    conditions = list(list_conditions(wanted))
    query = sql.select(lesions.c.id).join(patients).outerjoin(latest, latest.c.lesion_id == lesions.c.id)
    query = query.where(*conditions).order_by(latest.c.date.desc().nulls_last(), patients.c.reference, lesions.c.label)
    total = connection.scalar(sql.select(sql.func.count()).select_from(lesions).join(patients).where(*conditions))
    found = connection.scalars(query.offset(offset).limit(limit)).all()
    return Found(describe_lesions(connection, found), total or 0)


def list_follow_ups(connection: sql.Connection, until: datetime.date | None, limit: int) -> tuple[FoundLesion, ...]:
    """Lesions that are to be seen again, the earliest due date first; until: the latest due date, None for all."""
    latest = latest_visits()
    query = sql.select(latest.c.lesion_id).where(latest.c.follow_up_due.is_not(None))
    if until is not None:
        query = query.where(latest.c.follow_up_due <= until)
    query = query.order_by(latest.c.follow_up_due, latest.c.date, latest.c.lesion_id).limit(limit)
    return describe_lesions(connection, connection.scalars(query).all())


def list_conditions(wanted: Search) -> Iterable[sql.ColumnElement[bool]]:
    """What holds for the lesions that are wanted. Each list of ids is made once, not anew for every lesion."""
    seen = sql.select(visits.c.lesion_id)
    settled = sql.select(outcomes.c.lesion_id)
    if wanted.reference:
        yield patients.c.reference.icontains(wanted.reference, autoescape=True)
    if wanted.site:
        yield lesions.c.site == wanted.site
    if wanted.diagnosis:
        read = seen.join(readings, readings.c.visit_id == visits.c.id)
        either = read.where(readings.c.diagnosis == wanted.diagnosis).union(
            settled.where(outcomes.c.diagnosis == wanted.diagnosis)
        )
        yield lesions.c.id.in_(either)
    if wanted.decision:
        answered = seen.join(answers, answers.c.visit_id == visits.c.id)
        yield lesions.c.id.in_(answered.where(answers.c.decision == wanted.decision))
    if wanted.photo:
        answered = seen.join(answers, answers.c.visit_id == visits.c.id)
        rests = sql.cast(answers.c.photos, sql.Text).contains(wanted.photo, autoescape=True)
        yield lesions.c.id.in_(answered.where(rests))
    if wanted.since is not None or wanted.until is not None:
        since, until = wanted.since or datetime.date.min, wanted.until or datetime.date.max
        yield lesions.c.id.in_(seen.where(visits.c.date.between(since, until)))
    if wanted.is_open is not None:
        yield lesions.c.id.not_in(settled) if wanted.is_open else lesions.c.id.in_(settled)


def describe_lesions(connection: sql.Connection, ids: Iterable[str]) -> tuple[FoundLesion, ...]:
    """What a list shows of these lesions, in their order."""
    ids = list(ids)
    found = {one.id: one for one in read_in(connection, Lesion, "id", ids)}
    people = {one.id: one for one in read_in(connection, Patient, "id", {one.patient_id for one in found.values()})}
    seen = group(read_in(connection, Visit, "lesion_id", ids), "lesion_id")
    lesion_of = {visit.id: visit.lesion_id for visits_ in seen.values() for visit in visits_}
    answered, read = (
        group(read_in(connection, type_, "visit_id", lesion_of), "visit_id", lesion_of) for type_ in (Answer, Reading)
    )
    settled = group(read_in(connection, Outcome, "lesion_id", ids), "lesion_id")
    return tuple(
        FoundLesion(
            patient=people[found[id_].patient_id],
            lesion=found[id_],
            visits=len(seen[id_]),
            visit=max(seen[id_], key=lambda one: (one.date, one.id), default=None),
            reading=max(read[id_], key=lambda one: (one.made, one.id), default=None),
            answer=max(answered[id_], key=lambda one: (one.made, one.id), default=None),
            outcome=settle(settled[id_]),
        )
        for id_ in ids
    )


def read_in(connection: sql.Connection, type_: type[R], column: str, values: Iterable[str]) -> list[R]:
    """Records of a type whose column holds one of the values."""
    table = TABLES[type_]
    return [from_row(type_, row) for row in connection.execute(sql.select(table).where(table.c[column].in_(values)))]


def group(records: Iterable[R], column: str, renamed: dict[str, str] | None = None) -> defaultdict[str, list[Any]]:
    """Records by what their field holds, or by what that is renamed to."""
    grouped = defaultdict(list)
    for record in records:
        value = getattr(record, column)
        grouped[renamed[value] if renamed else value].append(record)
    return grouped
