"""A casebook of every earlier version opens, with all that is in it; the steps make the tables that the code has.

`schemas/` holds a small casebook of each version, as its database wrote it: three lesions of
`fill(writer, 3, seed=5, content_size=40)`. A new version adds a file for each database, and changes none.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sql
from casebook_samples import add_case, fill

from melanoma.casebook import CasebookError, open_casebook
from melanoma.casebook.database import open_database
from melanoma.casebook.tables import METADATA, TABLES

SCHEMAS = Path(__file__).parent / "schemas"


def restore(place: str, version: str) -> None:
    """Put the stored casebook of a version into an empty place."""
    if "://" not in place:
        with closing(sqlite3.connect(Path(place) / "casebook.db")) as connection:
            connection.executescript((SCHEMAS / f"{version}.sqlite.sql").read_text())
        return
    database = open_database(place)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        statements = (SCHEMAS / f"{version}.postgresql.sql").read_text()
        connection.connection.cursor().execute(statements)
    database.engine.dispose()


def describe_schema(engine: sql.Engine) -> dict[str, dict[str, list]]:
    """Columns, keys, indexes and checks of each table, as the database tells them."""
    inspector = sql.inspect(engine)
    return {
        name: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)
            ],
            "foreign": sorted(str(sorted(key.items(), key=str)) for key in inspector.get_foreign_keys(name)),
            "unique": sorted(str(sorted(key.items(), key=str)) for key in inspector.get_unique_constraints(name)),
            "indexes": sorted(str(sorted(key.items(), key=str)) for key in inspector.get_indexes(name)),
            "checks": sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(name)),
        }
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def name_parts(engine: sql.Engine) -> dict[str, object]:
    """The same without the text of the checks, which PostgreSQL writes otherwise after a restore."""
    return {
        name: parts | {"checks": [check[0] for check in parts["checks"]]}
        for name, parts in describe_schema(engine).items()
    }


def test_the_steps_make_the_tables_of_the_code(book, make_place):
    plain = open_database(make_place())
    if plain.path is None:
        with plain.writing() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    METADATA.create_all(plain.engine)
    assert describe_schema(book.database.engine) == describe_schema(plain.engine)
    plain.engine.dispose()


@pytest.mark.parametrize("version", sorted({path.name.split(".")[0] for path in SCHEMAS.glob("*.sql")}))
def test_a_casebook_of_an_earlier_version_opens_whole(book, make_place, version):
    with book.write("dr-a") as writer:
        fill(writer, 3, seed=5, content_size=40)
    place = make_place()
    restore(place, version)
    old = open_casebook(place)
    for type_ in TABLES:
        assert old.find(type_) == book.find(type_)
    assert [(line.action, line.record_id) for line in old.history()] == [
        (line.action, line.record_id) for line in book.history()
    ]
    assert name_parts(old.database.engine) == name_parts(book.database.engine)
    assert old.check() == ()
    with old.write("dr-b") as writer:
        lesion = add_case(writer, "a new one")
    assert old.case(lesion.id).outcome.diagnosis == "MEL"
    with pytest.raises(CasebookError, match="history cannot be changed"), old.database.writing() as connection:
        connection.execute(sql.text("DELETE FROM changes"))
    old.close()


def test_every_version_is_stored():
    steps = Path(__file__).resolve().parents[2] / "melanoma" / "casebook" / "migrations" / "versions"
    versions = {path.name[:4] for path in steps.glob("0*.py")}
    assert {path.name for path in SCHEMAS.iterdir()} == {
        f"{version}.{kind}.sql" for version in versions for kind in ("sqlite", "postgresql")
    }
