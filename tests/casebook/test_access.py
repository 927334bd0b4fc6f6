"""What each role may do with a casebook, and that the audit log holds every use and no word about a patient."""

import io
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from casebook_samples import add_case

from melanoma.casebook import Casebook, CasebookError, Invalid, Lesion, Patient, Search
from melanoma.casebook.access import ADMINISTRATOR, CLINICIAN, READER, Forbidden, UsedCasebook, User
from melanoma.casebook.audit_log import COLUMNS, AuditLog
from melanoma.casebook.similar import list_known


@pytest.fixture
def log(tmp_path) -> AuditLog:
    return AuditLog(tmp_path / "audit.jsonl")


@pytest.fixture
def use(book, log):
    """The same casebook, as somebody of a role uses it."""
    return lambda role, name="anna@clinic.example": UsedCasebook(book.database, User(name, role), log)


@pytest.fixture
def lesion(book) -> Lesion:
    with book.write("dr-a") as writer:
        return add_case(writer)


def delete_patient(book, lesion) -> None:
    with book.write() as writer:
        writer.delete(book.get(Patient, lesion.patient_id))


def test_a_reader_sees_everything_and_changes_nothing(use, lesion, tmp_path):
    book = use(READER)
    case = book.case(lesion.id)
    assert case.patient.reference == "A-17"
    assert book.content(case.photos[0].sha256) == b"a photo"
    assert book.search(Search()).lesions
    assert book.history(lesion_id=lesion.id)
    before = book.count()
    for forbidden in (
        lambda: book.write().__enter__(),
        lambda: delete_patient(book, lesion),
        lambda: book.export(tmp_path / "out.zip"),
        lambda: book.copy(tmp_path / "copy"),
        book.history,
    ):
        with pytest.raises(Forbidden, match="Ask for the role of"):
            forbidden()
    assert book.count() == before
    assert not (tmp_path / "out.zip").exists()


def test_a_clinician_adds_in_their_own_name_and_deletes_nothing(use, lesion):
    book = use(CLINICIAN)
    with book.write("somebody else") as writer:
        patient = writer.add(Patient(reference="B-2"))
    assert [change.who for change in book.history(patient_id=patient.id)] == ["anna@clinic.example"]
    with pytest.raises(Forbidden):
        delete_patient(book, lesion)
    assert book.case(lesion.id).lesion == lesion


def test_an_administrator_exports_and_deletes(use, lesion, tmp_path):
    book = use(ADMINISTRATOR)
    book.export(tmp_path / "out.zip")
    assert (tmp_path / "out.zip").exists()
    delete_patient(book, lesion)
    assert book.find(Patient) == ()
    assert book.history()


def test_the_log_says_who_did_what_and_nothing_of_a_patient(use, lesion, log, tmp_path):
    use(READER, "rita@clinic.example").case(lesion.id)
    with pytest.raises(Forbidden):
        use(READER, "rita@clinic.example").export(tmp_path / "out.zip")
    with use(CLINICIAN).write() as writer:
        patient = writer.add(Patient(reference="Featherstonehaugh", note="itches"))
    lines = [(use.who, use.role, use.did, use.what, use.id) for use in log.read()]
    assert lines == [
        ("rita@clinic.example", READER, "saw", "Lesion", lesion.id),
        ("rita@clinic.example", READER, "was refused: exported", "casebook", ""),
        ("anna@clinic.example", CLINICIAN, "wrote", "casebook", ""),
        ("anna@clinic.example", CLINICIAN, "added", "Patient", patient.id),
    ]
    text = log.path.read_text()
    assert not [secret for secret in ("Featherstonehaugh", "itches", "A-17") if secret in text]
    file = io.StringIO()
    assert log.export(file) == 4
    assert file.getvalue().splitlines()[0] == ",".join(COLUMNS)


def test_what_cannot_be_logged_is_not_done(use, lesion, tmp_path):
    book = use(ADMINISTRATOR)
    book.log.path.mkdir()  # nothing can be appended to a folder
    with pytest.raises(CasebookError, match="nothing was done"):
        delete_patient(book, lesion)
    with pytest.raises(CasebookError):
        book.case(lesion.id)


def add_lines(path: Path) -> None:
    for number in range(50):
        AuditLog(path).add("anna", READER, "saw", "Lesion", str(number))


def test_several_processes_write_one_chain(log):
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(add_lines, [log.path] * 3))
    assert len(list(log.read())) == 150


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize("change", ["edit", "take out"])
def test_a_line_that_was_changed_or_taken_out_is_found(log, line, change):
    for did in ("saw", "changed", "deleted"):
        log.add("anna", CLINICIAN, did, "Lesion", "1")
    lines = log.path.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace("anna", "otto") if change == "edit" else ""
    log.path.write_text("".join(lines))
    with pytest.raises(CasebookError, match="was changed"):
        list(log.read())


def test_there_is_no_other_role():
    with pytest.raises(Invalid, match="Choose from"):
        User("anna", "owner")


def test_nothing_of_a_casebook_is_done_past_roles_and_log():
    free = {"name", "close", "remains", "count"}  # no record is seen
    methods = {name for name in vars(Casebook) if not name.startswith("_")} - {"database"} - free
    assert methods - set(vars(UsedCasebook)) == set()


def test_similar_cases_are_logged(use, lesion, log):
    list_known(use(READER), "0" * 64, "dermoscopic")
    assert list(log.read())[-1].what == "similar cases"
