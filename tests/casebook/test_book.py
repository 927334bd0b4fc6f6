"""What is saved is found again, two people do not overwrite each other, and the history says who did what."""

import datetime
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sql
from casebook_samples import DAY, TIME, add_case, make_answer, make_reading

from melanoma.casebook import (
    CasebookError,
    Conflict,
    Invalid,
    Lesion,
    Missing,
    Outcome,
    Patient,
    Reading,
    StoredPhoto,
    Visit,
    open_casebook,
)


def test_a_case_is_found_again_by_another_app(book, place):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    book.close()
    again = open_casebook(place)
    case = again.case(lesion.id)
    assert case.patient.reference == "A-17"
    assert case.lesion == lesion
    assert [visit.follow_up_due for visit in case.visits] == [datetime.date(2026, 6, 1)]
    assert again.content(case.photos[0].sha256) == b"a photo"
    again.close()
    assert case.answers[0].probabilities[3] == 0.92
    assert [(one.diagnosis, one.after_support) for one in case.readings] == [("NV", False), ("MEL", True)]
    assert case.readings[1].revises == case.readings[0].id
    assert case.readings[1].answer_id == case.answers[0].id
    assert case.outcome == case.outcomes[0]
    assert case.reports[0].format == "PDF"


def test_times_come_back_in_utc_to_the_microsecond(book):
    zone = datetime.timezone(datetime.timedelta(hours=-7))
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
        visit = writer.add(Visit(lesion_id=lesion.id, date=DAY))
        writer.add(make_reading(visit.id, made=TIME.astimezone(zone)))
    reading = book.find(Reading, visit_id=visit.id)[0]
    assert reading.made == TIME
    assert reading.made.tzinfo == datetime.UTC


def test_what_raises_saves_nothing(book):
    with pytest.raises(ZeroDivisionError), book.write("dr-a") as writer:
        add_case(writer)
        raise ZeroDivisionError
    assert set(book.count().values()) == {0}


def test_a_part_that_failed_fails_all_even_where_somebody_caught_it(book):
    with pytest.raises(CasebookError), book.write("dr-a") as writer:
        writer.add(Patient(reference="A-1"))
        try:
            writer.add(Patient(reference="A-1"))
        except sql.exc.IntegrityError:
            writer.add(Patient(reference="A-2"))
    assert book.find(Patient) == ()


def test_a_reference_and_a_label_are_taken_once(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    with pytest.raises(Invalid, match="already a patient of this reference"), book.write("dr-a") as writer:
        writer.add(Patient(reference="A-17"))
    with pytest.raises(Invalid, match="already has a lesion of this label"), book.write("dr-a") as writer:
        writer.add(Lesion(patient_id=lesion.patient_id, label="1", site="face"))


def test_what_belongs_to_nothing_is_missing(book):
    with pytest.raises(Missing, match="not in the casebook"), book.write("dr-a") as writer:
        writer.add(Visit(lesion_id="0" * 32, date=DAY))
    for look in (lambda: book.get(Patient, "0" * 32), lambda: book.case("0" * 32), lambda: book.content("0" * 64)):
        with pytest.raises(Missing):
            look()


def test_two_people_do_not_overwrite_each_other(book):
    with book.write("dr-a") as writer:
        patient = book_patient = writer.add(Patient(reference="A-17"))
    with book.write("dr-b") as writer:
        theirs = writer.change(replace(patient, note="itches", sex="female"))
    mine = replace(book_patient, note="bleeds")
    sentence = r"changed by dr-b on .* UTC, after you opened it\. Nothing was saved"
    with pytest.raises(Conflict, match=sentence) as raised, book.write("dr-c") as writer:
        writer.add(Patient(reference="A-18"))
        writer.change(mine)
    conflict = raised.value
    assert (conflict.mine, conflict.theirs) == (mine, theirs)
    assert [(one.who, one.old["note"], one.new["note"]) for one in conflict.changes] == [("dr-b", "", "itches")]
    assert [one.reference for one in book.find(Patient)] == ["A-17"]
    with book.write("dr-c") as writer:
        saved = writer.change(replace(mine, version=conflict.theirs.version))
    assert book.get(Patient, patient.id) == saved
    assert (saved.note, saved.sex, saved.version) == ("bleeds", "", 3)


def test_what_another_has_deleted_is_a_conflict_too(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
        visit = writer.add(Visit(lesion_id=lesion.id, date=DAY))
    with book.write("dr-b") as writer:
        writer.delete(visit)
    with pytest.raises(Conflict, match="deleted by dr-b") as raised, book.write("dr-a") as writer:
        writer.change(replace(visit, reason="grows"))
    assert raised.value.theirs is None
    with book.write("dr-b") as writer:
        writer.delete(lesion)
    with pytest.raises(Conflict, match="deleted by dr-b"), book.write("dr-a") as writer:
        writer.change(replace(lesion, note="grows"))


def test_of_two_who_save_at_once_one_is_told(book):
    """Both have read, and both save: in threads, so that the later waits in the database for the earlier."""
    with book.write("dr-a") as writer:
        patient = writer.add(Patient(reference="A-17"))
    first_has_changed, results = threading.Event(), []

    def save_later() -> None:
        first_has_changed.wait()
        try:
            with book.write("dr-c") as writer:
                results.append(writer.change(replace(patient, note="later")))
        except Conflict as conflict:
            results.append(conflict)

    thread = threading.Thread(target=save_later)
    thread.start()
    with book.write("dr-b") as writer:
        writer.change(replace(patient, note="first"))
        first_has_changed.set()
        thread.join(0.2)  # it cannot end before this block does
        assert results == []
    thread.join()
    assert isinstance(results[0], Conflict)
    assert [one.who for one in results[0].changes] == ["dr-b"]
    assert book.get(Patient, patient.id).note == "first"


def test_what_was_read_stays_as_it_was(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    case = book.case(lesion.id)
    for record in (
        replace(case.readings[0], diagnosis="MEL"),
        replace(case.answers[0], decision="routine"),
        replace(case.photos[0], sha256="0" * 64),
        replace(case.reports[0], who="another"),
    ):
        with pytest.raises(Invalid, match="stays as it is"), book.write("dr-a") as writer:
            writer.change(record)
    assert book.case(lesion.id) == case


def test_an_answer_is_marked_as_wrong_with_its_photo(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    with book.write("dr-b") as writer:
        writer.mark_wrong(book.case(lesion.id).answers[0], "a wart")
    answer = book.case(lesion.id).answers[0]
    assert (answer.wrong_by, answer.wrong_note) == ("dr-b", "a wart")
    assert answer.wrong_at is not None
    assert answer.photos == (book.case(lesion.id).photos[0].sha256,)
    assert book.history(record_id=answer.id)[-1].new["wrong_by"] == "dr-b"


def test_the_history_names_each_change(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    with book.write("dr-b") as writer:
        writer.change(replace(lesion, site="chest"))
    lines = book.history(lesion_id=lesion.id)
    assert [one.table for one in lines] == [
        *("lesions", "visits", "photos", "answers", "readings", "readings", "reports", "outcomes", "lesions")
    ]
    assert {(one.who, one.action) for one in lines[:-1]} == {("dr-a", "added")}
    assert (lines[-1].who, lines[-1].action) == ("dr-b", "changed")
    assert (lines[-1].old["site"], lines[-1].new["site"]) == ("upper-back", "chest")
    assert len(book.history(patient_id=lesion.patient_id)) == len(lines) + 1
    assert [one.number for one in book.history()] == sorted(one.number for one in book.history())


@pytest.mark.parametrize("statement", ["UPDATE changes SET who = 'x'", "DELETE FROM changes", "TRUNCATE changes"])
def test_the_database_itself_refuses_to_change_the_history(book, statement):
    if statement.startswith("TRUNCATE") and book.database.path is not None:
        pytest.skip("SQLite knows no TRUNCATE")
    with book.write("dr-a") as writer:
        add_case(writer)
    before = book.history()
    with pytest.raises(CasebookError, match="history cannot be changed"), book.database.writing() as connection:
        connection.execute(sql.text(statement))
    assert book.history() == before


def test_the_database_itself_checks_what_it_holds(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    for statement in (
        "UPDATE lesions SET site = 'nowhere'",
        "UPDATE lesions SET x = 0.5",
        "UPDATE patients SET reference = ''",
        "UPDATE readings SET confidence = 101",
        "UPDATE answers SET decision = 'harmless'",
        "UPDATE visits SET follow_up_due = '2020-01-01'",
        "UPDATE outcomes SET source = 'guess'",
    ):
        with pytest.raises(Invalid), book.database.writing() as connection:
            connection.execute(sql.text(statement))
    assert book.get(Lesion, lesion.id) == lesion


def test_a_photo_is_stored_once_and_goes_with_the_last_that_names_it(book):
    with book.write("dr-a") as writer:
        first, second = add_case(writer, "A-1"), add_case(writer, "A-2")
    assert book.count()["contents"] == 2
    photo = book.case(first.id).photos[0]
    with book.write("dr-a") as writer:
        writer.delete(first)
    assert book.content(photo.sha256) == b"a photo"
    with book.write("dr-a") as writer:
        writer.delete(second)
    assert book.count()["contents"] == 0


def test_who_saves_is_named(book):
    with pytest.raises(Invalid, match="Who changes the casebook is missing"), book.write(" ") as writer:
        writer.add(Patient(reference="A-1"))


def test_a_kind_is_corrected_but_no_answer_is_deleted_alone(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    case = book.case(lesion.id)
    with book.write("dr-a") as writer:
        writer.change(replace(case.photos[0], kind="clinical"))
    assert book.find(StoredPhoto)[0].kind == "clinical"
    with pytest.raises(Invalid, match="A single answer is not deleted"), book.write("dr-a") as writer:
        writer.delete(case.answers[0])


def test_histology_counts_before_an_earlier_follow_up(book):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
        later = datetime.date(2026, 9, 1)
        writer.add(Outcome(lesion_id=lesion.id, diagnosis="NV", source="follow-up", date=later, who="dr-b"))
    assert book.case(lesion.id).outcome.diagnosis == "MEL"
    with book.write("dr-a") as writer:
        writer.add(Outcome(lesion_id=lesion.id, diagnosis="NV", source="histology", date=later, who="dr-b"))
    assert book.case(lesion.id).outcome.diagnosis == "NV"
    assert make_answer("0" * 32).malignancy > 0.9
