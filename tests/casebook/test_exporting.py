"""An export holds everything, a spreadsheet reads it, and an empty casebook that takes it comes out equal."""

import csv
import io
import json
import zipfile

import pytest
from casebook_samples import add_case, fill

from melanoma.casebook import Casebook, CasebookError, Invalid, Patient, TooNew
from melanoma.casebook.tables import METADATA, list_stored


def read_all(book: Casebook) -> dict[str, object]:
    """All that a casebook holds."""
    with book.database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
        }


def read_lines(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "casebook.json"}


def rewrite(source, target, change) -> None:
    """The same ZIP with members changed, or left out where `change` gives None."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)


def test_every_table_is_exported():
    assert {table.name for _, table in list_stored()} | {"contents"} == set(METADATA.tables)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_import_comes_out_equal(book, other, tmp_path, seed):
    with book.write("dr-a") as writer:
        fill(writer, 20, seed)
    with book.write("dr-b") as writer:
        writer.change(book.find(Patient)[0])
        writer.delete(book.find(Patient)[1])
    exported = book.export(tmp_path / "all.zip")
    assert exported.records["lesions"] == book.count()["lesions"]
    other.take(tmp_path / "all.zip")
    assert read_all(other) == read_all(book)
    other.export(tmp_path / "again.zip")
    assert read_lines(tmp_path / "again.zip") == read_lines(tmp_path / "all.zip")
    with other.write("dr-c") as writer:  # and goes on
        add_case(writer, "a new one")
    assert [one.number for one in other.history()] == sorted({one.number for one in other.history()})
    assert other.history()[-1].who == "dr-c"


def test_a_casebook_moves_from_one_kind_of_database_to_the_other(make_place, tmp_path, postgres, postgres_template):
    from melanoma.casebook import open_casebook

    (tmp_path / "folder").mkdir()
    name = "moved_" + tmp_path.name.replace("-", "_")[-20:]
    books = [open_casebook(str(tmp_path / "folder")), open_casebook(postgres.create(name, postgres_template))]
    if "://" in make_place():
        books.reverse()
    with books[0].write("dr-a") as writer:
        fill(writer, 10)
    books[0].export(tmp_path / "all.zip")
    books[1].take(tmp_path / "all.zip")
    assert read_all(books[1]) == read_all(books[0])
    for book in books:
        book.close()


def test_a_spreadsheet_reads_it_and_takes_nothing_for_a_formula(book, tmp_path):
    with book.write("dr-a") as writer:
        add_case(writer, "=cmd()")
    book.export(tmp_path / "all.zip")
    files = read_lines(tmp_path / "all.zip")
    (patient,) = csv.DictReader(io.StringIO(files["patients.csv"].decode()))
    assert patient["reference"] == "'=cmd()"
    (answer,) = csv.DictReader(io.StringIO(files["answers.csv"].decode()))
    assert (answer["p_MEL"], answer["decision"], answer["made"]) == ("0.92", "refer", "2026-03-02T09:30:15.123456Z")
    assert json.loads(files["patients.jsonl"])["reference"] == "=cmd()"
    photos = [name for name in files if name.startswith("contents/")]
    assert sorted(name.rsplit(".")[-1] for name in photos) == ["jpeg", "pdf"]
    assert {files[name] for name in photos} == {b"a photo", b"a report with a photo"}


def test_only_an_empty_casebook_takes_an_export(book, tmp_path):
    with book.write("dr-a") as writer:
        add_case(writer)
    book.export(tmp_path / "all.zip")
    before = read_all(book)
    with pytest.raises(Invalid, match="not empty"):
        book.take(tmp_path / "all.zip")
    assert read_all(book) == before


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda name, content: None if name == "readings.jsonl" else content, CasebookError, "no export .* damaged"),
        (lambda name, content: None if name.startswith("contents") else content, CasebookError, "Nothing was saved"),
        (lambda name, content: b"x" if name.startswith("contents") else content, CasebookError, "is damaged"),
        (lambda name, content: b"{}\n" if name == "visits.jsonl" else content, CasebookError, "no export .* damaged"),
        (lambda name, content: b"" if name == "outcomes.jsonl" else content, CasebookError, "is incomplete"),
        (lambda name, content: content.replace(b'"format": 1', b'"format": 2'), TooNew, "newer version"),
        (lambda name, content: content.replace(b'"contents"', b'"x"'), CasebookError, "no export .* damaged"),
    ],
)
def test_a_broken_export_leaves_the_casebook_empty(book, other, tmp_path, change, error, sentence):
    with book.write("dr-a") as writer:
        add_case(writer)
    book.export(tmp_path / "all.zip")
    rewrite(tmp_path / "all.zip", tmp_path / "broken.zip", change)
    with pytest.raises(error, match=sentence):
        other.take(tmp_path / "broken.zip")
    assert set(other.count().values()) == {0}


def test_what_is_no_export_is_refused(book, tmp_path):
    (tmp_path / "photo.zip").write_bytes(b"no ZIP")
    with pytest.raises(CasebookError, match="no export of a casebook"):
        book.take(tmp_path / "photo.zip")
    with pytest.raises(CasebookError, match=r"nowhere\.zip cannot be read: No such file"):
        book.take(tmp_path / "nowhere.zip")
    with pytest.raises(CasebookError, match="cannot be written: No such file"):
        book.export(tmp_path / "nowhere" / "all.zip")
    assert not list(tmp_path.glob("**/*.partial"))
