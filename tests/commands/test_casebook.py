"""Backup, restore and check of the casebook, and its audit log as CSV, as `deploy/README.md` has them."""

import shutil

import pytest
from casebook_samples import add_case
from command_line import call

from melanoma.casebook import open_casebook
from melanoma.casebook.audit_log import AuditLog


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "casebook"
    folder.mkdir()
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(folder))
    book = open_casebook(str(folder))
    with book.write("dr-a") as writer:
        add_case(writer)
    book.close()
    return folder


def test_a_backup_restored_elsewhere_is_whole(place, tmp_path, monkeypatch):
    assert call("backup-casebook", tmp_path / "copy").exit_code == 0
    (tmp_path / "restored").mkdir()
    shutil.copy(tmp_path / "copy", tmp_path / "restored" / "casebook.db")
    shutil.rmtree(place)
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path / "restored"))
    result = call("check-casebook")
    assert (result.exit_code, result.stdout) == (0, "All is well: 1 patients, 1 lesions, 1 photos.\n")


def test_a_backup_overwrites_nothing(place, tmp_path):
    (tmp_path / "copy").write_text("yesterday's")
    result = call("backup-casebook", tmp_path / "copy")
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert (tmp_path / "copy").read_text() == "yesterday's"


def test_a_casebook_that_is_off_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    for words in (("backup-casebook", tmp_path / "copy"), ("check-casebook",)):
        result = call(*words)
        assert result.exit_code == 2
        assert "MELANOMA_CASEBOOK" in result.stderr


def test_the_audit_log_is_checked_and_exported(place, tmp_path):
    log = AuditLog(place / "audit.jsonl")
    log.add("anna", "reader", "saw", "Lesion", "1")
    log.add("otto", "reader", "saw", "Lesion", "2")
    assert "2 lines" in call("export-audit-log", tmp_path / "audit.csv").stdout
    assert "anna,reader,saw,Lesion,1" in (tmp_path / "audit.csv").read_text()
    log.path.write_text(log.path.read_text().replace("anna", "nina"))
    result = call("export-audit-log", tmp_path / "again.csv")
    assert result.exit_code == 2
    assert "was changed" in result.stderr
