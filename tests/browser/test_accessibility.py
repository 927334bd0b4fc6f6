"""Every page for readers who use a screen reader, a keyboard, or see little contrast."""

from urllib.parse import quote_plus

import pytest
from keys import FOCUS, OUTLINE, open_chooser, press_tab_until
from visiting import (
    EXAMPLE,
    WINDOWS,
    expect_words,
    find_violations,
    find_violations_in_both_windows,
    go_to_tab,
    open_example,
    open_window,
    upload,
    wait_until_still,
)

pytestmark = pytest.mark.browser

TABS = {
    "performance": ("Training", "Test results", "Operating point", "Compare", "Data leakage example"),
    "dataset": ("Training photos", "Data quality", "Audit a folder"),
}
EXPLAIN_TABS = ("All diagnoses", "Methods", "Compare two", "Deletion test", "Hide a region", "How to read")
PAGES = ("Analyze", "Worklist", "Two dates", "Explain", "Cases", "Performance", "Diagnoses", "Dataset")
# As a hand that is quicker than the page: the focus on Upload and Enter in the moment in which the button is there.
PRESS_AT_ONCE = """new MutationObserver((_, watching) => {
    const button = document.querySelector("[data-testid=stFileUploaderDropzone] button");
    if (button) { watching.disconnect(); button.focus(); window.hasFocused = true; }
}).observe(document, {childList: true, subtree: true});"""


def open_answer(page, address) -> None:
    """The Analyze page with an answer for the synthetic example."""
    page.goto(address)
    upload(page, EXAMPLE)
    page.get_by_text("The dashed square is what the network saw").wait_for()
    wait_until_still(page)


@pytest.mark.parametrize("path", ["", "explain", "diagnoses?diagnosis=melanoma", "model_card"])
def test_pages_as_they_open(desktop, address, path):
    desktop.goto(f"{address}/{path}")
    desktop.get_by_text("Research use only").first.wait_for()
    wait_until_still(desktop)
    assert find_violations_in_both_windows(desktop) == []


@pytest.mark.parametrize(("path", "tab"), [(path, tab) for path, tabs in TABS.items() for tab in tabs])
def test_tabs(desktop, address, path, tab):
    desktop.goto(f"{address}/{path}?tab={quote_plus(tab)}")
    desktop.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
    desktop.get_by_text("Research use only").first.wait_for()
    wait_until_still(desktop)
    if tab == "Test results":
        desktop.get_by_role("button", name="Open all").click()
        desktop.get_by_role("figure", name="Confusion matrix").wait_for()
        wait_until_still(desktop)
    assert find_violations_in_both_windows(desktop) == []


def test_an_answer(desktop, address):
    open_answer(desktop, address)
    assert find_violations_in_both_windows(desktop) == []


def test_what_is_drawn_stays_readable_when_the_page_turns_dark(desktop, address):
    open_answer(desktop, address)
    of_page = "getComputedStyle(document.querySelector('[data-testid=stApp]')).color"
    of_text = "getComputedStyle(document.querySelector('.st-key-probabilities .ytick text')).fill"
    before = desktop.evaluate(of_page)
    assert desktop.evaluate(of_text) == before
    desktop.emulate_media(color_scheme="dark")
    desktop.wait_for_function(f"before => {of_page} !== before", arg=before)
    assert desktop.evaluate(of_text) == desktop.evaluate(of_page)


@pytest.mark.parametrize("window", WINDOWS)
def test_an_explanation(browser, address, window):
    with open_window(browser, window) as page:
        page.goto(f"{address}/explain")
        open_example(page)
        page.get_by_text("One scale for all nine").wait_for()
        lines = []
        for tab in EXPLAIN_TABS:
            go_to_tab(page, tab)
            wait_until_still(page)
            lines += [f"{tab}: {line}" for line in find_violations(page)]
        assert lines == []


def test_a_chart_in_words_and_the_menu_of_a_phone(browser, address):
    with open_window(browser, "phone") as page:
        page.goto(f"{address}/performance?tab=Training")
        wait_until_still(page)
        page.get_by_role("button", name="In words").first.click()
        page.get_by_test_id("stPopoverBody").wait_for()
        assert find_violations(page) == []
        page.keyboard.press("Escape")
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("link", name="Model card").wait_for()
        wait_until_still(page)
        assert find_violations(page) == []


def test_every_chart_and_picture_has_words(desktop, address):
    """What axe does not ask for: charts are figures that say what they show."""
    open_answer(desktop, address)
    for path in ("", "performance?tab=Training", "performance?tab=Test+results", "dataset"):
        if path:
            desktop.goto(f"{address}/{path}")
            desktop.get_by_text("Research use only").first.wait_for()
            wait_until_still(desktop)
            if "results" in path:
                desktop.get_by_role("button", name="Open all").click()
            desktop.get_by_test_id("stPlotlyChart").first.wait_for()
            wait_until_still(desktop)
        charts = desktop.get_by_test_id("stPlotlyChart")
        words = [chart.get_attribute("aria-label") or "" for chart in charts.all()]
        assert words
        assert min(len(sentence) for sentence in words) > 20


def test_navigation_by_keyboard(desktop, address):
    desktop.goto(address)
    desktop.locator("input[type=file]").wait_for(state="attached")
    wait_until_still(desktop)
    passed = " ".join(press_tab_until(desktop, "Model card"))
    for name in PAGES:
        assert name in passed
    assert desktop.evaluate(OUTLINE) == "solid"
    desktop.keyboard.press("Enter")
    desktop.get_by_role("heading", name="Model card", exact=True).wait_for()


def test_upload_is_five_stops_away_opens_at_once_and_the_answer_then_has_the_focus(desktop, address):
    desktop.goto(address)
    desktop.get_by_test_id("stFileUploaderDropzone").get_by_test_id("stBaseButton-secondary").wait_for()
    wait_until_still(desktop)
    press_tab_until(desktop, "Skip to main content", most=1)
    desktop.keyboard.press("Enter")
    press_tab_until(desktop, "BUTTON.*Upload", most=4)
    with open_chooser(desktop) as event:
        desktop.keyboard.press("Enter")
    event.value.set_files(EXAMPLE)
    desktop.wait_for_function("document.activeElement.matches('.st-key-decision h2')")
    assert "Malignancy probability" in desktop.evaluate(FOCUS)
    desktop.get_by_text("The dashed square is what the network saw").wait_for()
    wait_until_still(desktop)
    press_tab_until(desktop, r"radio.*high sensitivity|Help for Operating point", most=3)  # it goes on from there


def test_upload_opens_in_the_first_moment(desktop, address):
    desktop.add_init_script(PRESS_AT_ONCE)
    desktop.goto(address)
    desktop.wait_for_function("window.hasFocused", polling=10)
    with open_chooser(desktop) as event:
        desktop.keyboard.press("Enter")
    event.value.set_files(EXAMPLE)
    expect_words(desktop, "Malignancy probability")


def test_photo_and_operating_point_by_keyboard(desktop, address):
    desktop.goto(address)
    desktop.locator("input[type=file]").wait_for(state="attached")
    wait_until_still(desktop)
    press_tab_until(desktop, "BUTTON.*Upload")
    with open_chooser(desktop) as event:
        desktop.keyboard.press("Enter")
    event.value.set_files(EXAMPLE)
    desktop.get_by_text("At the high sensitivity operating point").wait_for()
    desktop.get_by_text("The dashed square is what the network saw").wait_for()
    wait_until_still(desktop)
    press_tab_until(desktop, r"radio.*high sensitivity")
    desktop.keyboard.press("ArrowRight")
    desktop.keyboard.press("Space")
    desktop.get_by_text("At the balanced operating point").wait_for()
    press_tab_until(desktop, "Heatmap of the evidence for")


def test_a_wide_table_is_scrolled_by_keyboard(browser, address):
    """The one thing that axe reports and that is let pass."""
    with open_window(browser, "phone") as page:
        page.goto(f"{address}/model_card")
        page.get_by_role("button", name="PDF").wait_for()
        wait_until_still(page)
        page.get_by_role("button", name="PDF").focus()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.parentElement.matches('.stTable')"):
                break
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "document.activeElement.parentElement.matches('.stTable') && document.activeElement.scrollLeft > 0"
        )
