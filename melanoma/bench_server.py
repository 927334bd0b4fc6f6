"""How soon the real server shows its first page and its first answer, as Debian's Chromium sees it."""

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

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("MELANOMA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
LIBRARY = "libtensorflow"  # part of the names of TensorFlow's shared libraries
PATIENCE_MS = 60_000


def server(models: Path, photo: Path) -> dict | None:
    """Seconds from starting `streamlit run` to the first page and to the answer to `photo`; and `streamlit hello`'s.

    `models` is the folder of runs. None where there is no Chromium or Playwright to look with.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if CHROMIUM is None:
        return None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        hello = first_page(chromium, ["hello"], models, "Welcome to Streamlit")[0]
        page_s, answer_s, loaded = first_page(chromium, ["run", "app.py"], models, "Photo files", photo)
        chromium.close()
    return {"hello_page_s": hello, "first_page_s": page_s, "first_answer_s": answer_s, "tensorflow_loaded": loaded}


def first_page(chromium, words: list[str], models: Path, text: str, photo: Path | None = None) -> tuple:
    """Seconds to `text`, and with `photo` to its probabilities and heatmap; whether TensorFlow was loaded."""
    import psutil

    page = chromium.new_page()
    start = time.perf_counter()
    with streamlit(words, models) as (process, address):
        page.goto(address)
        page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)
        shown = time.perf_counter() - start
        answered = None
        if photo:
            page.locator("input[type=file]").first.set_input_files(photo)
            page.locator(".js-plotly-plot").nth(1).wait_for(timeout=PATIENCE_MS)
            answered = time.perf_counter() - start
        loaded = any(LIBRARY in part.path for part in psutil.Process(process.pid).memory_maps())
    page.close()
    return shown, answered, loaded


@contextmanager
def streamlit(words: list[str], models: Path) -> Iterator[tuple[subprocess.Popen, str]]:
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
