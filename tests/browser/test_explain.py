"""Questioning a heatmap: nine maps, methods, contrast, the live checks, hiding a region, reading."""

import re

import pytest
from playwright.sync_api import expect
from visiting import (
    SPECIMEN,
    WINDOWS,
    chosen,
    no_crash,
    opened_window,
    real_photo,
    said,
    says,
    settled,
    to_tab,
    upload,
    violations_in_both_windows,
)

from melanoma.diagnoses import NAMES
from melanoma.explain.heatmaps import Method

pytestmark = pytest.mark.browser
SOME_MINUTES = 400_000  # ms: six methods, on a machine that trains a network at the same time
PICTURES = ".layer-below image, .imagelayer image"


@pytest.fixture(scope="module", params=WINDOWS)
def explained(browser, address, request):
    """The Explain page with the drawn specimen open, in both windows."""
    with opened_window(browser, request.param) as page:
        page.goto(f"{address}/explain")
        page.get_by_role("button", name="Use the drawn specimen").click()
        page.get_by_text("One scale for all nine").wait_for()
        settled(page)
        yield page


def probabilities(page) -> dict[str, float]:
    """What stands above each of the nine maps, in per cent."""
    rows = re.findall(r"^([a-z ]+) [◆◇] (?:< |> )?([\d.]+) %$", said(page), re.MULTILINE)
    return {name: float(value) for name, value in rows}


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


def nine_maps_are_shown(page) -> None:
    maps = page.locator("[class*=st-key-map-]")
    expect(maps).to_have_count(9)
    shown = probabilities(page)
    assert set(shown) == set(NAMES.values())
    assert sum(shown.values()) == pytest.approx(100, abs=1)
    assert list(shown.values()) == sorted(shown.values(), reverse=True)
    for i in range(9):
        maps.nth(i).scroll_into_view_if_needed()
        maps.nth(i).locator(PICTURES).first.wait_for(state="attached")
    assert said(page).count("100% of the strongest") == 1
    no_crash(page)


def test_nine_maps_with_their_probabilities(explained):
    to_tab(explained, "Nine maps")
    settled(explained)
    says(explained, "not a real lesion")
    nine_maps_are_shown(explained)


def test_every_map_is_told_in_words(explained):
    to_tab(explained, "Nine maps")
    settled(explained)
    told = explained.get_by_role("figure", name="Grad-CAM for")
    expect(told).to_have_count(9)
    assert "strongest in the" in told.first.get_attribute("aria-label")


def test_why_one_diagnosis_rather_than_another(explained):
    to_tab(explained, "This or that")
    before = sentence(explained, "Purple speaks for")
    assert "melanoma" in before or "nevus" in before
    settled(explained)
    chosen(explained, "rather than", "vascular lesion")
    after = sentence(explained, "Purple speaks for", before)
    assert "orange for vascular lesion ◇" in after
    explained.locator(f".st-key-contrast :is({PICTURES}, .heatmaplayer image)").first.wait_for(state="attached")
    no_crash(explained)


def test_a_map_is_checked_against_chance(explained):
    to_tab(explained, "Check a map")
    for start, heading in (("Blurring its places first", "Deletion"), ("Showing its places first", "Insertion")):
        assert re.search(r"random maps give .*chance here", sentence(explained, start))
        explained.get_by_role("heading", name=heading).wait_for()
    curve = explained.locator(".st-key-chart-deletion .scatterlayer .trace")
    expect(curve).to_have_count(4)  # this map and three random ones


def test_blurring_more_of_what_is_marked_moves_the_probability(explained):
    to_tab(explained, "Check a map")
    metric = explained.get_by_test_id("stMetricValue")
    metric.wait_for()
    settled(explained)
    before = metric.inner_text()
    slider = explained.get_by_role("slider", name="Most marked share of the crop to blur")
    for _ in range(4):
        slider.press("ArrowRight")
    explained.get_by_text("40% blurred").wait_for()
    expect(metric).not_to_have_text(before)  # it may be drawn after the picture
    expect(explained.get_by_role("img", name="The crop, 40% of it blurred")).to_have_count(1)


def test_hiding_a_region_by_keyboard_moves_probabilities(explained):
    to_tab(explained, "Hide a region")
    before = sentence(explained, "Largest moves")
    settled(explained)
    explained.get_by_role("slider", name="From left to right — start").press("Home")
    after = sentence(explained, "Largest moves", before)
    assert " to " in after
    expect(explained.get_by_role("img", name="The photo with the region hidden")).to_have_count(1)
    no_crash(explained)


def test_hiding_a_region_by_drawing_a_box(explained):
    to_tab(explained, "Hide a region")
    settled(explained)
    photo = explained.locator(".st-key-picked .nsewdrag").last
    photo.wait_for(state="attached")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    left = explained.get_by_role("slider", name="From left to right — start")
    right = explained.get_by_role("slider", name="From left to right — end")
    before = (left.input_value(), right.input_value())
    explained.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.3 * box["height"])
    explained.mouse.down()
    explained.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    explained.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    explained.mouse.up()
    explained.wait_for_function(
        "([a, b]) => { const s = [...document.querySelectorAll('.st-key-hide-x input')].map(i => i.value);"
        " return s[0] !== a && s[1] !== b; }",
        arg=list(before),
    )
    assert float(left.input_value()) == pytest.approx(0.25, abs=0.06)
    assert float(right.input_value()) == pytest.approx(0.75, abs=0.06)


def test_how_to_read_names_limits_and_sources(explained):
    to_tab(explained, "How to read")
    explained.get_by_text("What it cannot say.").wait_for()
    says(explained, "Adebayo 2018", "Saporta 2022", "Tschandl 2020")
    explained.get_by_role("heading", name="How faithful this run's maps are").wait_for()


def test_a_link_to_a_tab_asks_for_a_photo_and_then_opens_that_tab(browser, address):
    with opened_window(browser, "phone") as page:
        page.goto(f"{address}/explain?explain-tab=How+to+read")
        page.get_by_role("button", name="Use the drawn specimen").click()
        page.get_by_text("What it cannot say.").wait_for()


@pytest.mark.parametrize("window", WINDOWS)
def test_a_real_photo_is_explained(browser, address, request, window):
    photo = real_photo(request)
    with opened_window(browser, window) as page:
        page.goto(f"{address}/explain")
        upload(page, photo)
        page.get_by_text("One scale for all nine").wait_for()
        settled(page)
        says(page, photo["name"])
        nine_maps_are_shown(page)
        page.get_by_role("button", name="Another photo").click()
        page.get_by_text("No photo is open").wait_for()


def test_the_photo_of_the_analyze_page_is_the_one_explained(page):
    upload(page, SPECIMEN)
    page.get_by_text("operating point this photo scores").wait_for()
    settled(page)
    if page.viewport_size["width"] < 600:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Explain").click()
    page.get_by_text("One scale for all nine").wait_for()
    says(page, SPECIMEN["name"])


def test_methods_side_by_side_with_their_agreement_and_cost(browser, address):
    """Once: asking the network six ways takes its time."""
    with opened_window(browser, "desktop") as page:
        page.goto(f"{address}/explain?explain-tab=Methods")
        page.get_by_role("button", name="Use the drawn specimen").click()
        compare = page.get_by_role("button", name="Compare the methods")
        says(page, "It takes about half a minute")
        settled(page)
        compare.click()
        page.get_by_role("heading", name="Do they agree?").wait_for(timeout=SOME_MINUTES)
        settled(page, SOME_MINUTES)
        for method in Method:
            page.get_by_text(method.facts.label, exact=True).first.wait_for(state="attached")
        correlations = page.locator(".st-key-chart-agreement .heatmaplayer")
        correlations.scroll_into_view_if_needed()
        correlations.locator(".heatmap-label, image").first.wait_for(state="attached")
        page.locator("[aria-label='Cost of each method']").first.wait_for(state="attached")
        no_crash(page)
        assert violations_in_both_windows(page) == []
