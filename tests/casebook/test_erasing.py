"""What is deleted is gone: from every question, from the history, from SQLite's files."""

import random
import sqlite3
from pathlib import Path

import pytest
from casebook_samples import DAY, add_case, draw_id

from melanoma.casebook import Casebook, CasebookError, Lesion, Patient, Visit, erasing


def read_files(book: Casebook) -> bytes:
    """All bytes of SQLite's files."""
    return b"".join(path.read_bytes() for path in book.database.path.parent.iterdir())


def add_many(book: Casebook, count: int) -> list[Lesion]:
    """Enough cases that the database moves rows from page to page."""
    chance = random.Random(7)
    with book.write("dr-a") as writer:
        return [add_case(writer, f"REF-{i:04d}-{'x' * (i % 50)}", chance.randbytes(100 + 30 * i)) for i in range(count)]


def test_a_deleted_patient_leaves_one_line_that_says_so(book):
    lesions = add_many(book, 3)
    patient = book.get(Patient, lesions[1].patient_id)
    kept = [book.case(lesions[place].id) for place in (0, 2)]
    with book.write("dr-b") as writer:
        writer.delete(patient)
    counts = book.count()
    assert (counts["patients"], counts["visits"], counts["readings"], counts["contents"]) == (2, 2, 4, 4)
    assert counts["changes"] == 2 * 9 + 1
    assert [book.case(lesions[place].id) for place in (0, 2)] == kept
    assert book.history(patient_id=patient.id) == ()
    line = book.history()[-1]
    assert (line.who, line.action, line.table, line.record_id) == ("dr-b", "deleted", "patients", patient.id)
    assert (line.old, line.new) == (None, None)


def test_a_deleted_lesion_leaves_its_patient(book):
    (lesion,) = add_many(book, 1)
    with book.write("dr-b") as writer:
        second = writer.add(Lesion(patient_id=lesion.patient_id, label="2", site="face"))
    with book.write("dr-b") as writer:
        writer.delete(lesion)
    assert book.find(Lesion, patient_id=lesion.patient_id) == (second,)
    assert book.count()["visits"] == book.count()["contents"] == 0
    assert [line.table for line in book.history(patient_id=lesion.patient_id)] == ["patients", "lesions", "lesions"]
    assert book.history(lesion_id=lesion.id) == ()


def test_a_deleted_visit_stays_in_the_history_with_what_belonged_to_it(book):
    (lesion,) = add_many(book, 1)
    visit = book.case(lesion.id).visits[0]
    with book.write("dr-b") as writer:
        writer.delete(visit)
    assert (book.case(lesion.id).visits, book.case(lesion.id).readings) == ((), ())
    assert book.case(lesion.id).outcome is not None
    assert book.count()["contents"] == 0
    lines = [line for line in book.history(lesion_id=lesion.id) if line.action == "deleted"]
    assert sorted(line.table for line in lines) == ["answers", "photos", "readings", "readings", "reports", "visits"]
    assert lines[-1].old["date"] == DAY.isoformat()


@pytest.mark.parametrize("small", [erasing.SMALL, 0])
def test_the_bytes_are_gone_from_the_files(book, monkeypatch, small):
    if book.database.path is None:
        pytest.skip("PostgreSQL's files are the server's")
    monkeypatch.setattr(erasing, "SMALL", small)
    lesions = add_many(book, 120)
    gone: list[bytes] = []
    for lesion in lesions[::3]:
        case = book.case(lesion.id)
        gone += [case.patient.reference.encode(), case.photos[0].sha256.encode(), case.visits[0].id.encode()]
        gone += [book.content(one.sha256)[-80:] for one in (*case.photos, *case.reports)]
    before = read_files(book)
    assert all(one in before for one in gone)
    for lesion in lesions[::3]:
        with book.write("dr-b") as writer:
            writer.delete(book.get(Patient, lesion.patient_id))
    if small == 0:
        assert "Unused parts" in book.remains
        book.compact()
    after = read_files(book)
    assert not any(one in after for one in gone)
    assert b"REF-0001-" in after


def test_a_compacted_file_holds_nothing_in_its_corners(book, monkeypatch):
    """SQLite moves rows between pages, and leaves copies behind that deleting does not overwrite: here one id."""
    if book.database.path is None:
        pytest.skip("PostgreSQL's files are the server's")
    monkeypatch.setattr(erasing, "SMALL", 0)
    chance = random.Random(0)
    added: list[tuple[Patient, Lesion]] = []
    for _ in range(6):
        with book.write("dr-a") as writer:
            for _ in range(50):
                patient_id, reference = draw_id(chance), draw_id(chance) + "x" * chance.randint(0, 40)
                patient = writer.add(Patient(id=patient_id, reference=reference))
                lesion_id, label = draw_id(chance), draw_id(chance)
                lesion = writer.add(Lesion(id=lesion_id, patient_id=patient.id, label=label, site="face"))
                writer.add(Visit(id=draw_id(chance), lesion_id=lesion.id, date=DAY))
                added.append((patient, lesion))
    chance.shuffle(added)
    for patient, _ in added[:150]:
        with book.write("dr-a") as writer:
            writer.delete(patient)
    book.compact()
    after = read_files(book)
    words = [word for patient, lesion in added[:150] for word in (patient.reference, lesion.id, lesion.label)]
    assert [word for word in words if word.encode() in after] == []


def test_a_deletion_beside_a_reader_says_what_is_left(book, monkeypatch):
    if book.database.path is None:
        pytest.skip("PostgreSQL does not wait for readers")
    monkeypatch.setattr("melanoma.casebook.database.PATIENCE", 0.1)
    (lesion,) = add_many(book, 1)
    reader = sqlite3.connect(book.database.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM patients").fetchall()
    with pytest.raises(CasebookError, match="It is deleted, but the file may still hold its bytes"):
        delete_quickly(book, lesion)
    reader.close()
    assert book.find(Patient) == ()
    book.compact()
    assert b"REF-0000" not in read_files(book)


def delete_quickly(book: Casebook, lesion: Lesion) -> None:
    """Delete the lesion's patient with an app that does not wait long."""
    from melanoma.casebook import open_casebook

    with open_casebook(str(Path(book.database.path).parent)).write("dr-b") as writer:
        writer.delete(book.get(Patient, lesion.patient_id))


def test_a_compacted_casebook_holds_the_same(book):
    add_many(book, 5)
    before = [book.find(Patient), book.find(Visit), book.history()]
    book.compact()
    assert [book.find(Patient), book.find(Visit), book.history()] == before
    assert "Copies, exports and backups" in book.remains
    assert ("PostgreSQL" in book.remains) == (book.database.path is None)
