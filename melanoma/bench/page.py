"""How soon the training tab is redrawn after a click, with thirty runs of 200 epochs, in Debian's Chromium."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.bench.server import CHROMIUM, PATIENCE_MS, serve_streamlit
from melanoma.run import DataFacts, NetworkInput, RunFacts, TrainingSettings, write_checksums, write_part
from melanoma.run.folder import FACTS

RUNS, EPOCHS = 30, 200
# Streamlit may draw into the same element or put a new one in its place: either is a drawing that was not seen before.
MARK = """() => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    plot.seen = true;
    plot.on('plotly_afterplot', () => { plot.seen = false; });
}"""
REDRAWN = """() => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    return Boolean(plot && !plot.seen && plot.querySelector('.scatterlayer .trace path'));
}"""
POINTS = """least => {
    const plot = document.querySelector('.st-key-chart-training .js-plotly-plot');
    return Boolean(plot && (plot.calcdata ?? []).reduce((sum, trace) => sum + trace.length, 0) >= least);
}"""
TABLE = "[class*='st-key-runs-'] [data-testid=stDataFrame] canvas"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def write_runs(folder: Path, count: int = RUNS, epochs: int = EPOCHS) -> None:
    """Made-up runs that keep their history only: three metrics with their validation twins, rate, seconds."""
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
        settings = TrainingSettings("made up", 224, epochs, 6400, monitor="val_balanced_accuracy")
        facts = RunFacts(
            name=run.name,
            state="finished",
            architecture=settings.architecture,
            input=NetworkInput(settings.input_size),
            settings=settings,
            data=DataFacts(fingerprint="", photos=10_000, lesion_groups=8_000),
            seed=settings.seed,
            started="2026-01-02T03:04:05",
            epochs=epochs,
        )
        write_part(run / FACTS, facts)
        write_checksums(run)


def measure_training_tab(repeats: int = 3, count: int = RUNS, epochs: int = EPOCHS) -> dict | None:
    """Seconds from a click until the curves of all runs have been redrawn: each click's, their median and worst.

    None where there is no Chromium or Playwright to look with.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if CHROMIUM is None:
        return None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        write_runs(Path(folder), count, epochs)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with serve_streamlit(["run", "app.py"], Path(folder)) as (_, address):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            seconds = time_clicks(page, address, repeats, 2 * count * epochs)
        chromium.close()
    every = [one for of_click in seconds.values() for one in of_click]
    return {
        "runs": count,
        "epochs": epochs,
        "clicks_s": {click: statistics.median(times) for click, times in seconds.items()},
        "median_s": statistics.median(every),
        "worst_s": max(every),
    }


def time_clicks(page, address: str, repeats: int, points: int) -> dict[str, list[float]]:
    """Click -> seconds: tick all runs once; then `repeats` times smoothing, log axis, another metric.

    points: of the curves of all runs, training and validation.
    """
    seconds: dict[str, list[float]] = {"all runs": [], "smoothing": [], "log axis": [], "metric": []}
    page.goto(f"{address}/performance?runs=made-up-00")
    wait_until_settled(page)
    table = page.locator(TABLE).first
    table.scroll_into_view_if_needed()
    corner = table.bounding_box()
    start = time.perf_counter()
    page.mouse.click(corner["x"] + 15, corner["y"] + 17)  # the tick in the head of the table ticks all
    page.wait_for_function(POINTS, arg=points, polling=10)
    page.evaluate(PAINTED)
    seconds["all runs"].append(time.perf_counter() - start)
    wait_until_settled(page)
    metrics = ("loss", "accuracy")
    for number in range(repeats):
        slider = page.get_by_role("slider", name="Smoothing")
        slider.focus()
        seconds["smoothing"].append(time_redraw(page, lambda: page.keyboard.press("ArrowRight")))
        toggle = page.locator(".st-key-log label").first
        seconds["log axis"].append(time_redraw(page, toggle.click))
        page.get_by_role("combobox", name="Metric").press("ArrowDown")  # by a click it may close again
        option = page.get_by_role("option", name=metrics[number % 2], exact=True)
        option.wait_for()
        seconds["metric"].append(time_redraw(page, option.click))
    return seconds


def time_redraw(page, click) -> float:
    """Seconds from `click` until the main chart has been drawn anew and painted."""
    page.evaluate(MARK)
    start = time.perf_counter()
    click()
    page.wait_for_function(REDRAWN, polling=10)
    page.evaluate(PAINTED)
    taken = time.perf_counter() - start
    wait_until_settled(page)
    return taken


def wait_until_settled(page) -> None:
    """Until the script has ended and the main chart is there."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator(".st-key-chart-training .scatterlayer .trace").first.wait_for(state="attached")
    page.wait_for_timeout(1000)  # drawings that a click's end still causes are not the next click's


if __name__ == "__main__":
    print(json.dumps(measure_training_tab(), indent=1))
