"""The clinic's own lesions with a known outcome, as a library to find similar ones in."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sql

from melanoma.casebook import tables
from melanoma.casebook.book import Casebook
from melanoma.casebook.records import Outcome, settle
from melanoma.casebook.rows import from_row
from melanoma.casebook.vocabulary import OUTCOME_SOURCES
from melanoma.diagnoses import CODES
from melanoma.evaluation.libraries import KnownLesion, Library


def list_known(book: Casebook, run_sha256: str, kind: str, but: str | None = None) -> Library:
    """Lesions with an outcome and an answer of this network to photos of this kind, by their latest answer.

    but: id of a lesion, or SHA-256 of a photo, whose lesion is left out, since it would be its own neighbour.
    left_out: lesions with an outcome but no such answer.
    """
    answers, visits, lesions, patients = tables.answers.c, tables.visits.c, tables.lesions.c, tables.patients.c
    known = sql.select(tables.outcomes.c.lesion_id)
    query = (
        sql.select(lesions.id, lesions.label, patients.reference, answers.probabilities, answers.photos)
        .select_from(tables.answers.join(tables.visits).join(tables.lesions).join(tables.patients))
        .where(answers.run_sha256 == run_sha256, answers.kind == kind, lesions.id.in_(known))
        .order_by(answers.made)
    )
    photos = sql.select(tables.photos.c.sha256, visits.lesion_id).join_from(tables.photos, tables.visits)
    with book.read("similar cases") as connection:
        outcomes: dict[str, list[Outcome]] = {}
        for row in connection.execute(sql.select(tables.outcomes)):
            outcomes.setdefault(row.lesion_id, []).append(from_row(Outcome, row))
        rows = connection.execute(query).all()
        stored = {row.sha256 for row in connection.execute(photos)}
    latest = {row.id: row for row in rows}
    own = {row.id for row in rows if but is not None and (but == row.id or but in row.photos)}
    kept = [row for id_, row in latest.items() if id_ not in own]
    found = []
    for row in kept:
        outcome = settle(outcomes[row.id])
        assert outcome is not None
        found.append(
            KnownLesion(
                f"{row.reference}, lesion {row.label}",
                outcome.diagnosis,
                OUTCOME_SOURCES[outcome.source],
                next((sha256 for sha256 in row.photos if sha256 in stored), ""),
                lesion_id=row.id,
            )
        )
    probabilities = np.array([row.probabilities for row in kept]).reshape(-1, len(CODES))
    return Library(tuple(found), probabilities, len(outcomes) - len(latest))
