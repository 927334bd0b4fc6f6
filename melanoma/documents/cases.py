"""What the casebook holds, in words and tables: readings, answers, outcomes, changes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pandas as pd

from melanoma.casebook.records import Answer, Change, Lesion, Outcome, Patient, Reading, Record, Visit
from melanoma.casebook.searching import FoundLesion
from melanoma.casebook.settled import name_likeliest
from melanoma.casebook.vocabulary import MANAGEMENTS, OTHER, OUTCOME_SOURCES, ROLES, SITE_NAMES, UNSURE
from melanoma.diagnoses import NAMES, mark_diagnosis
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.estimates import percent, percent_apart
from melanoma.run import operating_point_name

DIAGNOSIS_NAMES = NAMES | {OTHER: "another diagnosis", UNSURE: "unsure"}
TABLE_NAMES = {"patients": "patient", "lesions": "lesion", "visits": "visit", "photos": "photo", "answers": "answer"}
TABLE_NAMES |= {"readings": "reading", "reports": "report", "outcomes": "outcome"}
FIELD_NAMES = {"follow_up_due": "follow-up due", "birth_year": "year of birth", "skin_type": "skin type"}
UNSEEN = ("id", "version", "patient_id", "lesion_id", "visit_id")  # of a record, that say nothing to a reader


def write_date(day: datetime.date) -> str:
    """As no reader takes a month for a day: `3 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def write_time(moment: datetime.datetime) -> str:
    """`3 November 2026, 09:41 UTC`."""
    return f"{write_date(moment.date())}, {moment:%H:%M} UTC"


def name_place(lesion: Lesion) -> str:
    """`left upper arm`."""
    return f"{lesion.side} {SITE_NAMES[lesion.site]}".strip()


def name_lesion(patient: Patient, lesion: Lesion) -> str:
    """`A-17, lesion 1, left upper arm`."""
    return f"{patient.reference}, lesion {lesion.label}, {name_place(lesion)}"


def count(number: int, thing: str) -> str:
    """`1 visit`, `2 visits`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def describe_reading(reading: Reading) -> str:
    """What a person thinks of a lesion, in one sentence."""
    return (
        f"{DIAGNOSIS_NAMES[reading.diagnosis]}, {reading.confidence} % sure; {MANAGEMENTS[reading.management]}. "
        f"{reading.reader}, {ROLES[reading.role]}, {write_time(reading.made)}"
        f"{f', after {reading.seconds:.0f} s' if reading.seconds is not None else ''}."
    )


def write_answer(answer: Answer) -> str:
    """What a stored answer rests on: `Malignancy probability 84 %, threshold 12 %`."""
    score, threshold = answer.score, answer.threshold
    name = "Malignancy probability" if abs(score - answer.malignancy) < 1e-6 else "Score"
    return f"{name} {percent_apart(score, threshold)}, threshold {percent_apart(threshold, score)}"


def describe_answer(answer: Answer) -> str:
    """Which network answered, when, at which operating point, from what."""
    photos = f"{len(answer.photos)} photos" if len(answer.photos) > 1 else f"a {answer.kind} photo"
    point = operating_point_name(answer.operating_point)
    return (
        f"Network {answer.run}, SHA-256 {answer.run_sha256[:12]}, {point} point, from {photos} of {answer.quality} "
        f"quality, {write_time(answer.made)}."
    )


def describe_outcome(outcome: Outcome) -> str:
    """What a lesion turned out to be, by what, when, and who says so."""
    code = f", code {outcome.code}" if outcome.code else ""
    return (
        f"{DIAGNOSIS_NAMES[outcome.diagnosis]} by {OUTCOME_SOURCES[outcome.source]}{code}, {write_date(outcome.date)}, "
        f"entered by {outcome.who}."
    )


def describe_visit(visit: Visit) -> str:
    """Its day, why, and when the next one is due."""
    due = f", next due {write_date(visit.follow_up_due)}" if visit.follow_up_due else ""
    return f"{write_date(visit.date)}{f', {visit.reason}' if visit.reason else ''}{due}"


def tabulate_lesions(found: Sequence[FoundLesion]) -> pd.DataFrame:
    """A row a lesion: patient, lesion, site, last visit, how many, last reading, network's decision, outcome, due."""
    rows = [
        {
            "patient": one.patient.reference,
            "lesion": one.lesion.label,
            "site": name_place(one.lesion),
            "last visit": f"{one.visit.date}" if one.visit else "",
            "visits": one.visits,
            "last reading": DIAGNOSIS_NAMES[one.reading.diagnosis] if one.reading else "",
            "network": NAMES_OF_DECISIONS[one.answer.decision] if one.answer else "",  # type: ignore[index]
            "outcome": DIAGNOSIS_NAMES[one.outcome.diagnosis] if one.outcome else "",
            "due": f"{one.follow_up_due or ''}",
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def tabulate_due(found: Sequence[FoundLesion], today: datetime.date) -> pd.DataFrame:
    """A row a lesion that is to be seen again: when, how long it is overdue, whose, where, the last reading."""
    rows = [
        {
            "due": f"{one.follow_up_due}",
            "when": write_due(one.follow_up_due, today),
            "patient": one.patient.reference,
            "lesion": one.lesion.label,
            "site": name_place(one.lesion),
            "last reading": DIAGNOSIS_NAMES[one.reading.diagnosis] if one.reading else "",
        }
        for one in found
        if one.follow_up_due
    ]
    return pd.DataFrame(rows)


def write_due(due: datetime.date, today: datetime.date) -> str:
    """`12 days overdue`, `today`, `in 3 days`."""
    days = (due - today).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days} {unit}" if days > 0 else f"{-days} {unit} overdue"


def tabulate_changes(changes: Sequence[Change]) -> pd.DataFrame:
    """The history, the latest first: when, who, what was done to what, and each field that changed."""
    rows = [
        {
            "when": write_time(change.at),
            "who": change.who,
            "what": f"{TABLE_NAMES.get(change.table, change.table)} {change.action}",
            "from": write_fields(change.old, change.new),
            "to": write_fields(change.new, change.old),
        }
        for change in reversed(changes)
    ]
    return pd.DataFrame(rows)


def write_fields(record: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """The fields of a record that are unlike those of the other, as words; all that say something where it has none."""
    if record is None:
        return ""
    shown = {name: value for name, value in record.items() if name not in UNSEEN and value not in ("", None, [], False)}
    if other is not None:
        shown = {name: record[name] for name in record if name not in UNSEEN and record[name] != other.get(name)}
    return "; ".join(f"{name_field(name)}: {_write_value(value)}" for name, value in shown.items())


def name_field(name: str) -> str:
    """A field of a record in words."""
    return FIELD_NAMES.get(name, name.replace("_", " "))


def _write_value(value: Any) -> str:
    if value in ("", None):
        return "–"
    if isinstance(value, str) and len(value) == 64 and " " not in value:
        return value[:12]
    if isinstance(value, list):
        return ", ".join(map(_write_value, value)) if len(value) < 4 else f"{len(value)} values"
    return str(value)


def tabulate_difference(base: Record, mine: Record, theirs: Record) -> pd.DataFrame:
    """A row for each field that both have changed since `base`, or only one of them: field, before, theirs, mine."""
    rows = [
        {"field": name_field(name), **{who: _write_value(getattr(one, name)) for who, one in people.items()}}
        for people in ({"before": base, "theirs": theirs, "mine": mine},)
        for name in list_fields(mine)
        if getattr(mine, name) != getattr(theirs, name)
    ]
    return pd.DataFrame(rows, columns=["field", "before", "theirs", "mine"])


def list_fields(record: Record) -> list[str]:
    """The fields that a reader knows."""
    return [name for name in vars(record) if name not in UNSEEN]


def name_diagnosis(code: str) -> str:
    """A diagnosis with its mark, where it is one of the nine."""
    return mark_diagnosis(code) if code in NAMES else DIAGNOSIS_NAMES[code]


def describe_likeliest(answer: Answer) -> str:
    """The likeliest diagnosis of a stored answer with its probability."""
    return f"Most likely {mark_diagnosis(name_likeliest(answer))}, {percent(max(answer.probabilities))}."
