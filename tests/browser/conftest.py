"""The real server and Debian's Chromium."""

import os
from collections.abc import Iterator

import pytest
from visiting import CHROMIUM, QUIET, WINDOWS, open_window, serve_app


@pytest.fixture(scope="session")
def browser():
    """Chromium. Without one the test is skipped, or fails where MELANOMA_REQUIRE_BROWSER=1."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        missing = "no Chromium: install Debian's package `chromium`, or set MELANOMA_CHROMIUM to one"
        if os.environ.get("MELANOMA_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *QUIET]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(run) -> Iterator[str]:
    """Of the app on the runs that ship."""
    with serve_app() as url:
        yield url


@pytest.fixture(params=WINDOWS)
def page(browser, address, request):
    """The app's first page, in both windows."""
    with open_window(browser, request.param) as page:
        page.goto(address)
        yield page


@pytest.fixture
def desktop(browser):
    """A wide, light window on nothing yet."""
    with open_window(browser, "desktop") as page:
        yield page
