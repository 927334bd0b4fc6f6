"""How soon the real server shows its first page and its answers, as Debian's Chromium sees it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("MELANOMA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
LIBRARY = "libtensorflow"  # part of the names of TensorFlow's shared libraries
PATIENCE_MS = 60_000


def measure_server(models: Path, photo: Path) -> dict | None:
    """What a visitor waits for, in seconds; beside the first page of `streamlit hello`.

    first_page_s, first_answer_s: from starting `streamlit run` to the first page, and to the answer to `photo`
    with its heatmap. next_answer_s: from choosing the photo to the same, for the next visit to that server with
    that browser. `models` is the folder of runs. None where there is no Chromium or Playwright to look with.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if CHROMIUM is None:
        return None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        hello = time_hello_page(chromium, models)
        visits = time_visits(chromium, models, photo)
        chromium.close()
    return {"hello_page_s": hello, **visits}


def time_hello_page(chromium, models: Path) -> float:
    """Seconds from starting `streamlit hello` to its page."""
    page = chromium.new_page()
    start = time.perf_counter()
    with serve_streamlit(["hello"], models) as (_, address):
        page.goto(address)
        page.get_by_text("Welcome to Streamlit").first.wait_for(timeout=PATIENCE_MS)
        seconds = time.perf_counter() - start
    page.close()
    return seconds


def time_visits(chromium, models: Path, photo: Path) -> dict:
    """The times of `measure_server` that the app gives, and whether TensorFlow was loaded for them."""
    import psutil

    def open_page() -> float:
        page.goto(address)
        page.get_by_text("Photo files").first.wait_for(timeout=PATIENCE_MS)
        return time.perf_counter()

    def choose_photo() -> float:
        page.locator("input[type=file]").first.set_input_files(photo)
        page.locator(".js-plotly-plot").nth(1).wait_for(timeout=PATIENCE_MS)
        return time.perf_counter()

    page = chromium.new_page()
    start = time.perf_counter()
    with serve_streamlit(["run", "app.py"], models) as (process, address):
        first_page, first_answer = open_page() - start, choose_photo() - start
        page.wait_for_timeout(1000)
        again = open_page()
        next_answer = choose_photo() - again
        loaded = any(LIBRARY in part.path for part in psutil.Process(process.pid).memory_maps())
    page.close()
    return {
        "first_page_s": first_page,
        "first_answer_s": first_answer,
        "next_answer_s": next_answer,
        "tensorflow_loaded": loaded,
    }


@contextmanager
def serve_streamlit(words: list[str], models: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """A Streamlit server that listens; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", *words, *options],
        cwd=ROOT,
        env=os.environ | {"MELANOMA_MODELS": str(models)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(process, port)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(process: subprocess.Popen, port: int) -> None:
    """Until the server accepts connections. RuntimeError when it ends by itself, or after PATIENCE_MS."""
    give_up = time.monotonic() + PATIENCE_MS / 1e3
    while process.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the Streamlit server did not start")
