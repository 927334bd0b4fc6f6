"""Where the casebook lies: off by default, and each thing that can be wrong with its place in plain words."""

import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql
from casebook_samples import add_case
from postgres import run_server

from melanoma.casebook import (
    Busy,
    CannotOpen,
    CasebookError,
    Full,
    Patient,
    TooNew,
    Unreachable,
    open_casebook,
    read_setting,
)


def test_it_is_off_until_a_setting_names_a_place(monkeypatch):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    assert read_setting() is None
    monkeypatch.setenv("MELANOMA_CASEBOOK", "  ")
    assert read_setting() is None
    monkeypatch.setenv("MELANOMA_CASEBOOK", "/clinic/casebook")
    assert read_setting() == "/clinic/casebook"


def test_the_setting_is_read_in_one_place():
    root = Path(__file__).resolve().parents[2]
    files = [*root.glob("melanoma/**/*.py"), *root.glob("pages/**/*.py"), root / "app.py"]
    named = {path.name for path in files if '"MELANOMA_CASEBOOK"' in path.read_text()}
    # The pages ask whether it is set without loading SQLAlchemy; tests/pages/test_cases.py holds both names together.
    assert named == {"database.py", "open_casebook.py"}


def test_a_folder_holds_one_file_that_others_cannot_read(tmp_path):
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        add_case(writer)
    assert [path.name for path in tmp_path.iterdir()] == ["casebook.db"]
    assert (tmp_path / "casebook.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("/nowhere/at all", "There is no folder /nowhere/at all. Make it"),
        ("mysql://localhost/x", "takes a folder, or a URL that begins with postgresql"),
        ("postgresql+psycopg://u@h:port/x", "is no URL of a database"),
    ],
)
def test_a_place_that_is_none_is_refused(place, sentence):
    with pytest.raises(CannotOpen, match=sentence):
        open_casebook(place)


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "casebook.db"
    path.write_bytes(b"a photo" * 1000)
    with pytest.raises(CannotOpen, match=r"is no casebook\. Move it away"):
        open_casebook(str(tmp_path))
    assert path.read_bytes() == b"a photo" * 1000


def test_a_damaged_file_is_said_to_be_damaged(tmp_path):
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        for i in range(50):
            add_case(writer, f"A-{i}", bytes(5000))
    with (tmp_path / "casebook.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(CasebookError, match=r"is damaged\. Restore it from a copy"):
        open_casebook(str(tmp_path)).find(Patient)


def test_another_programs_tables_are_left_alone(book):
    with book.database.writing() as connection:
        connection.execute(sql.text("DROP TABLE alembic_version"))
    with pytest.raises(CannotOpen, match="holds the tables of another program"):
        open_casebook(place_of(book))


def test_a_newer_casebook_is_left_alone(book):
    with book.write("dr-a") as writer:
        add_case(writer)
    with book.database.writing() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(TooNew, match=r"A newer version of the app .* Update the app"):
        open_casebook(place_of(book))
    assert len(book.find(Patient)) == 1


def place_of(book) -> str:
    """The place that was opened."""
    if book.database.path is not None:
        return str(book.database.path.parent)
    return book.database.engine.url.render_as_string(hide_password=False)


def test_a_file_that_moved_is_missed_and_not_made_again(tmp_path):
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        add_case(writer)
    shutil.move(tmp_path / "casebook.db", tmp_path / "elsewhere.db")
    with pytest.raises(Unreachable, match=r"is not at .* any more"), book.write("dr-a") as writer:
        add_case(writer, "A-2")
    assert not (tmp_path / "casebook.db").exists()
    shutil.move(tmp_path / "elsewhere.db", tmp_path / "casebook.db")
    assert len(book.find(Patient)) == 1


def test_a_file_that_may_not_be_written_says_so(tmp_path):
    book = open_casebook(str(tmp_path))
    event = sql.event.listens_for(book.database.engine, "connect")
    event(lambda connection, _: connection.execute("PRAGMA query_only = ON"))  # root may write everywhere
    with pytest.raises(Unreachable, match="may not be written to"), book.write("dr-a") as writer:
        add_case(writer)


def test_who_waits_too_long_for_another_is_told(book, monkeypatch):
    monkeypatch.setattr("melanoma.casebook.database.PATIENCE", 0.1)
    with book.write("dr-a") as writer:
        patient = writer.add(Patient(reference="A-1"))
    hasty = open_casebook(place_of(book))
    with book.write("dr-a") as writer:
        writer.change(patient)
        with pytest.raises(Busy, match="Somebody else is saving"), hasty.write("dr-b") as other:
            other.change(patient)
        assert hasty.find(Patient) == (patient,)  # readers do not wait
    hasty.close()


def test_a_full_disk_loses_nothing(tmp_path):
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        add_case(writer)
    event = sql.event.listens_for(book.database.engine, "connect")
    event(lambda connection, _: connection.execute("PRAGMA max_page_count = 200"))
    with pytest.raises(Full, match=r"There is no room left on the disk .* Nothing was saved"):  # noqa: SIM117
        with book.write("dr-a") as writer:
            add_case(writer, "A-18", bytes(2_000_000))
    assert [one.reference for one in book.find(Patient)] == ["A-17"]
    with book.write("dr-a") as writer:
        add_case(writer, "A-19")
    assert book.check() == ()


def test_a_disk_that_takes_no_more_bytes_loses_nothing(tmp_path):
    """The operating system itself refuses to let the file grow."""
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        add_case(writer)
    code = """
import signal, sys
from casebook_samples import add_case
from melanoma.casebook import CasebookError, open_casebook
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
book = open_casebook(sys.argv[1])
try:
    with book.write("dr-b") as writer:
        add_case(writer, "A-18", bytes(5_000_000))
except CasebookError as error:
    print(error)
"""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # noqa: E731
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Nothing was saved" in result.stdout
    assert [one.reference for one in book.find(Patient)] == ["A-17"]
    assert book.check() == ()


@pytest.fixture
def small_disk(postgres):
    """A folder of PostgreSQL's on a disk of 32 MB. Mounting one takes root."""
    place = postgres.folder / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    shutil.chown(place, "postgres")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # also where the test failed, and files are open


def test_a_full_disk_of_postgresql_loses_nothing(postgres, small_disk):
    """The tables lie on a disk that is full; PostgreSQL's own log lies on another."""
    postgres.run(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    postgres.call("createdb", f"--host={postgres.folder}", "--username=melanoma", "--tablespace=small", "on_small_disk")
    book = open_casebook(postgres.url("on_small_disk"))
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    before = book.case(lesion.id)
    with pytest.raises(Full, match=r"There is no room left on the server .* Nothing was saved\. Make room"):  # noqa: SIM117
        with book.write("dr-a") as writer:
            add_case(writer, "A-18", random.Random(1).randbytes(40_000_000))
    assert book.case(lesion.id) == before
    subprocess.run(["mount", "-o", "remount,size=128m", small_disk], check=True)  # somebody makes room
    with book.write("dr-a") as writer:
        add_case(writer, "A-19")
    assert [one.reference for one in book.find(Patient)] == ["A-17", "A-19"]
    assert book.check() == ()
    book.close()
    postgres.drop("on_small_disk")
    postgres.run("DROP TABLESPACE small")


def test_a_missing_driver_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CannotOpen, match=r'driver for PostgreSQL is missing. Install it: pip install "psycopg'):
        open_casebook("postgresql://localhost/x")


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    with pytest.raises(Unreachable, match="does not answer") as raised:
        open_casebook(f"postgresql+psycopg://u:secret@/x?host={tmp_path}")
    assert "secret" not in str(raised.value)


def test_a_copy_is_made_while_others_save(book, tmp_path):
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    target = tmp_path / "copy.db"
    with book.write("dr-b") as writer:
        add_case(writer, "A-18")
        book.copy(target)
    with pytest.raises(CasebookError, match="is there already"):
        book.copy(target)
    if book.database.path is None:
        assert target.read_bytes().startswith(b"PGDMP")
        return
    (tmp_path / "restored").mkdir()
    shutil.move(target, tmp_path / "restored" / "casebook.db")
    restored = open_casebook(str(tmp_path / "restored"))
    assert restored.case(lesion.id) == book.case(lesion.id)
    assert len(restored.find(Patient)) == 1
    assert restored.check() == ()


def test_a_copy_of_postgresql_is_restored(postgres, make_place, tmp_path):
    if "://" not in (place := make_place()):
        pytest.skip("SQLite's copy is a file")
    book = open_casebook(place)
    with book.write("dr-a") as writer:
        lesion = add_case(writer)
    book.copy(tmp_path / "copy.dump")
    copy = postgres.folder / "copy.dump"  # where the server's user may read it
    copy.write_bytes((tmp_path / "copy.dump").read_bytes())
    name = f"restored_{place.split('?')[0].split('/')[-1]}"
    url = postgres.create(name)
    for over in ([], ["--clean", "--if-exists"]):  # into an empty database, and over one, as deploy/README.md says
        place = [f"--host={postgres.folder}", "--username=melanoma", f"--dbname={name}", str(copy)]
        postgres.call("pg_restore", *over, *place)
        restored = open_casebook(url)
        assert restored.case(lesion.id) == book.case(lesion.id)
        assert len(restored.find(Patient)) == 1
        with restored.write("dr-a") as writer:
            add_case(writer, "after the copy")
        restored.close()
    book.close()


def test_a_check_finds_a_photo_that_was_changed(book):
    with book.write("dr-a") as writer:
        add_case(writer)
    assert book.check() == ()
    with book.database.writing() as connection:
        connection.execute(sql.text("UPDATE contents SET content = :other"), {"other": b"other bytes"})
    assert len(book.check()) == 2
    assert "is damaged" in book.check()[0]


@pytest.mark.slow
def test_a_server_that_comes_back_is_used_again():
    with run_server() as server:
        book = open_casebook(server.create("clinic"))
        with book.write("dr-a") as writer:
            lesion = add_case(writer)
        server.kill()
        with pytest.raises(Unreachable, match="does not answer"):
            book.case(lesion.id)
        with pytest.raises(Unreachable, match="Nothing was saved"), book.write("dr-a") as writer:
            add_case(writer, "A-18")
        server.start()
        assert book.case(lesion.id).patient.reference == "A-17"
        book.close()
