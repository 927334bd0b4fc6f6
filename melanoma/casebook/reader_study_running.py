"""Set up a reader study, join it, read its items one after the other, and take the readings out."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from melanoma.casebook.book import Casebook
from melanoma.casebook.error import Invalid, Missing
from melanoma.casebook.reader_study import (
    FIRST,
    SECOND,
    SESSIONS,
    Study,
    StudyCase,
    StudyReader,
    StudyReading,
    hash_code,
)
from melanoma.casebook.records import now
from melanoma.diagnoses import CODES, MALIGNANT, code_of
from melanoma.serving import Prediction

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
GROUPS, LENGTH = 3, 4  # of a code: 59 bits in all
PRACTICE_WORDS = {"": False, "0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}


@dataclass(frozen=True)
class Reference:
    """What the table of a new study says about a file. truth: a code."""

    truth: str
    practice: bool


@dataclass(frozen=True)
class StudyPhoto:
    """A photo of a new study. content: the file; format: as of `photo.Photo`; prediction: what support will say."""

    content: bytes
    format: str
    reference: Reference
    prediction: Prediction


@dataclass(frozen=True)
class Item:
    """What a reader reads next. place: in the session, from 1, of `total`; session: FIRST or SECOND."""

    case: StudyCase
    session: int
    place: int
    total: int
    supported: bool


@dataclass(frozen=True)
class Progress:
    """Where a reader is. item: None when they wait for the second session, or are through.

    waits_until: from when the second session is open, None while no wait is on; done, total: items of both sessions.
    """

    item: Item | None
    waits_until: datetime.datetime | None
    done: int
    total: int


def read_references(content: bytes) -> dict[str, Reference]:
    """A CSV with the columns `file`, `diagnosis` and perhaps `practice` -> by file name. Raises Invalid."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The table is not in UTF-8. Save it as CSV in UTF-8.") from error
    dialect = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=dialect)
    if not {"file", "diagnosis"} <= set(rows.fieldnames or ()):
        raise Invalid("The table needs the columns file and diagnosis, and may have practice.")
    references: dict[str, Reference] = {}
    for number, row in enumerate(rows, 2):
        name, diagnosis = (row["file"] or "").strip(), (row["diagnosis"] or "").strip()
        practice = (row.get("practice") or "").strip().lower()
        if name in references or not name:
            raise Invalid(f"Line {number} of the table names {'a file for a second time' if name else 'no file'}.")
        if practice not in PRACTICE_WORDS:
            raise Invalid(f"Line {number} of the table: practice is {practice!r}. Write yes or no.")
        try:
            references[name] = Reference(code_of(diagnosis), PRACTICE_WORDS[practice])
        except KeyError as error:
            known = ", ".join(CODES)
            raise Invalid(f"Line {number} of the table: {diagnosis!r} is none of the nine: {known}.") from error
    return references


def make_code() -> str:
    """A new code, such as `K7QD-93FA-MXYB`, that nobody can guess."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS))


def set_up_study(book: Casebook, name: str, photos: Sequence[StudyPhoto], *, washout_days: int) -> tuple[Study, str]:
    """Store a study with its photos; the study, and the code of who set it up, which is stored nowhere.

    Raises Invalid for a name that is taken, for photos that are there twice, and without a malignant and a benign case.
    """
    counted = [photo.reference.truth in MALIGNANT for photo in photos if not photo.reference.practice]
    if len(set(counted)) < 2:
        raise Invalid("A study needs at least one malignant and one benign case that count.")
    if len({photo.content for photo in photos}) < len(photos):
        raise Invalid("A photo is there twice. Leave one out.")
    if book.find(Study, name=name.strip()):
        raise Invalid("There is already a study of this name.")
    code, salt = make_code(), secrets.token_hex(16)
    first = photos[0].prediction
    study = Study(
        name=name.strip(),
        salt=salt,
        owner=hash_code(code, salt),
        washout_days=washout_days,
        run=first.run,
        run_sha256=first.run_sha256,
        operating_point=first.operating_point,
    )
    early = _draw_half(study, photos)
    with book.write(study.owner[:12]) as writer:
        study = writer.add(study)
        for place, photo in enumerate(photos):
            writer.add(_make_case(study, place, photo, writer.keep(photo.content), early=place in early))
    return study, code


def _draw_half(study: Study, photos: Sequence[StudyPhoto]) -> set[int]:
    """Places of half of the photos, at random, as nearly as may be half of each of: practice, malignant, benign."""
    groups: dict[tuple[bool, bool], list[int]] = {}
    for place, photo in enumerate(photos):
        truth = photo.reference
        groups.setdefault((truth.practice, truth.truth in MALIGNANT), []).append(place)
    drawn, turn = set(), 0
    for own in groups.values():
        for place in sorted(own, key=lambda place: _shuffle(study.id, str(place))):
            if turn % 2 == 0:
                drawn.add(place)
            turn += 1
    return drawn


def _make_case(study: Study, place: int, photo: StudyPhoto, sha256: str, *, early: bool) -> StudyCase:
    prediction = photo.prediction
    return StudyCase(
        study_id=study.id,
        number=place + 1,
        sha256=sha256,
        format=photo.format,
        truth=photo.reference.truth,
        practice=photo.reference.practice,
        early=early,
        probabilities=tuple(round(float(share), 6) for share in prediction.probabilities),
        malignancy=prediction.malignancy,
        decision=prediction.decision,
        threshold=prediction.threshold,
    )


def is_owner(study: Study, code: str) -> bool:
    """Whether this is the code of who set the study up."""
    return secrets.compare_digest(hash_code(code, study.salt), study.owner)


def join_study(book: Casebook, study: Study, role: str) -> tuple[StudyReader, str]:
    """A new reader, and their code, which is stored nowhere. Every second one belongs to the other half."""
    code = make_code()
    half = len(book.find(StudyReader, study_id=study.id)) % 2
    reader = StudyReader(study_id=study.id, reader=hash_code(code, study.salt), role=role, half=half)
    return book.join_study(reader), code


def find_reader(book: Casebook, study: Study, code: str) -> StudyReader:
    """The reader of a code. Raises Missing where it is nobody's."""
    readers = book.find(StudyReader, study_id=study.id, reader=hash_code(code, study.salt))
    if not readers:
        raise Missing("No reader of this study has this code. Check it, or join as a new reader.")
    return readers[0]


def find_progress(book: Casebook, study: Study, reader: StudyReader, at: datetime.datetime | None = None) -> Progress:
    """Where the reader is at a time, now if None: the next item in their own random order."""
    cases = book.find(StudyCase, study_id=study.id)
    readings = book.find(StudyReading, reader_id=reader.id)
    total = len(cases) + sum(not case.practice for case in cases)
    for session in SESSIONS:
        order = order_cases(study, reader, cases, session)
        answered = {reading.case_id for reading in readings if reading.session == session}
        left = [(place, case) for place, case in enumerate(order, 1) if case.id not in answered]
        if not left:
            continue
        if session == SECOND:
            opens = readings[-1].made + datetime.timedelta(days=study.washout_days)
            if not answered and (at or now()) < opens:
                return Progress(None, opens, len(readings), total)
        place, case = left[0]
        item = Item(case, session, place, len(order), is_supported(case, reader, session))
        return Progress(item, None, len(readings), total)
    return Progress(None, None, len(readings), total)


def order_cases(study: Study, reader: StudyReader, cases: Sequence[StudyCase], session: int) -> list[StudyCase]:
    """The practice items, in the first session alone, then the others: at random, but for a reader always the same."""
    practice = sorted((case for case in cases if case.practice and session == FIRST), key=lambda case: case.number)
    counted = (case for case in cases if not case.practice)
    return practice + sorted(counted, key=lambda case: _shuffle(study.id, reader.reader, str(session), case.id))


def is_supported(case: StudyCase, reader: StudyReader, session: int) -> bool:
    """Whether the reader sees the network's answer: in one of the two sessions."""
    return case.early == ((reader.half == 0) == (session == FIRST))


def record_reading(
    book: Casebook,
    study: Study,
    reader: StudyReader,
    item: Item,
    *,
    code: str,
    diagnosis: str,
    refers: bool,
    confidence: int,
    seconds: float,
) -> StudyReading:
    """Store the answer to the reader's next item. code: the reader's.

    Raises Invalid for an item that is answered or not yet to come, and for another code.
    """
    if find_progress(book, study, reader).item != item:
        raise Invalid("This item is answered already. An answer cannot be changed. Go on with the next one.")
    reading = StudyReading(
        reader_id=reader.id,
        case_id=item.case.id,
        session=item.session,
        place=item.place,
        supported=item.supported,
        diagnosis=diagnosis,
        refers=refers,
        confidence=confidence,
        seconds=round(seconds, 1),
    )
    return book.answer_item(reading, code)  # two windows of one reader: the table takes the faster one


def _shuffle(*seed: str) -> bytes:
    """What to sort by for a random order that is the same on every machine."""
    return hashlib.sha256("|".join(seed).encode()).digest()
