"""Several open photos stand side by side with their decisions; what is open is told apart from what was."""

import io

import pytest
from PIL import Image
from reading_pages import open_app, open_page, read, read_decision, session_of, upload

from melanoma.photo import example_bytes
from melanoma.photo.specimens import SPECIMENS

FILES = [(f"{seed}.png", example_bytes(seed=seed)) for seed in (1, 2, 3)]


@pytest.fixture
def page(run):
    page = open_page("analyze")
    upload(page, *FILES)
    return page


def strip(page):
    return [button for button in page.button if str(button.key).startswith("strip-")]


def test_each_photo_has_its_decision_and_is_put_on_the_page_by_a_click(page):
    buttons = strip(page)
    assert len(buttons) == 3
    for place in range(3):
        strip(page)[place].click().run()
        assert not page.exception
        word, score = read_decision(page).split(". ")[0], read_decision(page).split(" %")[0].split()[-1]
        assert strip(page)[place].label == f"**{word}** {score} %"
        assert f"{place + 1} of 3: **{place + 1}.png**" in read(page)


def test_the_strip_says_what_the_chosen_operating_point_decides(page):
    before = [button.label for button in strip(page)]
    page.segmented_control(key="operating-point").set_value("melanoma-95").run()
    assert [button.label for button in strip(page)] != before


def test_a_file_that_is_no_photo_is_not_in_the_strip_and_is_named(page):
    upload(page, ("letter.png", b"Dear colleague"))
    assert not page.exception
    assert len(strip(page)) == 3
    assert "letter.png" in page.error[0].value


def test_photos_of_no_use_stand_last_and_say_so(page):
    uniform = io.BytesIO()
    Image.new("RGB", (400, 300), "grey").save(uniform, "PNG")
    upload(page, ("grey.png", uniform.getvalue()), ("mole.png", SPECIMENS[2].as_png()))
    assert [photo.name for photo in session_of(page).photos.photos] == [
        "1.png",
        "2.png",
        "3.png",
        "mole.png",
        "grey.png",
    ]
    assert [button.label for button in strip(page)][-1].startswith("**Not judged**")
    assert "5 of 5: **grey.png**" in read(page)  # it came first of the new ones, and is on the page
    page.button(key="close").click().run()
    assert "4 of 4: **mole.png**" in read(page)


def test_one_photo_has_no_strip(page):
    for _ in range(2):
        page.button(key="close").click().run()
    assert strip(page) == []


def test_after_loading_anew_the_page_says_that_photos_are_forgotten(run):
    page = open_page("analyze", photos="open")
    assert "the photos that were open are forgotten" in read(page)
    upload(page, FILES[0])
    assert "are forgotten" not in read(page)
    assert "are forgotten" not in read(open_page("analyze"))


def test_the_operating_point_is_in_the_address_and_is_read_from_it(page):
    page.segmented_control(key="operating-point").set_value("balanced").run()
    assert page.query_params["point"] == "balanced"
    again = open_page("analyze", point="balanced")
    upload(again, FILES[0])
    assert again.segmented_control(key="operating-point").value == "balanced"
    page.segmented_control(key="operating-point").set_value("high-sensitivity").run()
    assert "point" not in page.query_params
    strange = open_page("analyze", point="nonsense")
    upload(strange, FILES[0])
    assert strange.segmented_control(key="operating-point").value == "high-sensitivity"


def test_how_rare_cancers_are_is_kept_for_all_pages(run):
    app = open_app()
    upload(app, FILES[0])
    app.number_input(key="clinic-prevalence").set_value(20).run()
    assert "Where 20 photographed lesions in 100 are malignant" in read(app)
    assert session_of(app).prevalence == 0.2
