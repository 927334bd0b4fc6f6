"""A small reader study: set up, read by three browsers at once, paused and resumed, and analysed."""

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from visiting import (
    download,
    expect_no_crash,
    expect_words,
    find_violations_in_both_windows,
    go_to_tab,
    open_window,
    read,
    start_server,
    wait_until_still,
)

from melanoma.photo.synthetic import example_bytes

pytestmark = pytest.mark.browser

TABLE = "file,diagnosis,practice\np0.png,nevus,yes\np1.png,melanoma,\np2.png,nevus,\n"
ITEMS = 1 + 2 * 2  # the practice photo, and two that count, each twice
READERS = 3


@pytest.fixture(scope="module")
def book_address(tmp_path_factory) -> Iterator[str]:
    """Of the app with an empty casebook."""
    with start_server({"MELANOMA_CASEBOOK": str(tmp_path_factory.mktemp("book"))}) as (url, _):
        yield url


def open_study(page: Page, address: str, tab: str) -> None:
    page.goto(f"{address}/reader_study?tab={tab.replace(' ', '+')}")
    page.get_by_role("tab", name=tab, selected=True).wait_for()
    wait_until_still(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def set_up(page: Page, address: str) -> str:
    """Set a study up; the code of its owner."""
    open_study(page, address, "Set up")
    page.get_by_label("Name of the study").fill("Pilot")
    page.get_by_role("spinbutton", name="Days between the two sessions").fill("0")
    page.get_by_text("Store these photos").click()
    photos, table = page.locator("input[type=file]").all()
    photos.set_input_files(
        [{"name": f"p{n}.png", "mimeType": "image/png", "buffer": example_bytes(n, 240, 180)} for n in range(3)]
    )
    wait_until_still(page)
    table.set_input_files([{"name": "table.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}])
    wait_until_still(page)
    press(page, "Set the study up")
    expect_words(page, "Pilot is set up with 3 photos")
    code = page.get_by_test_id("stCode").inner_text().strip()
    press(page, "I have written it down")
    wait_until_still(page)
    return code


def join(page: Page, address: str) -> str:
    open_study(page, address, "Read")
    press(page, "Join")
    page.get_by_test_id("stCode").wait_for()
    code = page.get_by_test_id("stCode").inner_text().strip()
    press(page, "I have written it down: begin")
    expect_words(page, "Photo 1 of 3")
    wait_until_still(page)
    return code


def answer(page: Page, diagnosis: str, acts: str) -> None:
    page.get_by_role("radio", name=diagnosis, exact=True).check(force=True)
    page.get_by_role("radio", name=acts, exact=True).check(force=True)
    press(page, "Answer, and go on")


def come_back(page: Page, address: str, code: str) -> None:
    open_study(page, address, "Read")
    page.get_by_label("Your code").fill(code.lower())
    page.get_by_label("Your code").press("Enter")
    wait_until_still(page)
    press(page, "Go on")
    wait_until_still(page)


def test_three_browsers_read_a_study_at_once(browser, book_address):
    with open_window(browser, "desktop") as owner:
        code = set_up(owner, book_address)
        windows = [open_window(browser, name) for name in ("desktop", "phone", "desktop")]
        pages = [window.__enter__() for window in windows]
        codes = [join(page, book_address) for page in pages]
        assert len({code, *codes}) == 1 + READERS
        assert find_violations_in_both_windows(pages[0]) == []
        for number in range(ITEMS):
            if number == 2:  # one of them pauses, closes the window, and comes back
                press(pages[2], "Pause")
                expect_words(pages[2], "What you have answered is saved")
                come_back(pages[2], book_address, codes[2])
            for page in pages:  # all three press before any is waited for
                acts = "with the network's answer" in read(page) or number == 0
                answer(page, "melanoma" if acts else "nevus", "Yes" if acts else "No")
            for page in pages:
                done = "You have read all 5 items" if number == ITEMS - 1 else f"{number + 1} of {ITEMS} answered"
                expect_words(page, done)
                wait_until_still(page)
                expect_no_crash(page)
        analyse(owner, code)
        for window in windows:
            window.__exit__(None, None, None)


def analyse(page: Page, code: str) -> None:
    """A wrong code opens nothing; the right one all."""
    panel = go_to_tab(page, "Analysis")
    for said in ("AAAA-BBBB-CCCC", code):
        panel.get_by_label("Code of who set it up").fill(said)
        panel.get_by_label("Code of who set it up").press("Enter")
        wait_until_still(page)
        press(page, "Show the analysis")
        wait_until_still(page)
        if said != code:
            expect_words(page, "This is not the code")
            assert page.get_by_role("button", name="Every answer as CSV").count() == 0
    expect_words(page, "3 readers, 2 cases, 6 readings alone", "Fewer than 5 readers")
    row = panel.get_by_role("row", name="Sensitivity for malignant cases")
    expect(row).to_contain_text("100 %")  # with support
    expect(row).to_contain_text("+100")
    rows = list(csv.DictReader(io.StringIO(download(page, "Every answer as CSV")[1].decode())))
    assert len(rows) == READERS * ITEMS
    assert len({line["reader"] for line in rows}) == READERS
    assert {line["half"] for line in rows} == {"0", "1"}
    assert all(float(line["seconds"]) > 0 for line in rows)
    assert sum(line["practice"] == "True" for line in rows) == READERS
    assert find_violations_in_both_windows(page) == []
