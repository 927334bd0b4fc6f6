"""What every visit to the app does: start it, open a window, wait until a page stands still, read what it says."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from melanoma.photo.synthetic import example_bytes

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = {"desktop": (1280, "light"), "phone": (390, "dark")}
CHROMIUM = os.environ.get("MELANOMA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE_MS = 90_000  # for a machine that does other things at the same time
expect.set_options(timeout=PATIENCE_MS)
EXAMPLE = {"name": "example.png", "mimeType": "image/png", "buffer": example_bytes()}
EXCUSED = {
    # The frame in which st.table scrolls sideways has no tabindex, and none can be given. Chromium and Firefox give the
    # keyboard to such a frame all the same; test_a_wide_table_is_scrolled_by_keyboard holds it to that.
    "scrollable-region-focusable": ".stTable",
}
RUNNING = "[data-testid=stSpinner], [data-testid=stProgress], [data-testid=stSkeleton]"
STILL_MS = 300
STILL = """([running, moment]) => {
    const app = document.querySelector("[data-testid=stApp]");
    if (app?.dataset.testScriptState !== "notRunning" || document.querySelector(running)) delete window.stillSince;
    else window.stillSince ??= performance.now();
    return performance.now() - window.stillSince > moment;
}"""


@contextlib.contextmanager
def serve_app(models: Path | None = None) -> Iterator[str]:
    """Address of the app, started as users start it; `models`: another folder of runs than the one that ships."""
    with start_server({"MELANOMA_MODELS": str(models)} if models else {}) as (url, _):
        yield url


def find_port() -> int:
    """A free one on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def limit_files(size: int) -> list[str]:
    """What stands before a command that may put no more bytes into any file, also a temporary one without a name.

    Pipes are no files.
    """
    return ["prlimit", f"--fsize={size}", "--core=0", "--"]


@contextlib.contextmanager
def start_server(
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    *,
    port: int | None = None,
    address: str | None = "127.0.0.1",
    before: Sequence[str] = (),
    **more,
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Address and process of the app. options: of `streamlit run`; before: the command; more: of `Popen`."""
    port = port or find_port()
    command = [*before, sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true", *(["--server.address", address] if address else []), *options]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | dict(environment or {}), **more)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, server)
        yield url, server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:  # how soon a server ends is not what these tests are about
            server.kill()
            server.wait(20)


def wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    give_up = time.monotonic() + 120
    while True:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            assert time.monotonic() < give_up, "the server did not answer"
        time.sleep(0.2)  # a server that starts has nothing to wait on but its answer


@contextlib.contextmanager
def open_window(browser: Browser, window: str) -> Iterator[Page]:
    """A fresh page, `desktop`: wide and light, or `phone`: narrow and dark."""
    width, scheme = WINDOWS[window]
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def find_photo(request) -> dict:
    """A real photo as an upload; skips, saying so, where there are none."""
    real = sorted(request.getfixturevalue("data").glob("ham10000_600x450/ISIC_???????.jpg"))[0]
    return {"name": real.name, "mimeType": "image/jpeg", "buffer": real.read_bytes()}


def wait_until_still(page: Page, timeout: float | None = None) -> None:
    """Wait until the script has ended and nothing says that it is still being made, for a moment: between a click and
    the run that it starts, the script stands still too. timeout: ms."""
    page.evaluate("delete window.stillSince")
    page.wait_for_function(STILL, arg=[RUNNING, STILL_MS], timeout=timeout)


def upload(page: Page, *files: dict) -> None:
    """Give the page photos, once it stands still."""
    field = page.locator("input[type=file]")
    field.wait_for(state="attached")
    wait_until_still(page)
    field.set_input_files(list(files))


def read(page: Page) -> str:
    """All that the page's main part says at this moment; what it should come to say is for `expect_words`."""
    return page.get_by_test_id("stMain").inner_text()


def expect_words(page: Page, *words: str) -> None:
    """Wait until the page's main part says each of these."""
    for one in words:
        expect(page.get_by_test_id("stMain")).to_contain_text(one, use_inner_text=True)


def expect_no_crash(page: Page) -> None:
    """Neither a traceback nor Streamlit's box for one, in any tab."""
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in read(page)


def go_to_page(page: Page, name: str) -> None:
    """By the navigation, which a narrow window keeps in its sidebar: opened for it, and closed if it stays open."""
    narrow = page.viewport_size["width"] < 600
    link = page.get_by_role("link", name=name, exact=True)
    if narrow:
        page.get_by_test_id("stExpandSidebarButton").click()
    link.click()
    page.get_by_role("heading", level=1, name=re.compile(name)).wait_for()
    wait_until_still(page)
    close = page.get_by_test_id("stSidebarCollapseButton")
    if narrow and close.is_visible():
        close.click()


def open_example(page: Page) -> None:
    """Open the synthetic example, on Analyze or Explain, and wait for its decision."""
    button = page.get_by_role("button", name="Synthetic example")
    button.wait_for()
    wait_until_still(page)
    button.click()
    page.get_by_role("heading", name="Malignancy probability").wait_for()
    wait_until_still(page)


def go_to_tab(page: Page, name: str) -> Locator:
    """Click a tab; its panel."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.locator(f"[role=tab][aria-selected=true]:has-text('{name}')").wait_for()
    return page.get_by_role("tabpanel", name=name)


def open_list(page: Page, choice: Locator) -> list[str]:
    """Open a list by keyboard; what it offers. It closes when the page moves below it, as it does while charts arrive
    or make room for the sidebar: then again."""
    for _ in range(10):
        choice.press("ArrowDown")
        with contextlib.suppress(TimeoutError):
            page.get_by_role("option").nth(1).wait_for(timeout=3000)
            if offered := page.get_by_role("option").all_inner_texts():
                return offered
    pytest.fail("the list does not open")


def download(page: Page, label: str, place: Locator | None = None) -> tuple[str, bytes]:
    """Name and content of the file behind a button."""
    with page.expect_download() as event:
        (place or page).get_by_role("button", name=label, exact=True).first.click()
    return event.value.suggested_filename, Path(event.value.path()).read_bytes()


def unfold(page: Page, title: str) -> None:
    """Open an expander, and wait until it is: a click on what still moves may be lost."""
    folder = page.get_by_test_id("stExpander").filter(has_text=title)
    folder.locator("summary").click()
    folder.locator("details[open]").wait_for()
    still = "folder => folder.getAnimations({subtree: true}).every(one => one.playState !== 'running')"
    page.wait_for_function(still, arg=folder.element_handle())


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list by typing, as a keyboard user does."""
    choice = page.get_by_role("combobox", name=label)
    wait_until_still(page)
    choice.click()
    choice.fill(option)
    page.get_by_role("option", name=option).first.wait_for()
    choice.press("Enter")


FOCUSABLE_TABS = """() => [...document.querySelectorAll("[role=tablist]")].every(
    list => list.querySelector("[role=tab][tabindex='0']"))"""


def find_violations(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it is now, a line an element; less what is `EXCUSED`."""
    from axe_playwright_python.sync_playwright import Axe

    # A list of tabs cannot be focused for a moment while it is drawn anew; if it stays so, this fails.
    page.wait_for_function(FOCUSABLE_TABS)
    rules = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) at {node['target'][-1]}: {node['html'][:160]} {node['failureSummary']}"
        for rule in rules
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if EXCUSED.get(rule["id"], "nothing") not in node["target"][-1]
    ]


def find_violations_in_both_windows(page: Page) -> list[str]:
    """The same in the window as it is, wide and light, and then narrow and dark, as when a reader changes them."""
    lines = [f"light: {line}" for line in find_violations(page)]
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = page.evaluate(ground)
    width, scheme = WINDOWS["phone"]
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"light => {ground} !== light", arg=light)
    wait_until_still(page)
    return lines + [f"dark: {line}" for line in find_violations(page)]
