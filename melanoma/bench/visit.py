"""What a visitor waits for at a server that runs: first page, photo to words and map, tabs, the next photo.

`python -m melanoma.bench.visit`. Each also as a ratio to the page of `streamlit hello`: machines differ.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from melanoma.bench.server import CHROMIUM, PATIENCE_MS, serve_streamlit
from melanoma.photo.specimens import SPECIMENS
from melanoma.run import MODELS

ROUNDS = 5
AT_REST = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const waiting = '[data-testid=stSkeleton], [data-testid=stSpinner], [data-testid=stProgress]';
    if (app?.dataset.testScriptState !== 'notRunning' || document.querySelector(waiting)) delete window.restSince;
    else window.restSince ??= performance.now();
    return performance.now() - window.restSince > 300;
}"""
REST_S = 0.3  # that AT_REST waits, to be sure; no visitor does
WORDS, DRAWN = ".st-key-decision h2", ".st-key-heatmap .main-svg image"
THERE = "selector => Boolean(document.querySelector(selector))"
ON_PAGE = "words => document.querySelector('[data-testid=stMain]').innerText.includes(words)"
POLL_MS = 10  # Playwright's own wait for an element looks every half second, once it has looked five times
TABS = ("Test results", "Operating point", "Compare", "Training")


def measure_visits() -> dict | None:
    """Medians of ROUNDS, in seconds and as ratios to the hello page; None where there is no Chromium or Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if CHROMIUM is None:
        return None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photos = write_photos(Path(folder))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        times: dict[str, list[float]] = {}
        with serve_streamlit(["hello"], MODELS) as (_, hello), serve_streamlit(["run", "app.py"], MODELS) as (_, app):
            for _ in range(ROUNDS + 1):  # the first one warms both servers
                seconds = {"hello page": time_first_page(chromium, hello), **time_visit(chromium, app, photos)}
                for name, one in seconds.items():
                    times.setdefault(name, []).append(one)
        chromium.close()
    medians = {name: statistics.median(every[1:]) for name, every in times.items()}
    return {"seconds": medians, "over hello": {name: one / medians["hello page"] for name, one in medians.items()}}


def write_photos(folder: Path) -> list[Path]:
    """Two drawings as files."""
    paths = [folder / f"{number}.png" for number in range(2)]
    for path, specimen in zip(paths, SPECIMENS, strict=False):
        path.write_bytes(specimen.as_png())
    return paths


def time_first_page(chromium, address: str) -> float:
    """Seconds until a page stands still in a browser that has seen nothing yet."""
    page = chromium.new_context().new_page()
    start = time.perf_counter()
    page.goto(address)
    wait_for_rest(page)
    seconds = time.perf_counter() - start - REST_S
    page.context.close()
    return seconds


def time_visit(chromium, address: str, photos: list[Path]) -> dict[str, float]:
    """What one visitor waits for, in a browser that has seen nothing yet."""
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    start = time.perf_counter()
    page.goto(address)
    wait_for_rest(page)
    seconds = {"first page": time.perf_counter() - start - REST_S}
    start = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(photos)
    page.wait_for_function(THERE, arg=WORDS, polling=POLL_MS)
    seconds["photo to words"] = time.perf_counter() - start
    page.wait_for_function(THERE, arg=DRAWN, polling=POLL_MS)
    seconds["photo to map"] = time.perf_counter() - start
    wait_for_rest(page)
    seconds["next photo"] = time_until(page, "2 of 2", lambda: page.keyboard.press("n"))
    page.goto(f"{address}/performance")
    wait_for_rest(page)
    for tab in TABS:
        start = time.perf_counter()
        page.get_by_role("tab", name=tab, exact=True).click()
        wait_for_rest(page)
        seconds[f"tab {tab}"] = time.perf_counter() - start - REST_S
    page.context.close()
    return seconds


def time_until(page, words: str, act: Callable[[], None]) -> float:
    """Seconds from an act until these words stand on the page."""
    start = time.perf_counter()
    act()
    page.wait_for_function(ON_PAGE, arg=words, polling=POLL_MS)
    return time.perf_counter() - start


def wait_for_rest(page) -> None:
    """Until the script has ended and nothing says that it is still being made, for a moment."""
    page.evaluate("delete window.restSince")
    page.wait_for_function(AT_REST, polling=POLL_MS, timeout=PATIENCE_MS)


if __name__ == "__main__":
    print(json.dumps(measure_visits(), indent=1))
