"""Lesions over time: patients, visits, photos, readings, answers, outcomes, in SQL. Off until a setting names a place.

place = read_setting()                     # None: the casebook is off, and nothing is opened or made
book = open_casebook(place)
with book.write("dr-a") as writer:         # one transaction: all of it is saved, or nothing
    patient = writer.add(Patient(reference="A-17"))
    lesion = writer.add(Lesion(patient_id=patient.id, label="1", site="upper-back"))
    visit = writer.add(Visit(lesion_id=lesion.id, date=date.today()))
    writer.add(StoredPhoto(visit_id=visit.id, sha256=writer.keep(content), format="JPEG"))
book.case(lesion.id)
"""

import melanoma.casebook.reader_study_tables  # noqa: F401 (so that every casebook knows them)
from melanoma.casebook.book import Case, Casebook, open_casebook
from melanoma.casebook.database import SETTING, read_setting
from melanoma.casebook.error import (
    Busy,
    CannotOpen,
    CasebookError,
    Conflict,
    Full,
    Invalid,
    Missing,
    TooNew,
    Unreachable,
)
from melanoma.casebook.reader_study import Study, StudyCase, StudyReader, StudyReading
from melanoma.casebook.records import (
    Answer,
    Change,
    Entry,
    Lesion,
    Outcome,
    Patient,
    Reading,
    Report,
    ScoredRule,
    StoredPhoto,
    Visit,
    settle,
)
from melanoma.casebook.searching import Found, FoundLesion, Search
from melanoma.casebook.writing import Writer

__all__ = [
    "SETTING",
    "Answer",
    "Busy",
    "CannotOpen",
    "Case",
    "Casebook",
    "CasebookError",
    "Change",
    "Conflict",
    "Entry",
    "Found",
    "FoundLesion",
    "Full",
    "Invalid",
    "Lesion",
    "Missing",
    "Outcome",
    "Patient",
    "Reading",
    "Report",
    "ScoredRule",
    "Search",
    "StoredPhoto",
    "Study",
    "StudyCase",
    "StudyReader",
    "StudyReading",
    "TooNew",
    "Unreachable",
    "Visit",
    "Writer",
    "open_casebook",
    "read_setting",
    "settle",
]
