"""The Analyze page: from a photo to a decision, and what it says when something is wrong."""

import io
import subprocess
import sys

import numpy as np
import pytest
from copied_runs import recalibrate
from PIL import Image
from reading_pages import ROOT, open_app, open_page, read, read_decision, session_of, upload
from scipy.ndimage import gaussian_filter

from melanoma.diagnoses import CODES
from melanoma.documents.answer import as_csv, as_record
from melanoma.documents.wording import write_share
from melanoma.estimates import percent, percent_apart
from melanoma.photo import draw_example, read_photo
from melanoma.photo.obstructions import INK
from melanoma.photo.skin_tone import CAUTION
from melanoma.run import MODELS, open_run
from melanoma.serving import Classifier, why_not_ready


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


DIM = png((0.1 * draw_example()).astype(np.uint8))  # the synthetic example at a tenth of its brightness
NO_PHOTO = b"Dear colleague"


@pytest.fixture
def page(run):
    return open_page("analyze")


@pytest.fixture
def example(page):
    """The page with the answer about the synthetic example."""
    page.button(key="example").click().run()
    assert not page.exception
    return page


def test_dark_skin_is_a_caution_and_ink_a_fault(page):
    upload(page, ("dark.png", png((0.5 * draw_example()).astype(np.uint8))))
    words = read(page)
    assert CAUTION in words
    assert "Doubtful photo" not in words
    lines = np.zeros(draw_example().shape[:2], np.float32)
    lines[100:350, 220:240] = lines[100:350, 360:380] = 1
    soft = gaussian_filter(lines, 1.5)[..., None]  # a pen's edge is not as sharp as a damaged file's
    inked = draw_example() * (1 - soft) + np.array((60, 40, 140)) * soft
    upload(page, ("inked.png", png(inked.astype(np.uint8))))
    words = read(page)
    assert INK in words
    assert CAUTION not in words


def choose_point(page, name: str) -> None:
    page.segmented_control(key="operating-point").set_value(name).run()
    assert not page.exception


def test_the_decision_comes_with_its_threshold_what_it_has_meant_and_research_use(example, run):
    rates = run.calibration.default.test
    words = read(example)
    assert "At the high sensitivity operating point" in words
    assert f"sensitivity {write_share(rates.sensitivity)} and specificity {write_share(rates.specificity)}" in words
    assert "Research use only, not a medical device." in words
    assert "Synthetic example, not a patient" in words


@pytest.mark.parametrize("name", ["high-sensitivity", "balanced", "melanoma-95"])
def test_the_headline_says_refer_exactly_where_the_score_reaches_the_threshold(example, run, name):
    choose_point(example, name)
    from melanoma.photo import example_bytes

    prediction = Classifier.open(run).predict(read_photo(example_bytes()), name)
    point = run.calibration.operating_points[name]
    below = "Undecided." if prediction.score >= point.least_score else "Routine."
    head = read_decision(example)
    assert head.startswith("Refer." if prediction.score >= point.threshold else below)
    assert percent_apart(prediction.score, point.threshold) in head
    assert f"threshold {percent_apart(point.threshold, prediction.score)}" in head


def test_one_example_is_referred_at_one_point_and_routine_at_another(example):
    assert read_decision(example).startswith("Refer.")
    choose_point(example, "balanced")
    assert read_decision(example).startswith("Routine.")
    assert "is below the threshold" in read(example)


def test_any_diagnosis_has_its_heatmap(example):
    choice = next(box for box in example.selectbox if box.label.startswith("Heatmap"))
    assert len(choice.options) == len(CODES)
    before = next(c.value for c in example.caption if "dashed square" in c.value)
    choice.select_index(8).run()
    assert next(c.value for c in example.caption if "dashed square" in c.value) != before


def test_a_file_that_is_no_photo_gets_one_sentence_and_the_good_one_beside_it_an_answer(page):
    upload(page, ("letter [1].png", NO_PHOTO), ("lesion.png", png(draw_example(3))))
    (error,) = page.error
    assert "letter \\[1\\].png" in error.value
    assert "not a photo" in error.value
    assert "Malignancy probability" in read(page)
    assert [photo.name for photo in session_of(page).photos.photos] == ["lesion.png"]


def test_a_file_that_is_no_photo_alone_leaves_the_page_ready_for_another(page):
    upload(page, ("letter.png", NO_PHOTO))
    assert len(page.error) == 1
    upload(page, ("lesion.png", png(draw_example(3))))
    assert not page.error
    assert "Malignancy probability" in read(page)


def test_of_several_photos_another_is_chosen_and_closed(page):
    upload(page, ("one.png", png(draw_example(1))), ("two.png", png(draw_example(2))))
    first = read_decision(page)
    page.button(key="next").click().run()
    second = read_decision(page)
    assert first != second
    page.button(key="next").click().run()  # after the last comes the first
    assert read_decision(page) == first
    page.button(key="previous").click().run()
    page.button(key="close").click().run()
    assert read_decision(page) == first
    page.button(key="close").click().run()
    assert "A decision you can check" in read(page)


def test_an_unusable_photo_gets_no_answer_until_it_is_asked_for(page):
    upload(page, ("dim.png", DIM))
    assert "No answer is given for this photo" in read(page)
    assert not page.header
    page.checkbox[0].check().run()
    assert "No answer is given" not in read(page)
    page.checkbox[0].uncheck().run()
    assert "No answer is given for this photo" in read(page)


def test_an_unusable_photo_is_referred_with_the_reason_on_page_csv_and_json(page):
    upload(page, ("dim.png", DIM))
    page.checkbox[0].check().run()
    choose_point(page, "balanced")
    assert read_decision(page).startswith("Refer. The photo is not good enough")
    assert "The photo is dark" in read(page)
    prediction = next(v for key, v in session_of(page).results.items() if key[0] == "prediction" and "balanced" in key)
    assert prediction.score < prediction.threshold
    photo = read_photo(DIM)
    row = as_csv([("dim.png", photo, prediction)])
    assert ",refer," in row
    assert "The photo is dark" in row
    assert as_record("dim.png", photo, prediction)["decision"] == "refer"


def test_after_evaluate_has_rewritten_the_calibration_an_open_session_answers_with_the_new_one(one_network):
    page = open_page("analyze")
    page.button(key="example").click().run()
    before = read(page)
    recalibrate(one_network, temperature=8.0)
    page.run()
    after = read(page)
    prediction = Classifier.open(open_run(one_network.folder)).predict(read_photo(session_of(page).photos.current.data))
    assert f"malignancy probability of {percent(prediction.malignancy)}" in after
    assert f"malignancy probability of {percent(prediction.malignancy)}" not in before


def test_a_network_that_was_changed_by_hand_answers_no_more(one_network):
    page = open_page("analyze")
    (one_network.folder / "calibration.json").write_text("{}")
    app = open_app()
    assert "calibration.json was changed after it was written" in read(app)
    assert not page.exception


WITH_NETWORK = [path.parent.name for path in sorted(MODELS.glob("*/model.keras"))]


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_every_run_that_ships_a_network_answers_or_is_not_offered(name, empty_models):
    (empty_models / name).symlink_to(MODELS / name)
    shipped = open_run(MODELS / name)
    app = open_app()
    if reason := why_not_ready(shipped):
        assert "No network is ready to answer yet." in read(app)
        assert reason in read(app)
        return
    app.button(key="example").click().run()
    assert not app.exception
    assert "threshold" in app.header[0].value
    assert f"Network {name}" in read(app)


def test_without_a_run_to_ask_the_page_says_where_it_looks(empty_models):
    words = read(open_app())
    assert "No network is ready" in words
    assert "`models/`" in words


def test_the_first_page_paints_before_tensorflow_is_imported():
    program = (
        "import sys, pathlib; from streamlit.testing.v1 import AppTest;"
        "page = AppTest.from_file(pathlib.Path('app.py').resolve(), default_timeout=60).run();"
        "assert not page.exception; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_note_before_the_first_photo_goes_once_it_is_read(page):
    assert "makes no diagnosis: you do" in read(page)
    page.button(key="understood").click().run()
    assert not page.exception
    assert "makes no diagnosis" not in read(page)


def test_a_drawing_of_the_gallery_opens_by_a_click_and_says_that_it_is_no_patient(page):
    page.button(key="specimen-2").click().run()
    assert not page.exception
    assert read_decision(page).startswith("Routine.")
    assert "Drawn mole, even, not a patient" in read(page)


def test_a_drawing_that_is_too_dark_gets_no_answer(page):
    page.button(key="specimen-3").click().run()
    assert "No answer is given for this photo" in read(page)
    assert not page.exception


def find_scripts(page) -> list[str]:
    """What the page has the browser run."""
    return [element.proto.body for element in page.get("html") if "<script>" in element.proto.body]


def test_the_focus_goes_to_the_answer_once_a_photo_was_opened_and_stays_afterwards(page):
    assert find_scripts(page) == []
    upload(page, ("one.png", png(draw_example(1))))
    (script,) = find_scripts(page)
    assert ".st-key-decision h2" in script
    choose_point(page, "balanced")
    assert find_scripts(page) == []
    upload(page, ("dim.png", DIM))
    (other,) = find_scripts(page)
    assert "stAlertContainer" in other
