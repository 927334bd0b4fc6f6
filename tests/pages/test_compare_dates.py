"""The page of two dates: two photos of a lesion in one frame, both answers, and what is noise."""

import datetime
import io

import numpy as np
import pytest
from PIL import Image
from reading_pages import go_to, open_app, open_page, read, session_of, upload

from melanoma.documents.two_dates import DIFFERENT_KINDS, GROWTH_IS_HIDDEN
from melanoma.photo import draw_example
from melanoma.sources import CLINICAL
from pages.parts.photo_pair import GivenPoints
from pages.two_dates_parts import together


def encode(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


EARLIER = draw_example(0, 600, 450)
LATER = np.ascontiguousarray(np.rot90(EARLIER))  # the same lesion, the camera turned
PAIR = [("march.png", encode(EARLIER)), ("october.png", encode(LATER))]
OTHER = ("other.png", encode(draw_example(3, 600, 450)))


def rerun(page):
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def pair():
    page = open_page("compare_dates")
    upload(page, *PAIR)
    return page


def test_before_two_photos_the_page_says_what_it_needs():
    page = open_page("compare_dates")
    assert "One frame" in read(page)
    upload(page, PAIR[0])
    assert "Open another one of the same lesion" in read(page)


def test_a_turned_photo_is_aligned_and_no_change(pair):
    said = read(pair)
    assert "Aligned by " in said
    assert GROWTH_IS_HIDDEN in said
    assert "turned by 90°" in said
    assert "The ranges meet" in said
    assert said.count("badge[") == 2
    assert said.count("Malignant **") == 2


def test_two_lesions_are_not_laid_over_each_other():
    page = open_page("compare_dates")
    upload(page, PAIR[0], OTHER)
    said = read(page)
    assert "could not be aligned" in said
    assert "Aligned by" not in said
    assert GROWTH_IS_HIDDEN not in said


def test_points_that_the_visitor_gives_align_what_keypoints_do_not():
    page = open_page("compare_dates")
    upload(page, PAIR[0], OTHER)
    page.toggle(key="by-hand").set_value(True).run()
    assert "0 in the earlier one, 0 in the later one" in read(page)
    pair = session_of(page).pair
    places = [(100.0, 100.0), (400.0, 300.0)]
    pair.points[pair.earlier, pair.later] = GivenPoints(places[:], places[:1])
    rerun(page)
    assert page.toggle(key="points-done").disabled
    pair.given.later.append(places[1])
    rerun(page)
    page.toggle(key="points-done").set_value(True).run()
    said = read(page)
    assert "Aligned by the points that you gave: the later photo is turned by 0° and drawn at 100 %" in said
    assert GROWTH_IS_HIDDEN not in said
    page.button(key="clear-points").click().run()
    assert pair.given == GivenPoints()


def test_points_belong_to_the_two_photos_that_they_were_given_in(pair):
    pair.toggle(key="by-hand").set_value(True).run()
    state = session_of(pair).pair
    places = [(100.0, 100.0), (300.0, 300.0)]
    state.points[state.earlier, state.later] = GivenPoints(places[:], places[:])
    rerun(pair)
    pair.toggle(key="points-done").set_value(True).run()
    assert "Aligned by the points that you gave" in read(pair)
    pair.button(key="swap").click().run()
    pair.toggle(key="by-hand").set_value(True).run()
    said = read(pair)
    assert "0 in the earlier one, 0 in the later one" in said
    assert "Give at least" not in said


def test_points_in_one_spot_are_refused_in_a_sentence(pair):
    pair.toggle(key="by-hand").set_value(True).run()
    state = session_of(pair).pair
    state.points[state.earlier, state.later] = GivenPoints([(5.0, 5.0), (6.0, 6.0)], [(5.0, 5.0), (300.0, 300.0)])
    rerun(pair)
    pair.toggle(key="points-done").set_value(True).run()
    assert "too close together" in read(pair)


def test_dates_are_what_the_visitor_says_and_stay_with_their_photo(pair):
    state = session_of(pair).pair
    pair.date_input[0].set_value(datetime.date(2026, 3, 1)).run()
    pair.date_input[1].set_value(datetime.date(2026, 10, 1)).run()
    assert "214 days lie between the photos, by your dates" in read(pair)
    first = state.earlier
    pair.button(key="swap").click().run()
    assert state.later == first
    assert "has the later date" in read(pair)
    assert pair.date_input[0].value == datetime.date(2026, 10, 1)


def test_choosing_the_other_photo_swaps_the_two(pair):
    state = session_of(pair).pair
    earlier, later = state.earlier, state.later
    pair.selectbox(key="pair-earlier").set_value(later).run()
    assert (state.earlier, state.later) == (later, earlier)


def test_a_photo_of_another_kind_is_not_compared(pair):
    session = session_of(pair)
    session.kinds[session.pair.later] = CLINICAL
    rerun(pair)
    assert DIFFERENT_KINDS in read(pair)
    assert "The ranges" not in read(pair)


def test_a_photo_too_bad_to_be_answered_has_no_numbers():
    page = open_page("compare_dates")
    dark = (0.1 * EARLIER).astype(np.uint8)
    upload(page, PAIR[0], ("dark.png", encode(dark)))
    said = read(page)
    assert "No answer is given for this photo" in said
    assert said.count("Malignant **") == 1
    assert "cannot be compared" in said


def test_without_opencv_the_page_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(together, "can_register", lambda: False)
    page = open_page("compare_dates")
    upload(page, *PAIR)
    said = read(page)
    assert "OpenCV is not installed" in said
    assert said.count("Malignant **") == 2


def test_a_file_that_is_no_photo_is_said_and_closed(pair):
    upload(pair, ("letter.jpg", b"Dear colleague"))
    pair.selectbox(key="pair-later").set_value(session_of(pair).photos.photos[-1].sha256).run()
    assert "letter" in read(pair)
    assert len(session_of(pair).photos.photos) == 2


def test_two_open_photos_come_here_with_one_click():
    app = open_app()
    upload(app, *PAIR)
    app.button(key="two-dates").click().run()
    assert not app.exception
    assert "Aligned by " in read(app)


def test_two_rows_of_the_worklist_come_here_and_lead_back():
    app = open_app()
    go_to(app, "worklist")
    upload(app, *PAIR, OTHER)
    view = session_of(app).worklist
    assert view.worklist.wait(240)
    rerun(app)
    view.selected = [row.key for row in view.shown if row.name != OTHER[0]]
    rerun(app)
    app.button(key="open-pair").click().run()
    assert not app.exception
    assert "Aligned by " in read(app)
    assert len(session_of(app).photos.photos) == 2
