"""The app by keyboard alone: a list worked through, a case from its first reading to its outcome, and two dates."""

import re

import keys
import pytest
from playwright.sync_api import Page, expect
from test_two_dates import EARLIER, LATER, panes, place_of
from test_worklist import chosen, wait_until_done
from visiting import EXAMPLE, expect_no_crash, expect_words, open_window, start_server, wait_until_still

from melanoma.casebook import SETTING
from melanoma.photo.synthetic import example_bytes

pytestmark = pytest.mark.browser
THREE = [
    {"name": f"lesion {seed}.png", "mimeType": "image/png", "buffer": example_bytes(seed=seed)} for seed in range(3)
]
# As a hand that is quicker than the page: the focus on Upload and Enter in the moment in which the button is there.
PRESS_AT_ONCE = """new MutationObserver((_, watching) => {
    const button = document.querySelector("[data-testid=stFileUploaderDropzone] button");
    if (button) { watching.disconnect(); button.focus(); window.hasFocused = true; }
}).observe(document, {childList: true, subtree: true});"""


def test_upload_opens_in_the_first_moment(desktop, address):
    desktop.add_init_script(PRESS_AT_ONCE)
    desktop.goto(address)
    desktop.wait_for_function("window.hasFocused", polling=10)
    with desktop.expect_file_chooser() as event:
        desktop.keyboard.press("Enter")
    event.value.set_files(EXAMPLE)
    expect_words(desktop, "Malignancy probability")


def test_a_list_is_worked_through(desktop, address):
    desktop.goto(f"{address}/worklist")
    keys.upload(desktop, *THREE)
    wait_until_done(desktop)
    for _ in range(2):
        desktop.keyboard.press("n")
        wait_until_still(desktop)
    second = read_name(desktop)
    desktop.keyboard.press("p")
    wait_until_still(desktop)
    first = read_name(desktop)
    assert first != second
    desktop.keyboard.press("o")
    expect(desktop.get_by_test_id("stMain")).to_contain_text(first)
    keys.press(desktop, "A .*Back to the worklist, row 1 of 3")
    expect(chosen(desktop)).to_contain_text(first)
    desktop.keyboard.press("s")
    expect(chosen(desktop)).to_contain_text(second)
    keys.press(desktop, "BUTTON.*Previous")
    expect(chosen(desktop)).to_contain_text(first)
    expect(chosen(desktop).get_by_role("button", name="Not seen")).to_be_visible()
    expect_no_crash(desktop)


def read_name(page: Page) -> str:
    """The file of the selected row."""
    return re.findall(r"lesion \d\.png", chosen(page).inner_text())[-1]


def test_a_case_from_its_first_reading_to_its_outcome(browser, tmp_path):
    with start_server({SETTING: str(tmp_path)}) as (url, _), open_window(browser, "desktop") as page:
        page.goto(f"{url}/cases")
        keys.write(page, "Your id", "AB")
        keys.write(page, "Patient's reference", "A-17")
        keys.write(page, "Lesion's label", "1")
        keys.choose(page, "Body site", "upper arm")
        keys.press(page, "BUTTON.*Add the lesion")
        expect_words(page, "A-17, lesion 1, upper arm")
        keys.press(page, "BUTTON.*New visit")
        keys.press(page, "BUTTON.*Add the visit")
        page.keyboard.press("Escape")
        keys.upload(page, EXAMPLE)
        page.get_by_role("combobox", name="Diagnosis", exact=True).wait_for()
        keys.choose(page, "Diagnosis", "nevus")
        keys.choose(page, "What next", "follow-up later")
        keys.press(page, "BUTTON.*Save my reading, show the probabilities")
        expect_words(page, "Malignancy probability")
        keys.press(page, "BUTTON.*Revise it")
        keys.choose(page, "Diagnosis", "melanoma")
        keys.choose(page, "What next", "excise")
        keys.press(page, "BUTTON.*Save my reading")
        expect_words(page, "After the network's answer. melanoma")
        keys.press(page, "SUMMARY.*Enter the outcome")
        keys.choose(page, "What it was", "melanoma")
        keys.press(page, "BUTTON.*Save the outcome")
        expect_words(page, "melanoma by histology")
        expect_no_crash(page)


def test_two_dates(desktop, address):
    desktop.goto(f"{address}/compare_dates")
    keys.upload(desktop, EARLIER, LATER)
    panes(desktop).first.wait_for()
    keys.write(desktop, "Taken on", "2026-01-05")
    keys.press(desktop, "BUTTON.*Swap")
    keys.press(desktop, "BUTTON.*Swap")
    first, second = panes(desktop).nth(0), panes(desktop).nth(1)
    whole = place_of(first, 0)
    keys.press_tab_until(desktop, "Arrows move, plus and minus zoom")
    desktop.keyboard.press("+")
    assert place_of(first, 0) != whole
    assert place_of(first, 0) == place_of(second, 1)
    desktop.keyboard.press("0")
    assert place_of(first, 0) == whole
    expect_no_crash(desktop)
