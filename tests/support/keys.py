"""A visitor who has a keyboard alone: Tab until something has the focus, then keys. Never a click, never `focus()`."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from visiting import wait_until_still

OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"
FOCUS = """() => {
    let e = document.activeElement;
    while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; // within a component
    const p = e.closest('[role=radiogroup], [role=group]');
    const labels = [...(e.labels || [])].map(l => l.innerText);
    if (['MAIN', 'BODY'].includes(e.tagName)) return e.tagName;
    return [e.tagName, e.getAttribute('role'), e.innerText, e.getAttribute('aria-label'), ...labels,
            p && p.getAttribute('aria-label')].filter(Boolean).join(' | ');
}"""


def press_tab_until(page: Page, target: str, most: int = 60) -> list[str]:
    """Press Tab until what has the focus matches `target`; all that had it on the way."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUS))
        if re.search(target, passed[-1], re.DOTALL):
            return passed
    pytest.fail(f"Tab does not reach {target}, only {passed}")


def press(page: Page, target: str, key: str = "Enter") -> None:
    """A key on a button or a link, once the page stands still; then what it does."""
    wait_until_still(page)
    press_tab_until(page, target)
    page.keyboard.press(key)
    wait_until_still(page)


def write(page: Page, label: str, text: str) -> None:
    """Into a field of text or numbers."""
    wait_until_still(page)
    press_tab_until(page, rf"INPUT.*{label}")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    wait_until_still(page)


def choose(page: Page, label: str, option: str) -> None:
    """From a list, by typing."""
    wait_until_still(page)
    press_tab_until(page, rf"INPUT.*{label}")
    page.keyboard.type(option)
    page.get_by_role("option", name=option).first.wait_for()
    page.keyboard.press("Enter")
    wait_until_still(page)


def upload(page: Page, *files: dict) -> None:
    """Photos, by the button of the uploader."""
    wait_until_still(page)
    press_tab_until(page, "BUTTON.*Upload")
    with open_chooser(page) as event:
        page.keyboard.press("Enter")
    event.value.set_files(list(files))


@contextlib.contextmanager
def open_chooser(page: Page) -> Iterator[Any]:
    """Expect the browser's dialog for files. Playwright does not wait until Chromium leaves the dialog to it, so that a
    key pressed at once would open a dialog that nobody sees: hence one question to Chromium in between."""
    with page.expect_file_chooser() as event:
        page.evaluate("0")
        yield event
