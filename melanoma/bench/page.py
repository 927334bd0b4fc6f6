"""How soon the training tab is redrawn after a click, with thirty runs of 200 epochs, in Debian's Chromium."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.bench.server import CHROMIUM, PATIENCE_MS, streamlit
from melanoma.diagnoses import CODES
from melanoma.run import folder as runs

RUNS, EPOCHS = 30, 200
# Streamlit may draw into the same element or put a new one in its place: either is a drawing that was not seen before.
MARK = """() => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    plot.seen = true;
    plot.on('plotly_afterplot', () => { plot.seen = false; });
}"""
DRAWN = """() => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    return Boolean(plot && !plot.seen && plot.querySelector('.scatterlayer .trace path'));
}"""
POINTS = """least => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    return Boolean(plot && (plot.calcdata ?? []).reduce((sum, trace) => sum + trace.length, 0) >= least);
}"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def write_runs(folder: Path, count: int = RUNS, epochs: int = EPOCHS) -> None:
    """Made-up sealed runs that keep figures only: three metrics with their validation twins, rate, seconds."""
    random = np.random.default_rng(0)
    epoch = np.arange(1, epochs + 1)
    for number in range(count):
        run = folder / f"made-up-{number:02}"
        run.mkdir(parents=True)
        log: dict[str, np.ndarray] = {"epoch": epoch}
        for metric, sign in (("loss", 1), ("accuracy", -1), ("balanced_accuracy", -1)):
            for prefix, end in (("", 0.2), ("val_", 0.35)):
                fall = (0.9 - end) * np.exp(-epoch / random.uniform(15, 60)) + end
                curve = fall + random.normal(0, 0.01, epochs)
                log[prefix + metric] = (curve if sign > 0 else 1 - curve).round(5)
        log |= {"learning_rate": 1e-3 * 0.98**epoch, "seconds": random.uniform(50, 70, epochs).round(1)}
        pd.DataFrame(log).to_csv(run / "history.csv", index=False)
        facts = {"state": "finished", "architecture": "made up", "protocol": "lesion-grouped", "classes": list(CODES)}
        facts |= {"arguments": {"monitor": "val_balanced_accuracy", "epochs": epochs}, "input": {"size": 224}}
        facts |= {"data": {"photos": 10_000}, "started": "2026-01-02T03:04:05"}
        runs.write_json(run / "run.json", facts)
        runs.seal(run)


def training_tab(repeats: int = 3) -> dict | None:
    """Seconds from a click until the curves of all thirty runs have been redrawn: each click's, their median and worst.

    None where there is no Chromium or Playwright to look with.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if CHROMIUM is None:
        return None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        write_runs(Path(folder))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with streamlit(["run", "app.py"], Path(folder)) as (_, address):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            taken = clicks(page, address, repeats)
        chromium.close()
    every = [seconds for of_click in taken.values() for seconds in of_click]
    return {
        "runs": RUNS,
        "epochs": EPOCHS,
        "clicks_s": {click: statistics.median(seconds) for click, seconds in taken.items()},
        "median_s": statistics.median(every),
        "worst_s": max(every),
    }


def clicks(page, address: str, repeats: int) -> dict[str, list[float]]:
    """Click -> seconds: tick all runs once; then `repeats` times smoothing, log axis, another metric."""
    taken: dict[str, list[float]] = {"all runs": [], "smoothing": [], "log axis": [], "metric": []}
    page.goto(f"{address}/performance?runs=made-up-00")
    settled(page)
    corner = page.get_by_test_id("stDataFrame").first.locator("canvas").first.bounding_box()
    start = time.perf_counter()
    page.mouse.click(corner["x"] + 15, corner["y"] + 17)  # the tick in the head of the table ticks all
    page.wait_for_function(POINTS, arg=2 * RUNS * EPOCHS, polling=10)
    page.evaluate(PAINTED)
    taken["all runs"].append(time.perf_counter() - start)
    settled(page)
    metrics = ("loss", "accuracy")
    for number in range(repeats):
        slider = page.get_by_role("slider", name="Smoothing")
        slider.focus()
        taken["smoothing"].append(redrawn(page, lambda: page.keyboard.press("ArrowRight")))
        toggle = page.locator(".st-key-log label").first
        taken["log axis"].append(redrawn(page, toggle.click))
        page.get_by_role("combobox", name="Metric").click()
        option = page.get_by_role("option", name=metrics[number % 2], exact=True)
        option.wait_for()
        taken["metric"].append(redrawn(page, option.click))
    return taken


def redrawn(page, click) -> float:
    """Seconds from `click` until the main chart has been drawn anew and painted."""
    page.evaluate(MARK)
    start = time.perf_counter()
    click()
    page.wait_for_function(DRAWN, polling=10)
    page.evaluate(PAINTED)
    seconds = time.perf_counter() - start
    settled(page)
    return seconds


def settled(page) -> None:
    """Until the script has ended and the main chart is there."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator(".st-key-chart-training .scatterlayer .trace").first.wait_for(state="attached")
    page.wait_for_timeout(1000)  # drawings that a click's end still causes are not the next click's


if __name__ == "__main__":
    print(json.dumps(training_tab(), indent=1))
