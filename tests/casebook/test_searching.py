"""Lesions are found by what is known of them, and come back when they are due."""

import datetime

import pytest
import sqlalchemy as sql
from casebook_samples import DAY, add_case, fill, make_answer, make_reading

from melanoma.casebook import Lesion, Outcome, Patient, Search, Visit


@pytest.fixture
def known(book):
    """Three lesions: a melanoma of A-17, an open nevus of A-17, one of b_2 that was never seen."""
    with book.write("dr-a") as writer:
        melanoma = add_case(writer)
        nevus = writer.add(Lesion(patient_id=melanoma.patient_id, label="2", site="foot"))
        visit = writer.add(Visit(lesion_id=nevus.id, date=datetime.date(2026, 5, 5)))
        writer.add(make_answer(visit.id, "NV"))
        writer.add(make_reading(visit.id, "NV"))
        patient = writer.add(Patient(reference="b_2"))
        writer.add(Lesion(patient_id=patient.id, label="1", site="foot"))
    return book


WANTED = [
    (Search(), ["A-17 2", "A-17 1", "b_2 1"]),
    (Search(reference="a-1"), ["A-17 2", "A-17 1"]),
    (Search(reference="B_"), ["b_2 1"]),
    (Search(reference="%"), []),
    (Search(site="foot"), ["A-17 2", "b_2 1"]),
    (Search(diagnosis="MEL"), ["A-17 1"]),
    (Search(diagnosis="NV"), ["A-17 2", "A-17 1"]),  # the first reading of the melanoma
    (Search(diagnosis="SK"), []),
    (Search(decision="refer"), ["A-17 1"]),
    (Search(decision="routine"), ["A-17 2"]),
    (Search(since=datetime.date(2026, 5, 5)), ["A-17 2"]),
    (Search(until=datetime.date(2026, 5, 4)), ["A-17 1"]),
    (Search(since=DAY, until=datetime.date(2026, 5, 5), site="foot"), ["A-17 2"]),
    (Search(is_open=True), ["A-17 2", "b_2 1"]),
    (Search(is_open=False), ["A-17 1"]),
]


def test_a_lesion_is_found_by_a_photo_of_its_answers(known):
    with known.write("dr-a") as writer:
        lesion = known.find(Lesion, label="2")[0]
        visit = writer.add(Visit(lesion_id=lesion.id, date=DAY))
        writer.add(make_answer(visit.id, photos=("ab" * 32, "cd" * 32)))
    for photo in ("ab" * 32, "cd" * 32):
        assert [one.lesion.id for one in known.search(Search(photo=photo)).lesions] == [lesion.id]
    assert known.search(Search(photo="ef" * 32)).total == 0


def test_lesions_are_found(known):
    for wanted, labels in WANTED:
        found = known.search(wanted)
        assert [f"{one.patient.reference} {one.lesion.label}" for one in found.lesions] == labels, wanted
        assert found.total == len(labels), wanted


def test_a_list_shows_the_latest_of_each(known):
    with known.write("dr-a") as writer:
        lesion = known.search(Search(diagnosis="MEL")).lesions[0].lesion
        visit = writer.add(Visit(lesion_id=lesion.id, date=datetime.date(2026, 4, 1)))
        later = datetime.datetime(2026, 4, 1, 12, tzinfo=datetime.UTC)
        writer.add(make_reading(visit.id, "BCC", made=later))
        writer.add(make_answer(visit.id, "BCC", made=later))
    found = known.search(Search(diagnosis="MEL")).lesions[0]
    assert (found.visits, found.visit, found.reading.diagnosis) == (2, visit, "BCC")
    assert found.answer.probabilities[1] == 0.92
    assert found.outcome.diagnosis == "MEL"
    never_seen = known.search(Search(reference="b_2")).lesions[0]
    assert (never_seen.visits, never_seen.visit, never_seen.outcome) == (0, None, None)


@pytest.mark.parametrize("wanted", [one for one, _ in WANTED], ids=str)
def test_no_search_asks_anew_for_every_lesion(known, wanted):
    """By the database's own plan: of 10,000 lesions, such a question takes a minute."""
    asked = []
    listen = sql.event.listens_for(known.database.engine, "before_cursor_execute")
    listen(lambda _, __, statement, values, *___: asked.append((statement, values)))
    known.search(wanted)
    explain = "EXPLAIN QUERY PLAN " if known.database.path else "EXPLAIN "
    searches = [one for one in asked if "SELECT" in one[0]]
    with known.database.reading() as connection:
        plans = [str(connection.exec_driver_sql(explain + text, values).all()) for text, values in searches]
    assert plans
    assert [plan for plan in plans if "CORRELATED" in plan or ("SubPlan" in plan and "hashed" not in plan)] == []


def test_pages_hold_every_lesion_once(book):
    with book.write("dr-a") as writer:
        fill(writer, 25)
    pages = [book.search(Search(), offset=offset, limit=10) for offset in (0, 10, 20)]
    assert [len(page.lesions) for page in pages] == [10, 10, 5]
    assert {page.total for page in pages} == {25}
    assert len({one.lesion.id for page in pages for one in page.lesions}) == 25


def test_the_most_overdue_lesion_comes_first_until_it_was_seen(book):
    with book.write("dr-a") as writer:
        lesions = [add_case(writer, reference) for reference in ("A-1", "A-2", "A-3")]
        for lesion, due in zip(lesions, ("2026-07-01", "2026-05-01", "2026-06-15"), strict=True):
            date = datetime.date(2026, 3, 10)
            writer.add(Visit(lesion_id=lesion.id, date=date, follow_up_due=datetime.date.fromisoformat(due)))
    assert [one.patient.reference for one in book.follow_ups()] == ["A-2", "A-3", "A-1"]
    assert [one.patient.reference for one in book.follow_ups(datetime.date(2026, 6, 15))] == ["A-2", "A-3"]
    with book.write("dr-a") as writer:
        writer.add(Visit(lesion_id=lesions[1].id, date=datetime.date(2026, 5, 2)))
        writer.add(Outcome(lesion_id=lesions[2].id, diagnosis="NV", source="follow-up", date=DAY, who="dr-a"))
    due = book.follow_ups()
    assert [(one.patient.reference, one.follow_up_due.month) for one in due] == [("A-3", 6), ("A-1", 7)]


def test_of_two_visits_on_one_day_the_later_made_counts(book):
    day = datetime.date(2026, 5, 1)
    with book.write("AB") as writer:
        patient = writer.add(Patient(reference="B-1"))
        lesion = writer.add(Lesion(patient_id=patient.id, label="1", site="foot"))
        dues = [day + datetime.timedelta(days=number) for number in range(1, 9)]
        made = [writer.add(Visit(lesion_id=lesion.id, date=day, follow_up_due=due)) for due in dues]
    assert [visit.id for visit in book.case(lesion.id).visits] == [visit.id for visit in made]
    assert [one.follow_up_due for one in book.follow_ups()] == [dues[-1]]
