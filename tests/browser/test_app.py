"""What a dermatologist does: upload, read, question the map, look at how good the network is."""

import pytest
from playwright.sync_api import expect
from visiting import SPECIMEN, opened, real_photo, settled, unfolded, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(request) -> dict:
    """A real photo where there are any, else the drawn one, as an upload."""
    try:
        return real_photo(request)
    except pytest.skip.Exception:
        return SPECIMEN


def heatmap(page) -> str:
    """What the map says of itself, for readers who do not see it."""
    return page.get_by_text("The dashed square is what the network saw").inner_text()


def to_page(page, name: str) -> None:
    """By the navigation, which a narrow window keeps in its sidebar: opened for it, and closed if it stays open."""
    narrow = page.viewport_size["width"] < 600
    if narrow:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=name, exact=True).click()
    settled(page)
    close = page.get_by_test_id("stSidebarCollapseButton")
    if narrow and close.is_visible():
        close.click()


def test_photo_to_decision_to_another_map_to_performance(page, photo):
    upload(page, photo)
    page.get_by_text("operating point this photo scores").wait_for()
    page.get_by_text("Research use only, not a medical device.").first.wait_for()
    bars = page.locator(".st-key-probabilities .bars .point")
    expect(bars).to_have_count(9)
    page.locator(".st-key-heatmap .layer-below image, .st-key-heatmap .imagelayer image").first.wait_for(
        state="attached"
    )
    before = heatmap(page)

    settled(page)
    choice = page.get_by_role("combobox", name="Heatmap of the evidence for")
    opened(page, choice)
    for key in (*["ArrowDown"] * 4, "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)
    assert heatmap(page) != before

    to_page(page, "Performance")
    page.get_by_role("heading", name="Performance").wait_for()
    page.get_by_role("tab", name="Training").wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_bad_file_gets_one_sentence_and_the_good_one_beside_it_still_answers(page, photo):
    upload(page, {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear colleague"}, photo)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("letter.jpg")
    assert alert.inner_text().count(".") <= 4
    assert page.get_by_text("Traceback").count() == 0

    settled(page)
    opened(page, page.get_by_role("combobox", name="Photo to show"))
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("operating point this photo scores").wait_for()


def answered(page, name: str) -> None:
    """Wait until the answer on the page is about this file."""
    page.locator("strong", has_text=name).wait_for()
    page.get_by_text("operating point this photo scores").wait_for()
    settled(page)


def test_the_newest_photo_is_shown_and_all_stay_open_while_other_pages_are_read(page, photo):
    upload(page, photo | {"name": "earlier.jpg"})
    answered(page, "earlier.jpg")
    upload(page, SPECIMEN | {"name": "later.png"})
    answered(page, "later.png")

    to_page(page, "Explain")
    page.get_by_text("later.png ·").wait_for()
    to_page(page, "Analyze")
    answered(page, "later.png")
    opened(page, page.get_by_role("combobox", name="Photo to show"))
    for key in ("ArrowUp", "Enter"):
        page.keyboard.press(key)
    answered(page, "earlier.jpg")

    unfolded(page, "Another photo")
    page.get_by_role("button", name="Close the 2 photos opened before").click()
    page.get_by_text("A decision you can check").wait_for()
    to_page(page, "Explain")
    page.get_by_text("No photo is open.").wait_for()


def test_link_to_a_tab_opens_that_tab(page, address):
    page.goto(f"{address}/performance?tab=Operating+point")
    page.get_by_text("such patients,").first.wait_for()


def test_nothing_is_fetched_from_elsewhere(browser, address, photo):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    upload(page, photo)
    page.get_by_text("operating point this photo scores").wait_for(timeout=90_000)
    context.close()
    assert [
        url for url in asked if not url.startswith((address, "data:", "blob:", address.replace("http", "ws")))
    ] == []
