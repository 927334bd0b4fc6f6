"""The clinician's part of the report: written on Analyze, kept for its photo in memory, and gone when it is closed."""

import datetime
import json

import pytest
from pdf_reader import read_sizes, read_text
from reading_pages import open_page, read, session_of, upload

from melanoma.explain import read_heatmaps
from melanoma.photo import example_bytes, read_photo
from melanoma.serving import Classifier
from pages.parts.answer import Answer
from pages.parts.documents import write_json, write_pdf
from pages.parts.report_form import ReportChoices

ONE, TWO = example_bytes(seed=1), example_bytes(seed=2)


@pytest.fixture
def page(run):
    page = open_page("analyze")
    upload(page, ("one.png", ONE), ("two.png", TWO))
    return page


def field(page, label: str):
    inputs = [*page.text_input, *page.text_area, *page.date_input, *page.segmented_control]
    return next(element for element in inputs if element.label == label)


def write(page, label: str, value) -> None:
    field(page, label).set_value(value).run()
    assert not page.exception


def choose(page, number: int) -> None:
    photo = session_of(page).photos.photos[number]
    page.button(key=f"strip-{photo.sha256[:16]}").click().run()
    assert not page.exception


def test_what_is_written_stands_in_the_pdf_and_the_json(page, run):
    write(page, "Case reference", " 2026-0417 ")
    write(page, "Own findings", "Asymmetric.\n**Grey-blue** structures.")
    write(page, "Date of photo", datetime.date(2026, 11, 3))
    page.number_input(key="clinic-prevalence").set_value(1).run()
    write(page, "Paper", "Letter")
    session, photo = session_of(page), read_photo(ONE)
    classifier = Classifier.open(run)
    prediction = classifier.predict(photo)
    answer = Answer("one.png", photo, run, classifier, prediction, read_heatmaps(prediction))
    choices = ReportChoices(session, session.photos.current)
    content = write_pdf(answer, "MEL", choices)
    text = " ".join(read_text(content).split())
    assert set(read_sizes(content)) == {(612, 792)}
    assert "Case 2026-0417" in text
    assert "Asymmetric. **Grey-blue** structures." in text
    assert "Date of photo 3 November 2026" in text
    assert "Prevalence chosen 1 %" in text
    assert "Map: evidence for melanoma" in text
    record = json.loads(write_json(answer, "MEL", choices))
    assert record["case"]["reference"] == "2026-0417"
    assert record["case"]["findings"] == "Asymmetric.\n**Grey-blue** structures."
    assert record["report"]["prevalence"] == 0.01


def test_details_belong_to_their_photo_and_are_forgotten_with_it(page):
    assert "Kept in memory only, and forgotten when the photo is closed." in read(page)
    write(page, "Body site", "left forearm")
    choose(page, 1)
    assert field(page, "Body site").value == ""
    write(page, "Body site", "back")
    choose(page, 0)
    assert field(page, "Body site").value == "left forearm"
    page.button(key="close").click().run()
    assert field(page, "Body site").value == "back"
    assert [case.site for case in session_of(page).photos.cases.values()] == ["back"]
    upload(page, ("one.png", ONE))
    assert field(page, "Body site").value == ""
    page.button(key="close-all").click().run()
    assert session_of(page).photos.cases == {}


def test_photos_of_one_lesion_share_their_details(page):
    page.toggle(key="same-lesion").set_value(True).run()
    write(page, "Own conclusion", "Excision.")
    choose(page, 1)
    assert field(page, "Own conclusion").value == "Excision."
