"""What a person has typed is shown as it was typed, never read as Markdown: a picture in it would be fetched."""

import datetime

import pytest
from casebook_samples import make_answer, make_reading
from reading_cases import add_lesion, open_cases
from reading_pages import read

from melanoma.casebook import SETTING, Lesion, Outcome, Patient, Visit
from pages.parts import open_casebook

TYPED = "**x** ![y](http://example.org/z.png) :red[z]"
DAY = datetime.date(2026, 5, 1)


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv(SETTING, str(tmp_path))
    return open_casebook.find_casebook()


def said(page) -> str:
    boxes = [*page.expander, *page.popover] if hasattr(page, "popover") else [*page.expander]
    return "\n".join([read(page), *(one.value for one in page.success), *(one.label for one in boxes)])


def test_of_a_case(book):
    with book.write(TYPED) as writer:
        patient = writer.add(Patient(reference=TYPED, note=TYPED))
        lesion = writer.add(Lesion(patient_id=patient.id, label=TYPED, site="foot", note=TYPED))
        visit = writer.add(Visit(lesion_id=lesion.id, date=DAY, reason=TYPED, note=TYPED))
        writer.add(make_answer(visit.id, "NV"))
        writer.add(make_reading(visit.id, "NV", reader=TYPED))
        writer.add(Outcome(lesion_id=lesion.id, diagnosis="NV", source="histology", date=DAY, who=TYPED, note=TYPED))
    words = said(open_cases(TYPED, case=lesion.id))
    assert words.count(r"\*\*x\*\*") > 5
    assert "**x**" not in words.replace(r"\*\*x\*\*", "")
    assert "![y]" not in words


def test_of_a_new_lesion(book):
    page = open_cases()
    add_lesion(page, TYPED, TYPED)
    words = said(page)
    assert r"\*\*x\*\*" in words
    assert "**x**" not in words
    assert "![y]" not in words
