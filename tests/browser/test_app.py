"""What a dermatologist does: open photos, read the decision, question the map, take the answer away."""

import io
import json
import re

import numpy as np
import pytest
from pdf_reader import read_text
from PIL import Image
from playwright.sync_api import expect
from visiting import (
    EXAMPLE,
    download,
    expect_words,
    find_photo,
    go_to_page,
    go_to_tab,
    open_example,
    open_list,
    open_window,
    serve_app,
    upload,
    wait_until_still,
)

from melanoma.photo import draw_example

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(request) -> dict:
    """A real photo where there are any, else the synthetic example, as an upload."""
    try:
        return find_photo(request)
    except pytest.skip.Exception:
        return EXAMPLE


def dim_example() -> dict:
    """The synthetic example at a tenth of its brightness, as an upload."""
    file = io.BytesIO()
    Image.fromarray((0.1 * draw_example()).astype(np.uint8)).save(file, "PNG")
    return {"name": "dim.png", "mimeType": "image/png", "buffer": file.getvalue()}


def heatmap(page) -> str:
    """What the map says of itself, for readers who do not see it."""
    return page.get_by_text("The dashed square is what the network saw").inner_text()


def wait_for_answer(page, name: str = "") -> None:
    """Wait until the answer on the page is about this file."""
    if name:
        page.locator("strong", has_text=name).wait_for()
    page.get_by_text("In brackets: 95 % intervals").wait_for()
    wait_until_still(page)


def test_photo_to_decision_to_another_map_to_performance(page, photo):
    upload(page, photo)
    wait_for_answer(page, photo["name"])
    page.get_by_text("Research use only, not a medical device.").first.wait_for()
    expect(page.locator(".st-key-probabilities .bars .point")).to_have_count(9)
    page.locator(".st-key-heatmap .layer-below image, .st-key-heatmap .imagelayer image").first.wait_for(
        state="attached"
    )
    before = heatmap(page)
    open_list(page, page.get_by_role("combobox", name="Heatmap of the evidence for"))
    for key in (*["ArrowDown"] * 4, "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)
    assert heatmap(page) != before

    go_to_page(page, "Performance")
    page.get_by_role("tab", name="Training").wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_a_file_that_is_no_photo_gets_one_sentence_and_the_good_one_beside_it_an_answer(page, photo):
    upload(page, {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear colleague"}, photo)
    wait_for_answer(page, photo["name"])
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("letter.jpg")
    assert alert.inner_text().count(".") <= 4
    assert page.get_by_text("Traceback").count() == 0


def test_the_newest_photo_is_on_the_page_and_all_stay_open_while_other_pages_are_read(page, photo):
    upload(page, photo | {"name": "earlier.jpg"})
    wait_for_answer(page, "earlier.jpg")
    page.get_by_text("Another photo").click()
    upload(page, EXAMPLE | {"name": "later.png"})
    expect_words(page, "2 of 2: later.png")
    wait_for_answer(page)

    go_to_page(page, "Explain")
    expect_words(page, "2 of 2: later.png")
    go_to_page(page, "Analyze")
    expect_words(page, "2 of 2: later.png")
    wait_for_answer(page)
    page.keyboard.press("n")  # after the last comes the first
    expect_words(page, "1 of 2: earlier.jpg")
    wait_for_answer(page)
    page.keyboard.press("p")
    expect_words(page, "2 of 2: later.png")
    wait_for_answer(page)
    page.locator(".st-key-strip").get_by_role("button").first.click()
    expect_words(page, "1 of 2: earlier.jpg")

    wait_until_still(page)
    page.get_by_role("button", name="Close all").click()
    page.get_by_text("A decision you can check").wait_for()
    go_to_page(page, "Explain")
    page.get_by_text("No photo is open.").wait_for()


def test_an_unusable_photo_is_referred_on_page_pdf_csv_and_json(page):
    upload(page, dim_example())
    page.get_by_text("No answer is given for this photo.").wait_for()
    wait_until_still(page)
    page.get_by_text("Answer all the same").click()
    wait_for_answer(page)
    page.get_by_text("balanced", exact=True).click()
    page.get_by_text("At the balanced operating point").wait_for()
    wait_for_answer(page)
    expect(page.get_by_role("heading", name=re.compile("Refer.*The photo is not good enough"))).to_have_count(1)
    expect(page.get_by_test_id("stMain")).to_contain_text("The photo is dark")

    pdf = read_text(download(page, "PDF")[1])
    words = " ".join(pdf.split())
    assert "Refer The photo is not good enough" in words
    assert words.index("Unusable photo. ") < words.index("The photo is dark") < words.index("Refer")
    row = download(page, "CSV")[1].decode()
    assert ",refer," in row
    assert "The photo is dark" in row
    record = json.loads(download(page, "JSON")[1])
    assert record["decision"] == "refer"
    assert record["score"] < record["operating_point"]["threshold"]
    assert any("The photo is dark" in reason for reason in record["quality_reasons"])

    go_to_page(page, "Explain")
    expect(page.get_by_role("heading", name=re.compile("Refer.*The photo is not good enough"))).to_have_count(1)


def test_a_page_loaded_anew_says_that_the_photos_are_forgotten(page, photo):
    upload(page, photo)
    wait_for_answer(page, photo["name"])
    page.reload()
    expect_words(page, "the photos that were open are forgotten")
    assert page.title() == "Analyze · Melanoma"


def test_back_and_forward_step_through_tabs_and_the_title_is_the_pages(desktop, address):
    desktop.goto(f"{address}/performance")
    for tab in ("Test results", "Operating point"):
        go_to_tab(desktop, tab)
        wait_until_still(desktop)
    for step, tab in (
        (desktop.go_back, "Test results"),
        (desktop.go_back, "Training"),
        (desktop.go_forward, "Test res"),
    ):
        step()
        expect(desktop.get_by_role("tab", selected=True)).to_contain_text(tab)
        wait_until_still(desktop)
    assert "tab=Test+results" in desktop.url
    assert desktop.title() == "Performance · Melanoma"


def test_an_address_of_no_page_says_so(desktop, address):
    desktop.goto(f"{address}/nowhere")
    desktop.get_by_role("dialog").get_by_text("Page not found").wait_for()


def test_on_a_phone_the_menu_closes_after_a_choice(browser, address):
    with open_window(browser, "phone") as page:
        page.goto(f"{address}/diagnoses")
        wait_until_still(page)
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("link", name="Performance", exact=True).click()
        page.get_by_role("heading", level=1, name="Performance").wait_for()
        expect(page.get_by_role("link", name="Model card", exact=True)).not_to_be_in_viewport()


def test_a_link_to_a_tab_opens_that_tab(page, address):
    page.goto(f"{address}/performance?tab=Operating+point")
    page.get_by_text("such patients,").first.wait_for()


def test_the_run_chosen_on_one_page_stays_chosen_and_in_the_address(desktop, address):
    desktop.goto(f"{address}/performance?tab=Test+results&run=baseline-cnn")
    choice = desktop.get_by_role("combobox", name="Run")
    expect(choice).to_have_value("baseline-cnn")
    wait_until_still(desktop)
    go_to_page(desktop, "Analyze")
    go_to_page(desktop, "Model card")
    expect(choice).to_have_value("baseline-cnn")
    assert "run=baseline-cnn" in desktop.url


def test_nothing_is_fetched_from_elsewhere(browser, address, photo):
    with open_window(browser, "desktop") as page:
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        upload(page, photo)
        wait_for_answer(page)
    own = (address, "data:", "blob:", address.replace("http", "ws"))
    assert [url for url in requests if not url.startswith(own)] == []


def test_a_first_visitor_by_a_link_to_a_page_finds_the_navigation(browser):
    with serve_app() as fresh, open_window(browser, "desktop") as page:
        page.goto(f"{fresh}/performance?tab=Training")
        page.get_by_role("heading", name="Performance", exact=True).wait_for()
        page.get_by_role("link", name="Model card").click()
        page.get_by_role("heading", name="Model card", exact=True).wait_for()
        # As Streamlit lists the files of a folder pages/ by itself.
        assert page.get_by_role("link", name="app", exact=True).count() == 0


def test_the_synthetic_example_says_that_it_is_no_patient(page):
    open_example(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("Synthetic example, not a patient")
