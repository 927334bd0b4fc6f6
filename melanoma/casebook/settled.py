"""From the records of a lesion to the one row that `agreement` counts: what was said of it before its outcome."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from melanoma.casebook.agreement import Call, SettledLesion
from melanoma.casebook.book import Case, Casebook
from melanoma.casebook.records import Answer, Lesion, Outcome, Patient, Reading, Record, Visit
from melanoma.casebook.vocabulary import SITE_NAMES
from melanoma.diagnoses import CODES, MALIGNANT

ACTS = ("excise", "biopsy", "refer")  # that find a malignant lesion whatever was thought of it
# Chardon, Cretois, Hourseau 1991: name -> individual typology angle, in degrees, above which skin is called so
SKIN_TONES = {"very light": 55.0, "light": 41.0, "intermediate": 28.0, "tan": 10.0, "brown": -30.0, "dark": -np.inf}


def read_settled(book: Casebook) -> list[SettledLesion]:
    """Of the whole casebook. Raises CasebookError."""
    outcomes = _group(book.find(Outcome), "lesion_id")
    patients = {one.id: one for one in book.find(Patient)}
    lesions = [one for one in book.find(Lesion) if one.id in outcomes]
    visits = _group(book.find(Visit), "lesion_id")
    answers, readings = _group(book.find(Answer), "visit_id"), _group(book.find(Reading), "visit_id")

    def list_all(records: dict[str, list], lesion: Lesion) -> tuple:
        return tuple(one for visit in visits.get(lesion.id, ()) for one in records.get(visit.id, ()))

    return settle_cases(
        Case(
            patients[lesion.patient_id],
            lesion,
            tuple(visits.get(lesion.id, ())),
            (),
            list_all(answers, lesion),
            list_all(readings, lesion),
            (),
            tuple(outcomes[lesion.id]),
        )
        for lesion in lesions
    )


def _group(records: Iterable[Record], field: str) -> dict[str, list]:
    """Records by a field."""
    groups: dict[str, list] = {}
    for record in records:
        groups.setdefault(getattr(record, field), []).append(record)
    return groups


def settle_cases(cases: Iterable[Case]) -> list[SettledLesion]:
    """One row for each lesion that has an outcome among the nine diagnoses and was judged on a day before it."""
    return [settled for case in cases if (settled := settle_case(case)) is not None]


def settle_case(case: Case) -> SettledLesion | None:
    """What counts of one lesion: its last visit, up to the day of the outcome, at which most was said."""
    outcome = case.outcome
    if outcome is None or outcome.diagnosis not in CODES:
        return None
    judged = [
        settled
        for visit in sorted(case.visits, key=lambda visit: visit.date)
        if visit.date <= outcome.date and (settled := _settle_visit(case, visit, outcome)) is not None
    ]
    return max(reversed(judged), key=_count_calls, default=None)


def _count_calls(settled: SettledLesion) -> int:
    return sum(call is not None for call in (settled.person, settled.network, settled.together))


def _settle_visit(case: Case, visit: Visit, outcome: Outcome) -> SettledLesion | None:
    readings = sorted((one for one in case.readings if one.visit_id == visit.id), key=lambda one: one.made)
    answers = sorted((one for one in case.answers if one.visit_id == visit.id), key=lambda one: one.made)
    alone = next((one for one in readings if not one.after_support), None)
    together = next((one for one in reversed(readings) if one.after_support), None)
    seen = together.answer_id if together else None
    answer = next((one for one in answers if one.id == seen), answers[-1] if answers else None)
    if not (readings or answers):
        return None
    return SettledLesion(
        patient=case.patient.id,
        day=visit.date,
        outcome=outcome.diagnosis,
        person=read_call(alone) if alone else None,
        network=Call(answer.decision == "refer", name_likeliest(answer)) if answer else None,
        together=read_call(together) if together else None,
        kind=answer.kind if answer else None,
        site=SITE_NAMES[case.lesion.site],
        skin_tone=name_skin_tone(answer.skin_tone) if answer and answer.skin_tone is not None else None,
        network_sha256=answer.run_sha256 if answer else "",
        operating_point=answer.operating_point if answer else "",
    )


def read_call(reading: Reading) -> Call:
    """A person's call. Treatment without histology counts as found where the diagnosis is malignant."""
    treats = reading.management == "treat" and reading.diagnosis in MALIGNANT
    diagnosis = reading.diagnosis if reading.diagnosis in CODES else None
    return Call(reading.management in ACTS or treats, diagnosis)


def name_likeliest(answer: Answer) -> str:
    """Code of the likeliest diagnosis."""
    return CODES[int(np.argmax(answer.probabilities))]


def name_skin_tone(angle: float) -> str:
    """The group of SKIN_TONES of an individual typology angle in degrees."""
    return next(name for name, above in SKIN_TONES.items() if angle > above or above == -np.inf)
