"""The Reader study page while the casebook is off, and before anything is set up."""

import pytest
from reader_studies import set_up_pilot
from reading_pages import open_page

from melanoma.casebook import Study, StudyCase, StudyReading, open_casebook
from melanoma.casebook.reader_study_running import is_owner
from melanoma.photo.synthetic import example_bytes
from melanoma.run import DEFAULT_RUN
from melanoma.serving.turns import TURNS


def test_without_a_casebook_it_says_how_to_turn_it_on(monkeypatch):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    page = open_page("reader_study")
    assert "Nothing is stored" in page.info[0].value
    assert "MELANOMA_CASEBOOK=" in page.get("code")[0].value
    assert not page.get("button")


def test_an_empty_casebook_offers_to_set_a_study_up(monkeypatch, tmp_path):
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path))
    page = open_page("reader_study")
    assert [tab.label for tab in page.tabs] == ["Read", "Set up", "Analysis"]
    assert "There is no study yet" in page.info[0].value


def test_a_casebook_that_cannot_be_opened_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path / "gone"))
    page = open_page("reader_study")
    assert "There is no folder" in page.error[0].value


@pytest.fixture
def study(monkeypatch, tmp_path):
    """A casebook with a study of two photos; the code of its owner."""
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path))
    book = open_casebook(str(tmp_path))
    yield book, set_up_pilot(book)
    book.close()


def press(page, key: str):
    (button,) = (one for one in page.button if one.key == key or one.key.startswith(f"FormSubmitter:{key}"))
    return button.click().run()


def test_a_reader_reads_pauses_comes_back_and_the_owner_sees_the_results(study):
    book, owner = study
    page = press(open_page("reader_study"), "join")
    code = page.get("code")[0].value
    page = press(page, "begin")
    seen = [page.markdown[1].value]
    page = press(page, "read-")  # with nothing chosen
    assert "Choose a diagnosis" in page.error[0].value
    page = press(page, "pause")
    assert "You may close the window" in page.info[0].value
    assert not page.get("imgs")
    page = open_page("reader_study")  # another window
    page.text_input(key="reader-code").set_value(code.lower())
    page = press(page, "come-back")
    assert page.markdown[1].value == seen[0]  # the same photo: it is not answered yet
    for number in range(4):
        supported = any("The network:" in one.value for one in page.markdown)
        page.radio[0].set_value("MEL" if supported else "other")
        page.radio[1].set_value("Yes" if supported else "No")
        page = press(page, "read-")
        assert len(book.find(StudyReading)) == number + 1
    assert "You have read all 4 items" in page.success[0].value
    page.query_params["tab"] = "Analysis"
    page = page.run()
    page.text_input(key="owner-code").set_value(code)
    page = press(page, "open-analysis")
    assert "not the code of who set the study up" in page.error[0].value
    page.text_input(key="owner-code").set_value(owner)
    page = press(page, "open-analysis")
    words = " ".join(one.value for one in page.markdown).replace("\u00a0", " ")
    assert "1 reader, 2 cases, 2 readings alone" in words
    assert "| Sensitivity for malignant cases | 0 % (" in words


def test_a_study_is_set_up_from_photos_and_a_table(monkeypatch, tmp_path):
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path))
    page = open_page("reader_study", tab="Set up")
    page.text_input(key="study-0-name").set_value("Pilot")
    page.checkbox(key="study-0-store").set_value(True)
    photos, table = page.file_uploader
    photos.set_value([(f"p{n}.png", example_bytes(n, 120, 90), "image/png") for n in range(2)])
    table.set_value([("t.csv", b"file,diagnosis\np0.png,MEL\np9.png,NV\n", "text/csv")])
    page.run()
    page = press(page, "set-up")
    assert "p1.png is not among the table" in page.error[0].value
    table = page.file_uploader[1]
    table.set_value([("t.csv", b"file,diagnosis\np0.png,MEL\np1.png,NV\n", "text/csv")]).run()
    before = TURNS.served
    page = press(page, "set-up")
    assert "Pilot is set up with 2 photos" in page.success[0].value
    assert TURNS.served == before + 2  # it stood in line as others do
    book = open_casebook(str(tmp_path))
    (study,) = book.find(Study)
    assert is_owner(study, page.get("code")[0].value)
    assert {case.truth: case.decision for case in book.find(StudyCase)}.keys() == {"MEL", "NV"}
    assert study.run == DEFAULT_RUN
    book.close()
