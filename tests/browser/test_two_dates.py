"""The same lesion at two dates, in a browser: one frame, linked zoom, wipe and flicker, points given by hand."""

import io

import keys
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from visiting import (
    expect_no_crash,
    expect_words,
    find_violations_in_both_windows,
    open_window,
    upload,
    wait_until_still,
)

from melanoma.photo import draw_example

pytestmark = pytest.mark.browser
PICTURE = draw_example(0, 600, 450)


def as_upload(name: str, pixels: np.ndarray) -> dict:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


EARLIER = as_upload("march.png", PICTURE)
LATER = as_upload("october.png", np.ascontiguousarray(np.rot90(PICTURE)))
OTHER = as_upload("other.png", draw_example(3, 600, 450))


def open_two(page: Page, address: str, *photos: dict) -> None:
    page.goto(f"{address}/compare_dates")
    upload(page, *photos)
    expect_words(page, "Malignant", "In brackets: the least and the largest")
    panes(page).first.wait_for()
    wait_until_still(page)


def panes(page: Page) -> Locator:
    return page.locator(".pane")


def place_of(pane: Locator, photo: int) -> str:
    """Where a photo is drawn in a pane."""
    return pane.locator(".moved").nth(photo).evaluate("moved => moved.style.transform.split('matrix')[0]")


def test_two_photos_are_zoomed_wiped_and_flickered_by_keyboard(desktop, address):
    open_two(desktop, address, EARLIER, LATER)
    expect_words(desktop, "Aligned by", "turned by 90°", "The ranges meet")
    first, second = panes(desktop).nth(0), panes(desktop).nth(1)
    whole = place_of(first, 0)
    first.focus()
    desktop.keyboard.press("+")
    desktop.keyboard.press("ArrowLeft")
    assert place_of(first, 0) != whole
    assert place_of(first, 0) == place_of(second, 1)  # linked
    desktop.keyboard.press("0")
    assert place_of(second, 1) == whole

    desktop.get_by_role("radio", name="Wipe").press("Enter")
    slider = desktop.get_by_role("slider", name="Share of the earlier photo")
    slider.press("End")
    shown = "layer => getComputedStyle(layer).clipPath"
    assert "100%" in first.locator(".layer").nth(1).evaluate(shown)
    slider.press("Home")
    assert "100%" not in first.locator(".layer").nth(1).evaluate(shown)

    desktop.get_by_role("radio", name="Flicker").press("Enter")
    expect(desktop.get_by_text("Now: Earlier")).to_be_visible()
    desktop.get_by_role("button", name="Show the other photo").press("Enter")
    expect(desktop.get_by_text("Now: Later")).to_be_visible()
    expect(first.locator(".layer").nth(0)).to_be_hidden()
    expect_no_crash(desktop)


def test_two_dates_by_keyboard_alone(desktop, address):
    desktop.goto(f"{address}/compare_dates")
    keys.upload(desktop, EARLIER, LATER)
    panes(desktop).first.wait_for()
    for day in ("20260105", "20260705"):
        wait_until_still(desktop)
        keys.press_tab_until(desktop, "year, Taken on")
        desktop.keyboard.type(day)
    keys.press_tab_until(desktop, "Help for Operating point")  # a day counts once its field is left
    expect_words(desktop, "181 days lie between the photos")
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


def test_photos_that_do_not_agree_are_aligned_by_points_given_by_mouse_and_keyboard(desktop, address):
    open_two(desktop, address, EARLIER, OTHER)
    expect_words(desktop, "could not be aligned")
    expect(desktop.get_by_role("radio", name="Wipe")).to_be_hidden()
    desktop.get_by_text("Align by points that I give").click()
    expect_words(desktop, "0 in the earlier one, 0 in the later one")
    for place in range(2):
        wait_until_still(desktop)
        pane = panes(desktop).nth(place)
        box = pane.bounding_box()
        pane.click(position={"x": 0.2 * box["width"], "y": 0.2 * box["height"]})
        expect(pane.locator(".mark")).to_have_count(1)
    for place in range(2):
        wait_until_still(desktop)
        panes(desktop).nth(place).focus()
        desktop.keyboard.press("Enter")  # in the middle
        expect(panes(desktop).nth(place).locator(".mark")).to_have_count(2)
    expect_words(desktop, "2 in the earlier one, 2 in the later one")
    wait_until_still(desktop)
    desktop.get_by_text("Show aligned").click()
    expect_words(desktop, "Aligned by the points that you gave: the later photo is turned by 0° and drawn at 100 %")
    expect(desktop.get_by_role("radio", name="Wipe")).to_be_visible()
    expect_no_crash(desktop)


def test_two_dates_for_readers_who_see_little(desktop, address):
    open_two(desktop, address, EARLIER, LATER)
    assert find_violations_in_both_windows(desktop) == []


def test_on_a_phone_nothing_is_cut_off(browser, address):
    with open_window(browser, "phone") as page:
        open_two(page, address, EARLIER, LATER)
        expect_words(page, "Aligned by")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
