"""A case from its first reading over a restart to its outcome; and two people who change it at once."""

import io
import json
import re
from pathlib import Path
from urllib.parse import quote_plus

import keys
import pytest
from casebook_samples import fill
from pdf_reader import read_text
from playwright.sync_api import Browser, Page, expect
from pydicom import dcmread
from visiting import (
    EXAMPLE,
    choose,
    download,
    expect_no_crash,
    expect_words,
    find_violations_in_both_windows,
    go_to_tab,
    open_window,
    read,
    start_server,
    unfold,
    upload,
    wait_until_still,
)

from melanoma.casebook import SETTING, Lesion, open_casebook

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path


def leave_menu_out(lines: list[str]) -> list[str]:
    """Violations less those of Streamlit's own menu, which every page has in a narrow window."""
    return [line for line in lines if "stSidebarNav" not in line and " listitem " not in line]


def open_cases(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/cases")
    write(page, "Your id", who)


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label, exact=True).first
    field.wait_for()
    wait_until_still(page)
    field.fill(text)
    field.press("Tab")
    wait_until_still(page)


def press(page: Page, label: str) -> None:
    wait_until_still(page)
    page.get_by_role("button", name=label, exact=True).first.click()
    wait_until_still(page)


def add_lesion(page: Page) -> None:
    """By a click on the body map: the patient's left upper arm is on the right of the front view."""
    write(page, "Patient's reference", "A-17")
    write(page, "Lesion's label", "1")
    chart = page.get_by_test_id("stPlotlyChart").first
    chart.locator(".main-svg").first.wait_for()
    chart.locator(".scatterlayer .points path").first.wait_for(state="attached")
    chart.scroll_into_view_if_needed()
    press_map(page, chart, x=0.76, y=0.34)
    expect(page.get_by_role("radio", name="left", exact=True)).to_be_checked()
    press(page, "Add the lesion")
    expect_words(page, "A-17, lesion 1, left upper arm")


def press_map(page: Page, chart, *, x: float, y: float) -> None:
    """Click on the front view at a share of its width and height, wherever the figure has put it."""
    frame = page.evaluate(
        """chart => {
            const plot = chart.querySelector('.js-plotly-plot');
            const size = plot._fullLayout, box = plot.getBoundingClientRect();
            const place = (axis, value) => axis._offset + axis.l2p(value);
            return [box.x + place(size.xaxis, 0), box.y + place(size.yaxis, 0),
                    box.x + place(size.xaxis, 100), box.y + place(size.yaxis, 200)];
        }""",
        chart.element_handle(),
    )
    left, top, right, bottom = frame
    page.mouse.click(left + x * (right - left), top + y * (bottom - top))
    wait_until_still(page)


def add_visit(page: Page) -> None:
    press(page, "New visit")
    press(page, "Add the visit")
    page.get_by_role("button", name="Add the visit").wait_for(state="hidden")  # what was filled in closes
    wait_until_still(page)


def read_photo(page: Page, diagnosis: str, management: str) -> None:
    """The own reading of a photo, and after it the answer."""
    upload(page, EXAMPLE)
    page.get_by_role("combobox", name="Diagnosis", exact=True).wait_for()
    wait_until_still(page)
    assert "Malignancy probability" not in read(page)
    choose(page, "Diagnosis", diagnosis)
    choose(page, "What next", management)
    press(page, "Save my reading, show the probabilities")
    expect_words(page, "Malignancy probability")


def test_a_case_from_the_first_reading_to_its_outcome(browser: Browser, folder: Path):
    with start_server({SETTING: str(folder)}) as (url, _), open_window(browser, "desktop") as page:
        open_cases(page, url, "AB")
        add_lesion(page)
        add_visit(page)
        read_photo(page, "nevus", "follow-up later")
        assert leave_menu_out(find_violations_in_both_windows(page)) == []
        press(page, "Revise it")
        choose(page, "Diagnosis", "melanoma")
        choose(page, "What next", "excise")
        press(page, "Save my reading")
        press(page, "Make a report")
        page.get_by_role("button", name=re.compile("^PDF of")).wait_for()
        press(page, "For other systems")
        name, content = download(page, "DICOM, the report")
        assert name.endswith(".pdf.dcm")
        assert dcmread(io.BytesIO(content)).PatientID == "A-17"
        assert json.loads(download(page, "FHIR R4, the report")[1])["subject"] == {"identifier": {"value": "A-17"}}
        page.keyboard.press("Escape")
        expect_no_crash(page)

    with start_server({SETTING: str(folder)}) as (url, _), open_window(browser, "desktop") as page:
        open_cases(page, url, "AB")
        write(page, "Search by patient's reference", "a-1")
        choose(page, "Open a case: 1 found", "A-17")
        expect_words(
            page, "A-17, lesion 1, left upper arm", "Before the network's answer. nevus", "After the network's"
        )
        label = page.get_by_role("button", name=re.compile("^PDF of")).inner_text().split("\n")[-1]
        name, content = download(page, label)
        assert name.endswith(".pdf")
        text = " ".join(read_text(content).split())
        assert "A-17, lesion 1" in text
        assert "Before the network's answer: nevus" in text
        add_visit(page)
        assert page.get_by_test_id("stExpander").filter(has_text=re.compile(r"\d{4}")).count() >= 2
        unfold(page, "Enter the outcome")
        choose(page, "What it was", "melanoma")
        write(page, "Code", "8720/3")
        press(page, "Save the outcome")
        expect_words(page, "melanoma ◆ by histology, code 8720/3".replace(" ◆", ""))
        go_to_tab(page, "Agreement")
        wait_until_still(page)
        expect_words(page, "Such lesions are selected", "person alone", "person with network")
        row = page.get_by_role("row").filter(has_text="malignant, referred").inner_text()
        assert row.split("\t")[1:] == ["0 of 1", "1 of 1", "1 of 1"]
        assert leave_menu_out(find_violations_in_both_windows(page)) == []
        expect_no_crash(page)


def test_a_case_by_keyboard_alone(browser: Browser, folder: Path):
    with start_server({SETTING: str(folder)}) as (url, _), open_window(browser, "desktop") as page:
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


def test_a_full_casebook_for_readers_who_see_little(browser: Browser, folder: Path):
    book = open_casebook(str(folder))
    with book.write("AB") as writer:
        fill(writer, 30)
    lesion = next(one for one in book.find(Lesion) if book.case(one.id).outcomes)
    places = {tab: f"tab={quote_plus(tab)}" for tab in ("Cases", "Follow-up", "Agreement", "Take away")}
    lines = []
    with start_server({SETTING: str(folder)}) as (url, _), open_window(browser, "desktop") as page:
        for name, place in {**places, "a case": f"case={lesion.id}"}.items():
            page.set_viewport_size({"width": 1280, "height": 844})
            page.emulate_media(color_scheme="light")
            page.goto(f"{url}/cases?{place}")
            page.get_by_role("tab", name=name if name in places else "Cases", selected=True).wait_for()
            wait_until_still(page)
            expect_no_crash(page)
            lines += [f"{name}: {line}" for line in leave_menu_out(find_violations_in_both_windows(page))]
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert lines == []


def test_two_people_who_change_the_same_case(browser: Browser, folder: Path):
    with (
        start_server({SETTING: str(folder)}) as (url, _),
        open_window(browser, "desktop") as one,
        open_window(browser, "phone") as other,
    ):
        open_cases(one, url, "AB")
        add_lesion(one)
        open_cases(other, url, "CD")
        choose(other, "Open a case: 1 found", "A-17")
        for page in (one, other):
            press(page, "Edit lesion")
        write(one, "Label", "north")
        press(one, "Save")
        write(other, "Label", "south")
        press(other, "Save")
        expect_words(other, "This was changed by AB", "Which is to stand?", "north", "south")
        assert other.evaluate("document.documentElement.scrollWidth") <= 390
        press(other, "Mine")
        expect_words(other, "A-17, lesion south")
        unfold(other, "History of changes")
        expect_no_crash(other)


def test_the_page_while_the_casebook_is_off(desktop, address):
    desktop.goto(f"{address}/cases")
    expect_words(desktop, "The casebook is off. Nothing is stored.")
    wait_until_still(desktop)
    assert leave_menu_out(find_violations_in_both_windows(desktop)) == []
