"""Questioning a heatmap: nine maps, methods, contrast, the live checks, hiding a region, reading."""

import re

import pytest
from playwright.sync_api import expect
from visiting import (
    EXAMPLE,
    WINDOWS,
    choose,
    expect_no_crash,
    expect_words,
    find_photo,
    find_violations_in_both_windows,
    go_to_page,
    go_to_tab,
    open_example,
    open_window,
    read,
    upload,
    wait_until_still,
)

from melanoma.diagnoses import NAMES
from melanoma.explain import Method

pytestmark = pytest.mark.browser
SOME_MINUTES = 400_000  # ms: six methods, on a machine that trains a network at the same time
PICTURES = ".layer-below image, .imagelayer image"


@pytest.fixture(scope="module", params=WINDOWS)
def explain_page(browser, address, request):
    """The Explain page with the synthetic example open, in both windows."""
    with open_window(browser, request.param) as page:
        page.goto(f"{address}/explain")
        open_example(page)
        page.get_by_text("One scale for all nine").wait_for()
        wait_until_still(page)
        yield page


def probabilities(page) -> dict[str, float]:
    """What stands above each of the nine maps, in per cent."""
    rows = re.findall(r"^([a-z ]+) [◆◇] (< |> )?(\d+) %$", read(page), re.MULTILINE)
    return {name: {"< ": 0.5, "> ": 99.5}.get(bound, float(value)) for name, bound, value in rows}


def sentence(page, start: str, unlike: str = "") -> str:
    """The caption that starts so, once it differs from `unlike`."""
    caption = page.get_by_test_id("stCaptionContainer").filter(has_text=start).first
    caption.wait_for()
    page.wait_for_function(
        "([start, unlike]) => [...document.querySelectorAll('[data-testid=stCaptionContainer]')]"
        ".some(c => c.innerText.startsWith(start) && c.innerText !== unlike)",
        arg=[start, unlike],
    )
    return caption.inner_text()


def check_nine_maps(page) -> None:
    maps = page.locator("[class*=st-key-map-]")
    expect(maps).to_have_count(9)
    shares = probabilities(page)
    assert set(shares) == set(NAMES.values())
    assert sum(shares.values()) == pytest.approx(100, abs=5)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    for i in range(9):
        maps.nth(i).scroll_into_view_if_needed()
        maps.nth(i).locator(PICTURES).first.wait_for(state="attached")
    assert read(page).count("100 % of the strongest") == 1
    expect_no_crash(page)


def test_nine_maps_with_their_probabilities(explain_page):
    go_to_tab(explain_page, "All diagnoses")
    wait_until_still(explain_page)
    expect_words(explain_page, "Synthetic example, not a patient")
    check_nine_maps(explain_page)


def test_every_map_is_described_in_words(explain_page):
    go_to_tab(explain_page, "All diagnoses")
    wait_until_still(explain_page)
    figures = explain_page.get_by_role("figure", name="Grad-CAM for")
    expect(figures).to_have_count(9)
    assert "strongest in the" in figures.first.get_attribute("aria-label")


def test_why_one_diagnosis_rather_than_another(explain_page):
    go_to_tab(explain_page, "Compare two")
    before = sentence(explain_page, "Purple speaks for")
    assert "melanoma" in before or "nevus" in before
    wait_until_still(explain_page)
    choose(explain_page, "rather than", "vascular lesion")
    after = sentence(explain_page, "Purple speaks for", before)
    assert "orange for vascular lesion ◇" in after
    explain_page.locator(f".st-key-contrast :is({PICTURES}, .heatmaplayer image)").first.wait_for(state="attached")
    expect_no_crash(explain_page)


def test_a_map_is_checked_against_chance(explain_page):
    go_to_tab(explain_page, "Deletion test")
    for start, heading in (("Blurring", "Deletion"), ("Showing", "Insertion")):
        words = sentence(explain_page, f"{start} the places of this map first")
        assert re.search(r"With random maps it is .*random maps here", words)
        explain_page.get_by_role("heading", name=heading).wait_for()
    curve = explain_page.locator(".st-key-chart-deletion .scatterlayer .trace")
    expect(curve).to_have_count(4)  # this map and three random ones


def test_blurring_more_of_what_is_marked_moves_the_probability(explain_page):
    go_to_tab(explain_page, "Deletion test")
    metric = explain_page.get_by_test_id("stMetricValue")
    metric.wait_for()
    wait_until_still(explain_page)
    before = metric.inner_text()
    slider = explain_page.get_by_role("slider", name="Most marked share of the crop to blur")
    for _ in range(4):
        slider.press("ArrowRight")
    explain_page.get_by_text("40 % blurred").wait_for()
    expect(metric).not_to_have_text(before)  # it may be drawn after the picture
    expect(explain_page.get_by_role("img", name="The crop, 40 % blurred")).to_have_count(1)


def test_hiding_a_region_by_keyboard_moves_probabilities(explain_page):
    go_to_tab(explain_page, "Hide a region")
    before = sentence(explain_page, "Largest changes")
    wait_until_still(explain_page)
    explain_page.get_by_role("slider", name="From left to right — start").press("Home")
    after = sentence(explain_page, "Largest changes", before)
    assert " to " in after
    expect(explain_page.get_by_role("img", name="The photo with the region hidden")).to_have_count(1)
    expect_no_crash(explain_page)


def test_hiding_a_region_by_drawing_a_box(explain_page):
    go_to_tab(explain_page, "Hide a region")
    wait_until_still(explain_page)
    photo = explain_page.locator(".st-key-region-box .nsewdrag").last
    photo.wait_for(state="attached")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    left = explain_page.get_by_role("slider", name="From left to right — start")
    right = explain_page.get_by_role("slider", name="From left to right — end")
    before = (left.input_value(), right.input_value())
    explain_page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.3 * box["height"])
    explain_page.mouse.down()
    explain_page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    explain_page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    explain_page.mouse.up()
    explain_page.wait_for_function(
        "([a, b]) => { const s = [...document.querySelectorAll('.st-key-region-across input')].map(i => i.value);"
        " return s[0] !== a && s[1] !== b; }",
        arg=list(before),
    )
    assert float(left.input_value()) == pytest.approx(25, abs=6)
    assert float(right.input_value()) == pytest.approx(75, abs=6)


def test_how_to_read_names_limits_and_sources(explain_page):
    go_to_tab(explain_page, "How to read")
    explain_page.get_by_text("What it cannot say.").wait_for()
    expect_words(explain_page, "Adebayo 2018", "Saporta 2022", "Tschandl 2020")
    explain_page.get_by_role("heading", name="How faithful this run's maps are").wait_for()


def test_a_link_to_a_tab_opens_that_tab_once_there_is_a_photo(browser, address):
    with open_window(browser, "phone") as page:
        page.goto(f"{address}/explain?explain-tab=How+to+read")
        open_example(page)
        page.get_by_text("What it cannot say.").wait_for()


@pytest.mark.parametrize("window", WINDOWS)
def test_a_real_photo_is_explained(browser, address, request, window):
    photo = find_photo(request)
    with open_window(browser, window) as page:
        page.goto(f"{address}/explain")
        upload(page, photo)
        page.get_by_text("One scale for all nine").wait_for()
        wait_until_still(page)
        expect_words(page, photo["name"])
        check_nine_maps(page)
        page.get_by_role("button", name="Close photo").click()
        page.get_by_text("No photo is open").wait_for()


def test_the_photo_of_the_analyze_page_is_the_one_explained(page):
    upload(page, EXAMPLE)
    page.get_by_text("In brackets: 95 % intervals").wait_for()
    wait_until_still(page)
    go_to_page(page, "Explain")
    page.get_by_text("One scale for all nine").wait_for()
    expect_words(page, EXAMPLE["name"])


def test_methods_side_by_side_with_their_agreement_and_cost(browser, address):
    """Once: asking the network six ways takes its time."""
    with open_window(browser, "desktop") as page:
        page.goto(f"{address}/explain?explain-tab=Methods")
        open_example(page)
        compare = page.get_by_role("button", name="Compare the methods")
        expect_words(page, "Each is drawn as it is done")
        wait_until_still(page)
        compare.click()
        page.get_by_role("heading", name="Do they agree?").wait_for(timeout=SOME_MINUTES)
        wait_until_still(page, SOME_MINUTES)
        for method in Method:
            page.get_by_text(method.facts.label, exact=True).first.wait_for(state="attached")
        correlations = page.locator(".st-key-chart-agreement .heatmaplayer")
        correlations.scroll_into_view_if_needed()
        correlations.locator(".heatmap-label, image").first.wait_for(state="attached")
        page.locator("[aria-label='Cost of each method']").first.wait_for(state="attached")
        expect_no_crash(page)
        assert find_violations_in_both_windows(page) == []
