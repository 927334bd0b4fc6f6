"""The kind of photo, as the network sees it or the visitor says, and one answer for several photos of a lesion."""

import pytest
from reading_pages import go_to, open_app, open_page, read, read_decision, session_of, upload

from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.wording import write_reason
from melanoma.estimates import percent
from melanoma.photo import example_bytes, read_photo
from melanoma.serving import Classifier, answer_lesion

ONE, TWO = example_bytes(seed=1), example_bytes(seed=2)


@pytest.fixture
def page(run):
    assert run.calibration.kinds == ("dermoscopic", "clinical")
    return open_page("analyze")


def kind_choice(page):
    return next(control for control in page.segmented_control if control.label == "Read as")


def headline(prediction) -> str:
    return f"{NAMES_OF_DECISIONS[prediction.decision]}. {write_reason(prediction)}"


def test_the_page_says_as_which_kind_the_network_reads_a_photo(page, run):
    upload(page, ("one.png", ONE))
    prediction = Classifier.open(run).predict(read_photo(ONE))
    assert kind_choice(page).value == prediction.kind.kind == "dermoscopic"
    assert "Dermoscopic photo, as the network sees it · quality good." in read(page)


def test_the_visitor_may_say_that_it_is_clinical_and_gets_the_threshold_of_clinical_photos(page, run):
    upload(page, ("one.png", ONE))
    kind_choice(page).set_value("clinical").run()
    assert not page.exception
    prediction = Classifier.open(run).predict(read_photo(ONE), kind="clinical")
    assert prediction.threshold == run.calibration.clinical.default.threshold
    assert read_decision(page) == headline(prediction)
    words = read(page)
    assert "Clinical close-up, as you said · quality doubtful." in words
    assert "Clinical photos of one study alone were learned from" in words
    assert "looks dermoscopic, but is read as a clinical close-up" in words
    assert prediction.decision == "refer"  # doubt is never routine


def test_what_was_said_of_a_photo_holds_on_explain_too(run):
    app = open_app()
    upload(app, ("one.png", ONE))
    kind_choice(app).set_value("clinical").run()
    head = read_decision(app)
    go_to(app, "explain")
    assert read_decision(app) == head


def test_photos_of_one_lesion_get_one_answer_on_the_page_and_in_its_files(page, run):
    upload(page, ("one.png", ONE), ("two.png", TWO))
    alone = read_decision(page)
    page.toggle(key="same-lesion").set_value(True).run()
    assert not page.exception
    classifier = Classifier.open(run)
    expected = answer_lesion(classifier, [classifier.predict(read_photo(data)) for data in (ONE, TWO)])
    assert read_decision(page) == headline(expected)
    words = read(page)
    assert "One answer for the lesion, from 2 photos." in words
    assert f"malignancy probability of {percent(expected.malignancy)}" in words
    page.toggle(key="same-lesion").set_value(False).run()
    assert read_decision(page) == alone


def test_closing_all_but_one_photo_ends_the_answer_for_the_lesion(page):
    upload(page, ("one.png", ONE), ("two.png", TWO))
    page.toggle(key="same-lesion").set_value(True).run()
    page.button(key="close").click().run()
    assert not page.exception
    assert len(session_of(page).photos.photos) == 1
    assert "One answer for the lesion" not in read(page)
