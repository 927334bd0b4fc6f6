"""The maps that need TensorFlow, drawn in a process of their own, which ends when nobody has asked for some minutes.

TensorFlow holds some 1.5 GB, and gives nothing back. Here it never enters the process that serves everybody.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread, Timer

import numpy as np

from melanoma.explain.heatmaps import Contrast, Heatmap
from melanoma.explain.methods import DEFAULT_METHOD, Method
from melanoma.explain.worker import Answer, Drawing, Job, What
from melanoma.photo.worker import receive, send
from melanoma.run import Run, RunError
from melanoma.serving.turns import Turns

TURNS = Turns(1, patience=120)  # for who draws
IDLE = 300  # seconds without a job, after which the process ends
SECONDS = 240  # for one job, the start of the process included; most take two to fifteen
START = "from melanoma.explain.worker import main; main()"
ROOT = Path(__file__).resolve().parents[2]

TOO_SLOW = "The heatmap took too long, and was given up. Try again when fewer people work."
ENDED = "The process that draws heatmaps has ended, perhaps for want of memory. Try again."


class DrawingProcess:
    """At most one process, started by a job and ended after IDLE seconds without one. One job at a time.

    Safe to share between threads.
    """

    def __init__(self, idle: float = IDLE, seconds: float = SECONDS):
        self._idle, self._seconds = idle, seconds
        self._lock = Lock()
        self._process: subprocess.Popen | None = None
        self._jobs = 0  # so far
        self._ending = Timer(0, lambda: None)
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """Of the process while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, job: Job, pixels: np.ndarray) -> list[Heatmap | Contrast]:
        """pixels: (s, s, 3) uint8. Raises RunError: for the run's own reasons, or where the process fails."""
        with self._lock:
            self._ending.cancel()
            try:
                answer, values = self._ask(job, np.ascontiguousarray(pixels, np.uint8).tobytes())
            finally:
                self._jobs += 1
                self._ending = Timer(self._idle, self._end_if_idle, (self._jobs,))
                self._ending.daemon = True
                self._ending.start()
        if answer.error:
            raise RunError(answer.error)
        return read_drawings(answer.drawings, values)

    def _ask(self, job: Job, content: bytes) -> tuple[Answer, bytes]:
        """Within the lock. A process that something else ended since the last job is started anew."""
        if self.pid is None:
            self._end()
            self._process = start_process()
        process = self._process
        assert process and process.stdin and process.stdout  # pipes
        late = Timer(self._seconds, process.kill)
        late.daemon = True
        give_up = time.monotonic() + self._seconds
        late.start()
        try:
            send(process.stdin, job, content)
            return receive(process.stdout, Answer)
        except (EOFError, OSError) as error:
            self._end()
            raise RunError(TOO_SLOW if time.monotonic() >= give_up else ENDED) from error
        finally:
            late.cancel()

    def _end_if_idle(self, jobs: int) -> None:
        """Where no job has come after so many."""
        with self._lock:
            if self._jobs == jobs:
                self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was not sent stays so
                pipe.close()  # type: ignore[union-attr]

    def close(self) -> None:
        """End the process, whatever it does."""
        self._ending.cancel()
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()


def start_process() -> subprocess.Popen:
    """It does not wait for TensorFlow."""
    places = [str(ROOT), *filter(None, sys.path)]
    return subprocess.Popen(
        [sys.executable, "-P", "-c", START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is not for it: it ends when its standard input does
        env=os.environ | {"PYTHONPATH": os.pathsep.join(places), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def read_drawings(drawings: tuple[Drawing, ...], values: bytes) -> list[Heatmap | Contrast]:
    """Heatmaps and contrasts from what the process sends."""
    read: list[Heatmap | Contrast] = []
    start = 0
    for one in drawings:
        size = one.height * one.width
        own = np.frombuffer(values, np.float32, size, 4 * start).reshape(one.height, one.width)
        start += size
        if one.against:
            read.append(Contrast(own, float(np.abs(own).max()), one.diagnosis, one.against, one.layer))
        else:
            read.append(Heatmap.of(own, one.diagnosis, one.method, one.layer))
    return read


DRAWING = DrawingProcess()


@dataclass(frozen=True)
class RemoteExplainer:
    """What `explainer.Explainer` does, in the drawing process. Costs nothing until it is asked."""

    run: Run
    process: DrawingProcess = DRAWING

    def make_heatmap(self, pixels: np.ndarray, diagnosis: str, method: Method = DEFAULT_METHOD) -> Heatmap:
        """As `Explainer.make_heatmap`. Raises RunError."""
        return self._ask(pixels, "heatmap", diagnosis, method=method)[0]

    def make_heatmaps(self, pixels: np.ndarray, method: Method = DEFAULT_METHOD) -> dict[str, Heatmap]:
        """As `Explainer.make_heatmaps`. Raises RunError."""
        return {heatmap.diagnosis: heatmap for heatmap in self._ask(pixels, "heatmaps", method=method)}

    def make_contrast(self, pixels: np.ndarray, diagnosis: str, against: str) -> Contrast:
        """As `Explainer.make_contrast`. Raises RunError."""
        return self._ask(pixels, "contrast", diagnosis, against)[0]

    def warm_up(self) -> Thread | None:
        """Have the process start and open the network, so that the first map takes less; returns at once.

        The thread that waits for it, or None where there is a process already. What is wrong is said when a map is
        asked for.
        """
        if self.process.pid is not None:
            return None
        waiting = Thread(target=self._open, daemon=True)
        waiting.start()
        return waiting

    def _open(self) -> None:
        side = self.run.input_size
        with suppress(RunError):
            self._ask(np.zeros((side, side, 3), np.uint8), "open")

    def _ask(
        self, pixels: np.ndarray, what: What, diagnosis: str = "", against: str = "", method=DEFAULT_METHOD
    ) -> list:
        job = Job(str(self.run.folder), self.run.answer_sha256, what, len(pixels), diagnosis, against, method)
        return self.process.ask(job, pixels)
