"""The Explain page: the same photo, network, operating point and warning as on Analyze."""

import io

import numpy as np
import pytest
from PIL import Image
from reading_pages import go_to, open_app, open_page, read, read_decision, session_of, upload

from melanoma.diagnoses import CODES, NAMES
from melanoma.photo import draw_example


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


DIM = png((0.1 * draw_example()).astype(np.uint8))


@pytest.fixture
def app(run):
    """The app with the synthetic example open on Analyze."""
    app = open_app()
    app.button(key="example").click().run()
    return app


def headline(app) -> str:
    return read_decision(app)


def test_without_a_photo_it_offers_the_same_ways_to_open_one(run):
    page = open_page("explain")
    assert "No photo is open." in read(page)
    page.button(key="example").click().run()
    assert not page.exception
    words = read(page)
    assert "One scale for all nine" in words
    assert "Synthetic example, not a patient" in words
    assert "Research use only" in words
    assert all(NAMES[code] in words for code in CODES)


def test_the_decision_is_that_of_analyze_at_the_operating_point_chosen_there(app):
    app.segmented_control(key="operating-point").set_value("balanced").run()
    on_analyze = headline(app)
    go_to(app, "explain")
    assert headline(app) == on_analyze
    assert on_analyze.startswith("Routine.")
    app.segmented_control(key="operating-point").set_value("high-sensitivity").run()
    on_explain = headline(app)
    assert on_explain.startswith("Refer.")
    go_to(app, "analyze")
    assert headline(app) == on_explain


def test_the_network_chosen_on_analyze_is_the_one_that_is_explained(two_networks):
    app = open_app()
    app.button(key="example").click().run()
    usual = headline(app)
    app.selectbox(key="network").select("other").run()
    on_analyze = headline(app)
    assert on_analyze != usual
    go_to(app, "explain")
    assert app.selectbox(key="network").value == "other"
    assert headline(app) == on_analyze
    assert "other answers, not the usual network" in read(app)
    go_to(app, "performance")
    go_to(app, "analyze")
    assert headline(app) == on_analyze


def test_a_photo_that_analyze_does_not_answer_is_not_explained_either(run):
    app = open_app()
    upload(app, ("dim.png", DIM))
    go_to(app, "explain")
    words = read(app)
    assert "No answer is given for this photo" in words
    assert "The photo is dark" in words
    assert not app.header
    assert "One scale for all nine" not in words


def test_asked_for_on_one_page_an_answer_is_given_on_both_with_the_warning(run):
    app = open_app()
    upload(app, ("dim.png", DIM))
    go_to(app, "explain")
    app.checkbox[0].check().run()
    app.segmented_control(key="operating-point").set_value("balanced").run()
    for name in ("explain", "analyze"):
        go_to(app, name)
        assert headline(app).startswith("Refer. The photo is not good enough")
        assert "The photo is dark" in app.error[0].value
        assert app.checkbox[0].value is True
    app.checkbox[0].uncheck().run()
    go_to(app, "explain")
    assert "No answer is given for this photo" in read(app)


def test_a_doubtful_photo_is_explained_with_its_warning(run):
    page = open_page("explain")
    upload(page, ("small.png", png(draw_example(0, 148, 111))))
    assert "Doubtful photo." in page.warning[0].value
    assert "quality doubtful" in read(page)


def test_a_photo_closed_on_one_page_is_closed_on_the_other(app):
    go_to(app, "explain")
    app.button(key="close").click().run()
    assert "No photo is open." in read(app)
    go_to(app, "analyze")
    assert "A decision you can check" in read(app)
    app.button(key="example").click().run()
    app.button(key="close").click().run()
    go_to(app, "explain")
    assert "No photo is open." in read(app)


def test_photos_opened_on_explain_are_open_on_analyze(run):
    app = open_app()
    go_to(app, "explain")
    upload(app, ("one.png", png(draw_example(1))), ("two.png", png(draw_example(2))))
    go_to(app, "analyze")
    assert [photo.name for photo in session_of(app).photos.photos] == ["one.png", "two.png"]
    assert "1 of 2: **one.png**" in read(app)
    app.button(key="close-all").click().run()
    assert session_of(app).photos.photos == []


def test_a_file_that_is_no_photo_gets_one_sentence_and_another_try(run):
    page = open_page("explain")
    upload(page, ("notes.png", b"no picture"))
    assert len(page.error) == 1
    assert "notes.png" in page.error[0].value
    assert "No photo is open." in read(page)
