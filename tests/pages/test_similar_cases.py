"""Similar cases below an answer: from the casebook, from a folder, and not for who must not name folders."""

import pytest
import streamlit as st
from reading_pages import open_page, read, upload

from melanoma.casebook import Lesion, Outcome, Patient, Visit, open_casebook
from melanoma.casebook.answers import make_answer
from melanoma.casebook.records import now
from melanoma.photo import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier

PART = "Similar cases with a known outcome"


def open_answer():
    """Analyze with an answer to the drawn photo, and the part of the page opened, if it is there."""
    page = open_page("analyze")
    upload(page, ("a.png", example_bytes()))
    parts = [part for part in page.expander if part.label == PART]
    if parts:
        page.session_state[f"similar-{read_photo(example_bytes()).sha256[:16]}"] = True
        page.run()
        assert not page.exception
    return page, bool(parts)


@pytest.fixture
def book(monkeypatch, tmp_path):
    """A casebook with one lesion of a known outcome, and an answer to another drawn photo."""
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path))
    photo = read_photo(example_bytes(7))
    prediction = Classifier.open(find_run(DEFAULT_RUN)).predict(photo)
    book = open_casebook(str(tmp_path))
    with book.write("dr-a") as writer:
        patient = writer.add(Patient(reference="A-17"))
        lesion = writer.add(Lesion(patient_id=patient.id, label="2", site="chest"))
        visit = writer.add(Visit(lesion_id=lesion.id, date=now().date()))
        writer.add(make_answer(visit.id, prediction, [photo]))
        writer.add(Outcome(lesion_id=lesion.id, diagnosis="NV", source="histology", date=now().date(), who="lab"))
    yield book
    book.close()


def test_the_casebook_offers_its_lesions_and_says_what_they_are_worth(book, monkeypatch):
    monkeypatch.setattr(type(st.context), "ip_address", "192.0.2.7")
    page, is_offered = open_answer()
    assert is_offered
    words = read(page)
    assert "Second to the probabilities" in words
    assert "| nevus ◇ | histology | A-17, lesion 2 |" in words
    assert "Among 1 lesions" in words
    assert "the network's own answer" in words
    assert not [field for field in page.text_input if field.label == "Folder on this computer"]


def test_a_folder_is_for_who_sits_at_this_computer(monkeypatch, tmp_path):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    monkeypatch.setattr(type(st.context), "ip_address", "192.0.2.7")
    assert not open_answer()[1]
    monkeypatch.setattr(type(st.context), "ip_address", "127.0.0.1")
    page, is_offered = open_answer()
    assert is_offered
    (tmp_path / "b.png").write_bytes(example_bytes(7))
    (tmp_path / "diagnoses.csv").write_text("file,diagnosis\nb.png,SK\n")
    page.text_input(key="library-path").set_value(str(tmp_path))
    (button,) = (one for one in page.button if one.label == "Read this folder")
    button.click().run()
    assert not page.exception
    assert "| seborrheic keratosis ◇ | table | b.png |" in read(page)
