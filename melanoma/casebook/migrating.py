"""Bring a casebook's tables to this version of the app, by the steps in `migrations/versions/`."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from melanoma.casebook.database import Database
from melanoma.casebook.error import CannotOpen, TooNew

LOCK = 1_835_363_681  # of PostgreSQL, so that two apps that start together do not both change the tables


def upgrade(database: Database) -> None:
    """Make or change the tables, in one transaction. Raises TooNew, and CannotOpen for another program's tables."""
    steps = Config()
    steps.set_main_option("script_location", "melanoma.casebook:migrations")
    script = ScriptDirectory.from_config(steps)
    with database.reading() as connection:
        if find_revision(connection, script, database.name) == script.get_current_head():
            return
    with database.writing() as connection:
        if database.path is None:
            connection.execute(sql.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if find_revision(connection, script, database.name) != script.get_current_head():
            steps.attributes["connection"] = connection
            command.upgrade(steps, "head")


def find_revision(connection: sql.Connection, script: ScriptDirectory, name: str) -> str | None:
    """The step at which the tables are; None for an empty database."""
    tables = set(sql.inspect(connection).get_table_names())
    if not tables:
        return None
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise CannotOpen(f"{name} holds the tables of another program. Name an empty place for the casebook.")
    if revision not in {step.revision for step in script.walk_revisions()}:
        raise TooNew(f"A newer version of the app has changed {name}. Nothing was touched. Update the app.")
    return revision
