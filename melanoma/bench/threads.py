"""How many threads a forward pass wants: on idle cores, and beside others' work. `python -m melanoma.bench.threads`.

One thread; two that spin while one waits for the other, which is ONNX Runtime's usual way; two that do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from melanoma.run import DEFAULT_RUN, find_run
from melanoma.run.folder import ONNX
from melanoma.serving.engines import PIXELS

WAYS = {"one thread": (1, False), "two, spinning": (2, True), "two, not spinning": (2, False)}
BUSY, CALLERS = (0, 1, 2), (1, 2, 4)  # processes that do nothing but work; people who ask at the same time
PASSES, ROUNDS = 40, 3  # of each caller; the ways take turns, ROUNDS times


@dataclass(frozen=True)
class Measurement:
    """Milliseconds of a forward pass: medians over the rounds of median and 95th percentile."""

    busy: int
    callers: int
    way: str
    p50_ms: float
    p95_ms: float


def open_session(path: Path, threads: int, spins: bool):
    """The network in ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])


@contextmanager
def work_beside(processes: int) -> Iterator[None]:
    """So many processes keep a core busy each."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def time_passes(session, pixels: np.ndarray, callers: int) -> list[float]:
    """Milliseconds of PASSES forward passes of each caller, all at the same time."""

    def call(_: int) -> list[float]:
        times = []
        for _ in range(PASSES):
            start = time.perf_counter()
            session.run(None, {PIXELS: pixels})
            times.append(1e3 * (time.perf_counter() - start))
        return times

    with ThreadPoolExecutor(callers) as pool:
        return [one for times in pool.map(call, range(callers)) for one in times]


def measure(path: Path) -> Iterator[Measurement]:
    """Every way, beside all that BUSY and CALLERS name."""
    sessions = {way: open_session(path, *how) for way, how in WAYS.items()}
    side = int(next(iter(sessions.values())).get_inputs()[0].shape[1])
    pixels = np.random.default_rng(0).uniform(0, 255, (1, side, side, 3)).astype(np.float32)
    for busy in BUSY:
        with work_beside(busy):
            for callers in CALLERS:
                taken: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
                for _ in range(ROUNDS):
                    for way, session in sessions.items():
                        p50, p95 = np.percentile(time_passes(session, pixels, callers), (50, 95))
                        taken[way].append((float(p50), float(p95)))
                for way, rounds in taken.items():
                    p50, p95 = np.median(rounds, axis=0)
                    yield Measurement(busy, callers, way, round(float(p50), 1), round(float(p95), 1))


if __name__ == "__main__":
    print(json.dumps({"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}))
    for measurement in measure(find_run(DEFAULT_RUN).folder / ONNX):
        print(json.dumps(asdict(measurement)), flush=True)
