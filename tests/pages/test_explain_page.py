"""The explain page: from no photo to maps, contrast, checks and a hidden region."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from melanoma.diagnoses import CODES, NAMES
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs

ROOT = Path(__file__).resolve().parents[2]


def words(page: AppTest) -> str:
    elements = [*page.header, *page.subheader, *page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    return "\n".join(element.value for element in elements)


def opened(tab: str, **state) -> AppTest:
    """The page at one of its tabs, with what other pages have left in the session."""
    page = AppTest.from_file(ROOT / "pages" / "explain.py", default_timeout=240)
    page.query_params["explain-tab"] = tab
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def at(run, monkeypatch):
    """A tab's name -> the page there, with the drawn lesion open."""
    monkeypatch.setattr(runs, "MODELS", run.folder.parent)
    return lambda tab: opened(tab, photo_name="drawn.png", photo_bytes=example_bytes())


def test_without_a_photo_it_asks_for_one(run, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", run.folder.parent)
    page = opened("Nine maps")
    assert "No photo is open" in words(page)
    page.button(key="specimen").click().run()
    assert not page.exception
    assert "One scale for all nine" in words(page)
    assert "not a real lesion" in words(page)


def test_all_nine_maps_are_shown_with_probabilities(at):
    said = words(at("Nine maps"))
    for code in CODES:
        assert NAMES[code] in said
    assert "Research use only" in said


def test_a_file_that_is_no_photo_gets_one_sentence_and_another_try(run, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", run.folder.parent)
    page = opened("Nine maps", photo_name="notes.txt", photo_bytes=b"no picture")
    assert len(page.error) == 1
    assert "notes.txt" in page.error[0].value
    assert "No photo is open" in words(page)


def test_methods_wait_for_the_button(at):
    page = at("Methods")
    assert page.button(key="compare")
    assert "Do they agree?" not in words(page)


def test_contrast_says_which_colour_speaks_for_which(at):
    page = at("This or that")
    why = next(box for box in page.selectbox if box.label == "Why")
    why.set_value("VASC").run()
    assert not page.exception
    assert "Purple speaks for vascular lesion" in words(page)


def test_check_compares_with_random_maps(at):
    said = words(at("Check a map"))
    assert "random maps give" in said or "no positive evidence" in said


def test_hiding_a_region_moves_probabilities(at):
    page = at("Hide a region")
    before = next(c.value for c in page.caption if c.value.startswith("Largest moves"))
    page.slider(key="hide-x").set_range(0.2, 0.8).run()
    assert not page.exception
    assert next(c.value for c in page.caption if c.value.startswith("Largest moves")) != before


def test_region_outside_the_crop_is_told_to_change_nothing(at):
    page = at("Hide a region")
    page.slider(key="hide-x").set_range(0.0, 0.1).run()
    assert "outside what the network sees" in words(page)


def test_how_to_read_names_its_sources(at):
    said = words(at("How to read"))
    for source in ("Adebayo 2018", "Saporta 2022", "Tschandl 2020"):
        assert source in said
