"""What a dermatologist does: upload, read, question the map, look at how good the network is."""

import contextlib

import pytest
from playwright.sync_api import TimeoutError

from melanoma.specimen import specimen_bytes

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(request) -> dict:
    """A real photo where there are any, else the drawn one, as an upload."""
    try:
        real = sorted(request.getfixturevalue("data").glob("ham10000_600x450/ISIC_???????.jpg"))[0]
    except pytest.skip.Exception:
        return {"name": "specimen.png", "mimeType": "image/png", "buffer": specimen_bytes()}
    return {"name": real.name, "mimeType": "image/jpeg", "buffer": real.read_bytes()}


def upload(page, *files: dict) -> None:
    page.locator("input[type=file]").set_input_files(list(files))


def settled(page) -> None:
    """Wait until the script has ended: a list that is opened before is drawn anew, closed."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def opened(page, choice) -> None:
    """Open a list by keyboard. It closes when the page moves below it, as it does while charts arrive: then again."""
    for _ in range(10):
        choice.press("ArrowDown")
        with contextlib.suppress(TimeoutError):
            page.get_by_role("option").nth(1).wait_for(timeout=3000)
            return
    pytest.fail("the list does not open")


def heatmap(page) -> str:
    """What the map says of itself, for readers who do not see it."""
    return page.get_by_text("The dashed square is what the network saw").inner_text()


def test_photo_to_decision_to_another_map_to_performance(page, photo):
    upload(page, photo)
    page.get_by_text("operating point this photo scores").wait_for()
    page.get_by_text("Research use only, not a medical device.").first.wait_for()
    bars = page.locator(".st-key-probabilities .bars .point")
    bars.first.wait_for()
    assert bars.count() == 9
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

    if page.viewport_size["width"] < 600:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Performance").click()
    page.get_by_role("heading", name="Performance").wait_for()
    page.get_by_role("tab", name="Training").wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_bad_file_gets_one_sentence_and_the_good_one_beside_it_still_answers(page, photo):
    upload(page, {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear colleague"}, photo)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "letter.jpg" in alert.inner_text()
    assert alert.inner_text().count(".") <= 4
    assert page.get_by_text("Traceback").count() == 0

    settled(page)
    opened(page, page.get_by_role("combobox", name="Photo to show"))
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("operating point this photo scores").wait_for()


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
