"""The casebook's tables, one for each type of record. `migrations/` makes them; a test holds both together.

Another file may add tables to `METADATA` and types to `TABLES`: export, import, history and deletion then know them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sql

from melanoma.casebook import vocabulary as words
from melanoma.casebook.records import (
    LINE,
    Answer,
    Change,
    Lesion,
    Outcome,
    Patient,
    Reading,
    Record,
    Report,
    StoredPhoto,
    Visit,
)

METADATA = sql.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    }
)
LINE_TEXT = sql.String(LINE)
JSON_LIST = sql.JSON(none_as_null=True)


class UTC(sql.TypeDecorator[datetime.datetime]):
    """A time with its zone in, the same in UTC out; SQLite keeps no zone."""

    impl = sql.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: sql.Dialect) -> datetime.datetime | None:
        """What is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, dialect: sql.Dialect) -> datetime.datetime | None:
        """What is read."""
        if value is None:
            return None
        return value.astimezone(datetime.UTC) if value.tzinfo else value.replace(tzinfo=datetime.UTC)


def record_columns() -> tuple[sql.Column, sql.Column]:
    """What every table of records has."""
    return sql.Column("id", sql.String(32), primary_key=True), sql.Column("version", sql.Integer, nullable=False)


def line(name: str) -> sql.Column:
    """A line of text, which may be empty."""
    return sql.Column(name, LINE_TEXT, nullable=False)


def text(name: str) -> sql.Column:
    """A text, which may be empty."""
    return sql.Column(name, sql.Text, nullable=False)


def parent(name: str, table: str, *, needed: bool = True, checked_at_end: bool = False) -> sql.Column:
    """A reference to a record of another table; with the other, this record is deleted.

    checked_at_end: of a transaction, and not at once.
    """
    when = "DEFERRED" if checked_at_end else None
    key = sql.ForeignKey(f"{table}.id", ondelete="CASCADE", deferrable=checked_at_end or None, initially=when)
    return sql.Column(name, sql.String(32), key, nullable=not needed, index=True)


def sha256(*arguments: sql.ForeignKey) -> sql.Column:
    """A SHA-256 as hex digits."""
    return sql.Column("sha256", sql.String(64), *arguments, nullable=False, index=bool(arguments))


def one_of(column: str, allowed: Iterable[str]) -> sql.CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in allowed)
    return sql.CheckConstraint(f"{column} IN ({listed})", name=column)


def between(column: str, low: float, high: float) -> sql.CheckConstraint:
    """The column holds a number from low to high, or none."""
    return sql.CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=column)


def filled(column: str) -> sql.CheckConstraint:
    """The column is not empty."""
    return sql.CheckConstraint(f"{column} <> ''", name=f"{column}_filled")


patients = sql.Table(
    "patients",
    METADATA,
    *record_columns(),
    sql.Column("reference", LINE_TEXT, nullable=False, unique=True),
    sql.Column("birth_year", sql.Integer),
    line("sex"),
    sql.Column("skin_type", sql.Integer),
    text("note"),
    filled("reference"),
    one_of("sex", ("", *words.SEXES)),
    between("birth_year", 1880, 2100),
    between("skin_type", 1, 6),
)
lesions = sql.Table(
    "lesions",
    METADATA,
    *record_columns(),
    parent("patient_id", "patients"),
    line("label"),
    sql.Column("site", LINE_TEXT, nullable=False, index=True),
    line("side"),
    line("view"),
    sql.Column("x", sql.Float),
    sql.Column("y", sql.Float),
    text("note"),
    sql.UniqueConstraint("patient_id", "label"),
    filled("label"),
    one_of("site", words.SITE_CODES),
    one_of("side", ("", *words.SIDES)),
    one_of("view", ("", *words.VIEWS)),
    between("x", 0, 1),
    between("y", 0, 1),
    sql.CheckConstraint("(view = '') = (x IS NULL) AND (view = '') = (y IS NULL)", name="place"),
)
visits = sql.Table(
    "visits",
    METADATA,
    *record_columns(),
    parent("lesion_id", "lesions"),
    sql.Column("date", sql.Date, nullable=False, index=True),
    line("reason"),
    sql.Column("follow_up_due", sql.Date, index=True),
    text("note"),
    sql.CheckConstraint("follow_up_due >= date", name="follow_up_due"),
)
contents = sql.Table(  # the bytes of photos and reports, once each
    "contents",
    METADATA,
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("content", sql.LargeBinary, nullable=False),
)
photos = sql.Table(
    "photos",
    METADATA,
    *record_columns(),
    parent("visit_id", "visits"),
    sql.Column("stored", UTC, nullable=False),
    sha256(sql.ForeignKey("contents.sha256")),
    line("format"),
    line("kind"),
    sql.Column("taken", sql.Date),
)
answers = sql.Table(
    "answers",
    METADATA,
    *record_columns(),
    parent("visit_id", "visits"),
    sql.Column("made", UTC, nullable=False, index=True),
    sql.Column("photos", JSON_LIST, nullable=False),
    line("kind"),
    line("quality"),
    sql.Column("probabilities", JSON_LIST, nullable=False),
    sql.Column("malignancy", sql.Float, nullable=False),
    sql.Column("decision", LINE_TEXT, nullable=False, index=True),
    line("operating_point"),
    sql.Column("score", sql.Float, nullable=False),
    sql.Column("threshold", sql.Float, nullable=False),
    line("run"),
    sql.Column("run_sha256", sql.String(64), nullable=False),
    line("app_version"),
    sql.Column("skin_tone", sql.Float),
    line("wrong_by"),
    sql.Column("wrong_at", UTC),
    text("wrong_note"),
    one_of("decision", words.DECISIONS),
    sql.CheckConstraint("(wrong_at IS NULL) = (wrong_by = '')", name="wrong"),
)
readings = sql.Table(
    "readings",
    METADATA,
    *record_columns(),
    parent("visit_id", "visits"),
    sql.Column("made", UTC, nullable=False, index=True),
    line("reader"),
    line("role"),
    sql.Column("diagnosis", LINE_TEXT, nullable=False, index=True),
    sql.Column("confidence", sql.Integer, nullable=False),
    line("management"),
    sql.Column("criteria", JSON_LIST, nullable=False),
    sql.Column("after_support", sql.Boolean, nullable=False),
    parent("answer_id", "answers", needed=False),
    parent("revises", "readings", needed=False, checked_at_end=True),
    sql.Column("seconds", sql.Float),
    text("note"),
    filled("reader"),
    one_of("role", words.ROLES),
    one_of("diagnosis", words.READ_DIAGNOSES),
    one_of("management", words.MANAGEMENTS),
    between("confidence", 0, 100),
    sql.CheckConstraint("seconds >= 0", name="seconds"),
    sql.CheckConstraint("answer_id IS NULL OR after_support", name="answer_id"),
)
reports = sql.Table(
    "reports",
    METADATA,
    *record_columns(),
    parent("visit_id", "visits"),
    parent("answer_id", "answers", needed=False),
    sql.Column("made", UTC, nullable=False),
    line("who"),
    line("format"),
    sha256(sql.ForeignKey("contents.sha256")),
)
outcomes = sql.Table(
    "outcomes",
    METADATA,
    *record_columns(),
    parent("lesion_id", "lesions"),
    sql.Column("diagnosis", LINE_TEXT, nullable=False, index=True),
    line("source"),
    sql.Column("date", sql.Date, nullable=False, index=True),
    line("who"),
    line("code"),
    text("note"),
    filled("who"),
    one_of("diagnosis", words.OUTCOME_DIAGNOSES),
    one_of("source", words.OUTCOME_SOURCES),
)
# The history. Triggers let nobody change it; a line may go only when its patient or its lesion is gone.
changes = sql.Table(
    "changes",
    METADATA,
    sql.Column("number", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True),
    sql.Column("at", UTC, nullable=False, index=True),
    line("who"),
    line("action"),
    line("table"),
    sql.Column("record_id", sql.String(32), nullable=False, index=True),
    sql.Column("patient_id", sql.String(32), index=True),
    sql.Column("lesion_id", sql.String(32), index=True),
    sql.Column("old", sql.JSON(none_as_null=True)),
    sql.Column("new", sql.JSON(none_as_null=True)),
    filled("who"),
    one_of("action", words.ACTIONS),
    sqlite_autoincrement=True,
)

# The table of each type of record; a parent stands before its children.
TABLES: dict[type[Record], sql.Table] = {
    Patient: patients,
    Lesion: lesions,
    Visit: visits,
    StoredPhoto: photos,
    Answer: answers,
    Reading: readings,
    Report: reports,
    Outcome: outcomes,
}


def list_stored() -> list[tuple[type[Any], sql.Table]]:
    """All types with their tables, the history last; an import stores them in this order."""
    return [*TABLES.items(), (Change, changes)]
