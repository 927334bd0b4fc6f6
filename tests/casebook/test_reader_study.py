"""A reader study in the store: its design, its order, its codes, and that no answer is ever changed."""

import datetime
import random
from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sql

from melanoma.casebook import (
    CasebookError,
    Invalid,
    Missing,
    Study,
    StudyCase,
    StudyReader,
    StudyReading,
)
from melanoma.casebook.access import READER, Forbidden, UsedCasebook, User
from melanoma.casebook.audit_log import AuditLog
from melanoma.casebook.exporting import export_casebook
from melanoma.casebook.importing import import_casebook
from melanoma.casebook.reader_study_results import list_answers, list_lines
from melanoma.casebook.reader_study_running import (
    Reference,
    StudyPhoto,
    find_progress,
    find_reader,
    hash_code,
    is_owner,
    join_study,
    order_cases,
    read_references,
    record_reading,
    set_up_study,
)
from melanoma.casebook.reader_study_tables import study_readings
from melanoma.casebook.tables import METADATA
from melanoma.diagnoses import MALIGNANT
from melanoma.evaluation.reader_study import analyse_study
from melanoma.photo import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier

TRUTHS = ("MEL", "NV", "MEL", "NV", "BCC", "SK", "NV", "DF")
READING = {"diagnosis": "NV", "refers": False, "confidence": 50, "seconds": 4.0}


@pytest.fixture(scope="session")
def photos() -> list[StudyPhoto]:
    """One practice photo and eight that count; nobody looks at them here, so one network's answer will do."""
    classifier = Classifier.open(find_run(DEFAULT_RUN))
    prediction = classifier.predict(read_photo(example_bytes(width=96, height=72)))
    contents = [example_bytes(seed, 96, 72) for seed in range(len(TRUTHS) + 1)]
    references = [Reference("NV", practice=True), *(Reference(truth, practice=False) for truth in TRUTHS)]
    return [StudyPhoto(c, "JPEG", r, prediction) for c, r in zip(contents, references, strict=True)]


def stored_bytes(book) -> bytes:
    """All of the casebook's files; of PostgreSQL, a copy of its tables as text."""
    if book.database.path is not None:
        return b"".join(path.read_bytes() for path in book.database.path.parent.iterdir())
    with book.database.reading() as connection:
        return repr([connection.execute(sql.select(table)).all() for table in METADATA.sorted_tables]).encode()


def read_all(book, study, reader, code, answer=lambda item: READING) -> list:
    """Items in the order they came."""
    items = []
    while item := find_progress(book, study, reader).item:
        items.append(item)
        record_reading(book, study, reader, item, code=code, **answer(item))
    return items


def test_design_is_crossed_and_random_for_each_reader(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    readers = [join_study(book, study, "gp") for _ in range(2)]
    items = [read_all(book, study, *reader) for reader in readers]
    for own in items:
        assert own[0].case.practice
        counted = [item for item in own if not item.case.practice]
        assert [item.session for item in counted] == [1] * 8 + [2] * 8
        assert Counter(item.case.id for item in counted) == Counter({item.case.id: 2 for item in counted})
        for session in (1, 2):
            for group in (MALIGNANT, ("NV", "SK", "DF")):
                support = [i.supported for i in counted if i.session == session and i.case.truth in group]
                assert abs(sum(support) - len(support) / 2) <= 1
    first = [{i.case.id: i.supported for i in own if i.session == 1 and not i.case.practice} for own in items]
    assert all(first[0][id_] != first[1][id_] for id_ in first[0])
    orders = [[i.case.id for i in own if i.session == s and not i.case.practice] for own in items for s in (1, 2)]
    assert len({tuple(order) for order in orders}) == 4


def test_order_is_the_same_when_a_reader_comes_back(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    reader, code = join_study(book, study, "gp")
    before = [case.id for case in order_cases(study, reader, book.find(StudyCase, study_id=study.id), 1)]
    for _ in range(3):
        record_reading(book, study, reader, find_progress(book, study, reader).item, code=code, **READING)
    again = find_reader(book, study, code.lower().replace("-", " "))
    assert again == reader
    progress = find_progress(book, study, again)
    assert (progress.item.case.id, progress.done, progress.total) == (before[3], 3, 17)


def test_no_way_back(book, photos):
    """Not by the page's step, not by the writer, not by SQL."""
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    reader, code = join_study(book, study, "gp")
    item = find_progress(book, study, reader).item
    reading = record_reading(book, study, reader, item, code=code, **READING)
    with pytest.raises(Invalid, match="cannot be changed"):
        record_reading(book, study, reader, item, code=code, **READING | {"refers": True})
    ahead = replace(find_progress(book, study, reader).item, place=5)
    with pytest.raises(Invalid):
        record_reading(book, study, reader, ahead, code=code, **READING)
    with pytest.raises(Invalid), book.write("x") as writer:
        writer.change(replace(reading, refers=True))
    with pytest.raises(Invalid), book.write("x") as writer:
        writer.delete(reading)
    with pytest.raises(Invalid), book.write("x") as writer:  # a second answer beside the first
        writer.add(replace(reading, id="0" * 32, refers=True))
    with pytest.raises(CasebookError), book.database.writing() as connection:
        connection.execute(sql.update(study_readings).values(refers=True))
    assert book.find(StudyReading, reader_id=reader.id) == (reading,)


def test_an_answer_needs_the_code_of_its_reader(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    reader, _ = join_study(book, study, "gp")
    _, foreign = join_study(book, study, "gp")
    for code in (foreign, "", "AAAA-AAAA-AAAA"):
        with pytest.raises(Invalid, match="own code"):
            record_reading(book, study, reader, find_progress(book, study, reader).item, code=code, **READING)
    assert book.find(StudyReading) == ()


def test_an_answer_is_to_an_item_of_the_readers_own_study(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    other, _ = set_up_study(book, "Another", photos, washout_days=0)
    reader, code = join_study(book, study, "gp")
    reading = record_reading(book, study, reader, find_progress(book, study, reader).item, code=code, **READING)
    foreign = book.find(StudyCase, study_id=other.id)[0]
    with pytest.raises(Invalid, match="own code"):
        book.answer_item(replace(reading, id="0" * 32, case_id=foreign.id, place=2), code)
    assert book.find(StudyReading) == (reading,)


def test_the_role_of_a_reader_takes_part_and_writes_nothing_else(book, photos, tmp_path):
    study, owner = set_up_study(book, "Pilot", photos, washout_days=0)
    log = AuditLog(tmp_path / "audit.jsonl")
    used = UsedCasebook(book.database, User("rita@clinic.example", READER), log)
    reader, code = join_study(used, study, "trainee")
    assert len(read_all(used, study, reader, code)) == 17
    reading = used.find(StudyReading)[0]
    for record in (reading, reader, study):
        for act in ("add", "change", "delete"):
            with pytest.raises(Forbidden, match="role of clinician"), used.write() as writer:
                getattr(writer, act)(record)
    with pytest.raises(Forbidden):
        set_up_study(used, "Own", photos, washout_days=0)
    assert len(book.find(StudyReading)) == 17
    assert {change.who for change in book.history() if change.table != "studies"} == {owner_name(study), reader.name}
    uses = [use for use in log.read() if use.did in ("joined", "answered an item of a")]
    assert [use.what for use in uses] == ["Study"] * 18
    assert {use.who for use in uses} == {"rita@clinic.example"}
    text = log.path.read_text()
    assert not [secret for secret in (code, reader.id, reader.reader, reader.name, reading.id) if secret in text]
    assert owner not in text


def owner_name(study) -> str:
    return study.owner[:12]


def test_second_session_waits_for_the_washout(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=14)
    reader, code = join_study(book, study, "gp")
    assert len(read_all(book, study, reader, code)) == 9
    progress = find_progress(book, study, reader)
    last = max(reading.made for reading in book.find(StudyReading, reader_id=reader.id))
    assert (progress.item, progress.waits_until) == (None, last + datetime.timedelta(days=14))
    later = find_progress(book, study, reader, progress.waits_until)
    assert later.item.session == 2
    assert later.total == 17


def test_codes_are_stored_nowhere(book, photos):
    study, owner = set_up_study(book, "Pilot", photos, washout_days=0)
    reader, code = join_study(book, study, "gp")
    assert is_owner(study, owner)
    assert not is_owner(study, code)
    with pytest.raises(Missing):
        find_reader(book, study, "AAAA-AAAA-AAAA")
    stored = stored_bytes(book)
    for secret in (owner, code):
        assert secret.encode() not in stored
        assert secret.replace("-", "").encode() not in stored
    other, _ = set_up_study(book, "Another", photos, washout_days=0)
    assert hash_code(code, other.salt) != hash_code(code, study.salt) == reader.reader
    with pytest.raises(Missing):
        find_reader(book, other, code)
    assert reader.reader != code


def test_a_deleted_study_takes_its_photos_along(book, photos):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    sha256 = book.find(StudyCase, study_id=study.id, number=1)[0].sha256
    assert book.content(sha256) == photos[0].content
    with book.write("owner") as writer:
        writer.delete(study)
    with pytest.raises(Missing):
        book.content(sha256)
    for type_ in (Study, StudyCase, StudyReader, StudyReading):
        assert book.find(type_) == ()
    assert photos[0].content[200:400] not in stored_bytes(book)


def test_what_makes_no_study_is_refused(book, photos):
    with pytest.raises(Invalid, match="one malignant and one benign"):
        set_up_study(book, "Pilot", [p for p in photos if p.reference.truth == "NV"], washout_days=0)
    with pytest.raises(Invalid, match="twice"):
        set_up_study(book, "Pilot", [*photos, photos[-1]], washout_days=0)
    set_up_study(book, "Pilot", photos, washout_days=0)
    with pytest.raises(Invalid, match="this name"):
        set_up_study(book, " Pilot ", photos, washout_days=0)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"name;truth\n", "columns file and diagnosis"),
        ("file,diagnosis\nä.jpg,nävus".encode("latin-1"), "UTF-8"),
        (b"file,diagnosis\na.jpg,nevus\na.jpg,MEL", "Line 3 .* second time"),
        (b"file,diagnosis\na.jpg,psoriasis", "Line 2 .*'psoriasis' is none of the nine"),
        (b"file,diagnosis,practice\na.jpg,nevus,maybe", "practice is 'maybe'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_a_sentence(table, words):
    with pytest.raises(Invalid, match=words):
        read_references(table)


def test_a_table_as_spreadsheets_write_it():
    table = "\ufefffile;diagnosis;practice\r\na.jpg;Melanoma;yes\r\nb.jpg;nevus;\r\n".encode()
    assert read_references(table) == {"a.jpg": Reference("MEL", True), "b.jpg": Reference("NV", False)}


def test_analysis_takes_what_counts(book, photos):
    """Three readers who err alone and follow a support that is right."""
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    chance = random.Random(1)

    def answer(item):
        right = item.supported or chance.random() < 0.4
        truth = item.case.truth
        diagnosis = truth if right else "other"
        return READING | {"diagnosis": diagnosis, "refers": (truth in MALIGNANT) == right}

    for _ in range(3):
        read_all(book, study, *join_study(book, study, "trainee"), answer)
    lines = list_lines(book, study)
    assert len(lines) == 3 * 17
    analysis = analyse_study(list_answers(lines))
    assert (analysis.readers, analysis.cases, analysis.pairs, analysis.unpaired) == (3, 8, 24, 0)
    assert analysis.sensitivity.supported.value == analysis.specificity.supported.value == 1
    assert analysis.sensitivity.alone.value < 0.8
    assert analysis.diagnosis_switches.to_right.value > 0.3
    assert analysis.diagnosis_switches.to_wrong.value == 0


def test_a_study_is_exported_and_imported_with_the_rest(book, other, photos, tmp_path):
    study, _ = set_up_study(book, "Pilot", photos, washout_days=0)
    read_all(book, study, *join_study(book, study, "gp"))
    export_casebook(book.database, tmp_path / "all.zip")
    import_casebook(other.database, tmp_path / "all.zip")
    for type_ in (Study, StudyCase, StudyReader, StudyReading):
        assert other.find(type_) == book.find(type_)
    assert other.content(book.find(StudyCase, number=1)[0].sha256) == photos[0].content
