"""The readings of a study, joined with their cases: for the analysis, and to take away."""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.casebook.book import Casebook
from melanoma.casebook.reader_study import Study, StudyCase, StudyReader, StudyReading
from melanoma.casebook.vocabulary import OTHER
from melanoma.evaluation.reader_study import StudyAnswer


@dataclass(frozen=True)
class StudyLine:
    """One reading with its case and its reader."""

    reader: StudyReader
    case: StudyCase
    reading: StudyReading


def list_lines(book: Casebook, study: Study) -> tuple[StudyLine, ...]:
    """All readings of a study, practice too, in the order of time."""
    readers = {reader.id: reader for reader in book.find(StudyReader, study_id=study.id)}
    cases = {case.id: case for case in book.find(StudyCase, study_id=study.id)}
    readings = book.find(StudyReading, reader_id=list(readers))
    return tuple(StudyLine(readers[one.reader_id], cases[one.case_id], one) for one in readings)


def list_answers(lines: tuple[StudyLine, ...]) -> list[StudyAnswer]:
    """What the analysis takes: without practice."""
    return [
        StudyAnswer(
            reader=line.reader.name,
            case=line.case.id,
            truth=line.case.truth,
            supported=line.reading.supported,
            diagnosis="" if line.reading.diagnosis == OTHER else line.reading.diagnosis,
            refers=line.reading.refers,
            seconds=line.reading.seconds,
        )
        for line in lines
        if not line.case.practice
    ]
