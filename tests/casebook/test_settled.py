"""Which of a lesion's visits counts against its outcome, and what each judge is taken to have said."""

import datetime

import numpy as np
import pytest

from melanoma.casebook.book import Case
from melanoma.casebook.records import Answer, Lesion, Outcome, Patient, Reading, Visit
from melanoma.casebook.settled import name_skin_tone, settle_case, settle_cases
from melanoma.diagnoses import CODES

PATIENT = Patient(reference="P-1")
LESION = Lesion(patient_id=PATIENT.id, label="A", site="upper-arm", side="left")
DAYS = [datetime.date(2026, month, 1) for month in (1, 4, 9)]
VISITS = [Visit(lesion_id=LESION.id, date=day) for day in DAYS]
HASH = "a" * 64


def answer(visit: Visit, decision: str = "refer", likeliest: str = "MEL") -> Answer:
    probabilities = np.full(9, 0.05)
    probabilities[CODES.index(likeliest)] = 0.6
    return Answer(
        visit_id=visit.id,
        photos=(HASH,),
        kind="dermoscopic",
        quality="good",
        probabilities=tuple(probabilities),
        malignancy=0.7,
        decision=decision,
        operating_point="high-sensitivity",
        score=0.7,
        threshold=0.1,
        run="run",
        run_sha256=HASH,
        app_version="0.1.0",
        skin_tone=45.0,
    )


def reading(visit: Visit, diagnosis: str, management: str, **more) -> Reading:
    return Reading(
        visit_id=visit.id,
        reader="AB",
        role="trainee",
        diagnosis=diagnosis,
        confidence=60,
        management=management,
        **more,
    )


def outcome(day: datetime.date, diagnosis: str = "MEL", source: str = "histology") -> Outcome:
    return Outcome(lesion_id=LESION.id, diagnosis=diagnosis, source=source, date=day, who="lab")


def case(readings=(), answers=(), outcomes=()) -> Case:
    return Case(PATIENT, LESION, tuple(VISITS), (), tuple(answers), tuple(readings), (), tuple(outcomes))


def test_one_reading_before_and_one_after_the_answer():
    seen = answer(VISITS[0])
    first = reading(VISITS[0], "NV", "follow-up")
    second = reading(VISITS[0], "MEL", "excise", after_support=True, answer_id=seen.id, revises=first.id)
    row = settle_case(case([second, first], [seen], [outcome(DAYS[1])]))
    assert (row.person.refers, row.person.diagnosis) == (False, "NV")
    assert (row.network.refers, row.network.diagnosis) == (True, "MEL")
    assert (row.together.refers, row.together.diagnosis) == (True, "MEL")
    assert (row.kind, row.site, row.skin_tone, row.quarter) == ("dermoscopic", "upper arm", "light", "2026 Q1")
    assert row.is_malignant


def test_who_saw_the_answer_first_did_not_judge_alone():
    seen = answer(VISITS[0])
    told = reading(VISITS[0], "MEL", "excise", after_support=True, answer_id=seen.id)
    row = settle_case(case([told], [seen], [outcome(DAYS[1])]))
    assert row.person is None
    assert row.together.refers


def test_undecided_is_no_referral():
    assert not settle_case(case((), [answer(VISITS[0], "undecided")], [outcome(DAYS[1])])).network.refers


def test_what_was_said_after_the_outcome_does_not_count():
    assert settle_case(case((), [answer(VISITS[2])], [outcome(DAYS[1])])) is None
    on_the_day = settle_case(case((), [answer(VISITS[1])], [outcome(DAYS[1])]))
    assert on_the_day.day == DAYS[1]


def test_the_last_visit_at_which_most_was_said_counts():
    early, late = answer(VISITS[0]), answer(VISITS[1], "routine", "NV")
    both = case([reading(VISITS[0], "NV", "none")], [early, late], [outcome(DAYS[2])])
    assert settle_case(both).day == DAYS[0]
    assert settle_case(case((), [early, late], [outcome(DAYS[2])])).day == DAYS[1]


@pytest.mark.parametrize(
    ("diagnosis", "management", "refers"),
    [
        ("MEL", "excise", True),
        ("NV", "biopsy", True),
        ("unsure", "refer", True),
        ("AK", "treat", True),
        ("SK", "treat", False),
        ("MEL", "short-follow-up", False),
        ("NV", "none", False),
    ],
)
def test_what_counts_as_referral_by_a_person(diagnosis, management, refers):
    row = settle_case(case([reading(VISITS[0], diagnosis, management)], (), [outcome(DAYS[1])]))
    assert row.person.refers is refers
    assert row.person.diagnosis == (None if diagnosis == "unsure" else diagnosis)


def test_lesions_without_an_outcome_among_the_nine_are_left_out():
    said = [answer(VISITS[0])]
    rows = [case((), said), case((), said, [outcome(DAYS[1], "other")]), case((), (), [outcome(DAYS[1])])]
    assert settle_cases(rows) == []


def test_histology_counts_before_a_later_follow_up():
    said = [answer(VISITS[0])]
    row = settle_case(case((), said, [outcome(DAYS[1]), outcome(DAYS[2], "NV", "follow-up")]))
    assert row.outcome == "MEL"


@pytest.mark.parametrize(("angle", "name"), [(60, "very light"), (41, "intermediate"), (0, "brown"), (-80, "dark")])
def test_groups_of_skin_tone(angle, name):
    assert name_skin_tone(angle) == name
