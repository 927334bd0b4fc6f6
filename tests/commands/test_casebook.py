"""The casebook's commands: exported, read into an empty one, copied, checked and compacted from a shell."""

import zipfile

import pytest
from casebook_samples import add_case
from command_line import call

from melanoma.casebook import Lesion, open_casebook
from melanoma.casebook.audit_log import AuditLog


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A casebook with one case, that the setting names."""
    path = tmp_path / "clinic [1]"
    path.mkdir()
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(path))
    with open_casebook(str(path)).write("dr-a") as writer:
        add_case(writer)
    return path


def test_it_is_off_without_the_setting(monkeypatch, tmp_path):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    result = call("casebook", "check")
    assert result.exit_code == 2
    assert result.stderr.startswith("The casebook is off. Name its folder or its database in MELANOMA_CASEBOOK")
    assert list(tmp_path.iterdir()) == []


def test_it_is_exported_and_imported(folder, tmp_path):
    out = tmp_path / "all [1].zip"
    result = call("casebook", "export", out)
    assert "photos and reports" in result.stdout
    assert "casebook.json" in zipfile.ZipFile(out).namelist()
    (tmp_path / "new").mkdir()
    assert "18 records, 2 photos" in call("casebook", "import", out, "--at", tmp_path / "new").stdout
    assert open_casebook(str(tmp_path / "new")).find(Lesion) == open_casebook(str(folder)).find(Lesion)
    refusal = call("casebook", "import", out)
    assert (refusal.exit_code, "not empty" in refusal.stderr) == (2, True)


def test_it_is_copied_checked_and_compacted(folder, tmp_path):
    (tmp_path / "copy").mkdir()
    assert call("casebook", "copy", tmp_path / "copy" / "casebook.db").exit_code == 0
    place = ("--at", tmp_path / "copy")
    assert "1 lesions, 2 photos" in call("casebook", "check", *place).stdout
    assert "holds nothing that was deleted" in call("casebook", "compact", *place).stdout
    copied = open_casebook(str(tmp_path / "copy"))
    with copied.database.writing() as connection:
        connection.exec_driver_sql("UPDATE contents SET content = x'00'")
    result = call("casebook", "check", *place)
    assert (result.exit_code, result.stdout.count("is damaged")) == (1, 2)


def test_a_copy_overwrites_nothing(folder, tmp_path):
    (tmp_path / "copy").write_text("yesterday's")
    result = call("casebook", "copy", tmp_path / "copy")
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)
    assert (tmp_path / "copy").read_text() == "yesterday's"


def test_the_audit_log_is_checked_and_exported(folder, tmp_path):
    log = AuditLog(folder / "audit.jsonl")
    log.add("anna", "reader", "saw", "Lesion", "1")
    log.add("otto", "reader", "saw", "Lesion", "2")
    assert "2 lines" in call("casebook", "audit-log", tmp_path / "audit.csv").stdout
    assert "anna,reader,saw,Lesion,1" in (tmp_path / "audit.csv").read_text()
    log.path.write_text(log.path.read_text().replace("anna", "nina"))
    result = call("casebook", "audit-log", tmp_path / "again.csv")
    assert result.exit_code == 2
    assert "was changed" in result.stderr


def test_a_place_that_is_none_is_one_sentence(tmp_path):
    result = call("casebook", "check", "--at", tmp_path / "no [x]")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"There is no folder {tmp_path / 'no [x]'}. Make it")
