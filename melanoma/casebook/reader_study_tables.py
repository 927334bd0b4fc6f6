"""The tables of reader studies, beside the casebook's own."""

from __future__ import annotations

import sqlalchemy as sql

from melanoma.casebook import vocabulary as words
from melanoma.casebook.reader_study import (
    LONGEST_WASHOUT,
    SESSIONS,
    STUDY_DIAGNOSES,
    Study,
    StudyCase,
    StudyReader,
    StudyReading,
)
from melanoma.casebook.tables import (
    JSON_LIST,
    LINE_TEXT,
    METADATA,
    TABLES,
    UTC,
    between,
    filled,
    line,
    one_of,
    parent,
    record_columns,
    sha256,
)
from melanoma.casebook.writing import CHANGEABLE, DELETABLE
from melanoma.diagnoses import CODES

studies = sql.Table(
    "studies",
    METADATA,
    *record_columns(),
    sql.Column("name", LINE_TEXT, nullable=False, unique=True),
    sql.Column("made", UTC, nullable=False),
    sql.Column("salt", sql.String(32), nullable=False),
    sql.Column("owner", sql.String(64), nullable=False),
    sql.Column("washout_days", sql.Integer, nullable=False),
    line("run"),
    sql.Column("run_sha256", sql.String(64), nullable=False),
    line("operating_point"),
    filled("name"),
    between("washout_days", 0, LONGEST_WASHOUT),
)
study_cases = sql.Table(
    "study_cases",
    METADATA,
    *record_columns(),
    parent("study_id", "studies"),
    sql.Column("number", sql.Integer, nullable=False),
    sha256(sql.ForeignKey("contents.sha256")),
    line("format"),
    line("truth"),
    sql.Column("practice", sql.Boolean, nullable=False),
    sql.Column("early", sql.Boolean, nullable=False),
    sql.Column("probabilities", JSON_LIST, nullable=False),
    sql.Column("malignancy", sql.Float, nullable=False),
    line("decision"),
    sql.Column("threshold", sql.Float, nullable=False),
    sql.UniqueConstraint("study_id", "number"),
    one_of("truth", CODES),
    one_of("decision", words.DECISIONS),
)
study_readers = sql.Table(
    "study_readers",
    METADATA,
    *record_columns(),
    parent("study_id", "studies"),
    sql.Column("reader", sql.String(64), nullable=False),
    line("role"),
    sql.Column("half", sql.Integer, nullable=False),
    sql.Column("joined", UTC, nullable=False),
    sql.UniqueConstraint("study_id", "reader"),
    one_of("role", words.ROLES),
    between("half", 0, 1),
)
study_readings = sql.Table(  # a trigger lets nobody change one
    "study_readings",
    METADATA,
    *record_columns(),
    parent("reader_id", "study_readers"),
    parent("case_id", "study_cases"),
    sql.Column("session", sql.Integer, nullable=False),
    sql.Column("place", sql.Integer, nullable=False),
    sql.Column("supported", sql.Boolean, nullable=False),
    line("diagnosis"),
    sql.Column("refers", sql.Boolean, nullable=False),
    sql.Column("confidence", sql.Integer, nullable=False),
    sql.Column("seconds", sql.Float, nullable=False),
    sql.Column("made", UTC, nullable=False),
    sql.UniqueConstraint("reader_id", "case_id", "supported"),
    sql.UniqueConstraint("reader_id", "session", "place"),
    one_of("diagnosis", STUDY_DIAGNOSES),
    between("session", *SESSIONS),
    between("confidence", 0, 100),
    sql.CheckConstraint("seconds >= 0", name="seconds"),
)

TABLES |= {Study: studies, StudyCase: study_cases, StudyReader: study_readers, StudyReading: study_readings}
CHANGEABLE |= {type_: frozenset() for type_ in (Study, StudyCase, StudyReader, StudyReading)}
DELETABLE.add(Study)
