"""`read_photo` in a process that can be ended: however a file is made, it costs so many seconds and so much memory.

Limits before decoding (limits.py) know the costly files that were thought of. This one knows none and stops them all:
a decoder in C cannot be interrupted in the process of the app, but another process can be killed.

The processes are plain children that run `worker.py`, not `multiprocessing`'s: these would import the main module,
which is Streamlit's in the app. Every file goes through them, cheap formats too, so that there is one way to read.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TypeVar

import numpy as np

from melanoma.photo.deadline import Deadline
from melanoma.photo.interruption import Interruption, measure_work
from melanoma.photo.limits import MAX_PIXELS, PhotoError, check_bytes
from melanoma.photo.photos import ONE_AT_A_TIME, Photo
from melanoma.photo.preparation import PreparedPhoto
from melanoma.photo.worker import Answer, Job, receive, send

SECONDS = 20  # of work on one photo, at most; the largest that are read take up to ten
# A small file gets less, so that whoever would keep all workers busy must send much: seconds, and those for each MB.
LEAST_SECONDS, SECONDS_A_MB = 6.0, 5.0
PATIENCE = 4  # times as long it may take until it is done, on a busy machine or by a decoder that waits for something
STARTING = 120  # seconds until a worker has started
WORKERS = 3  # as many as `score` has threads; they start when they are needed, and stay
START = "from melanoma.photo.worker import main; main()"
READER = "melanoma.photo.photos:read_photo"
ROOT = Path(__file__).resolve().parents[2]
Value = TypeVar("Value", Photo, PreparedPhoto)
PIPE = 2**18  # bytes; pixels pass through it faster than through the usual 64 KiB

TOO_SLOW = (
    "This photo takes longer to read than any camera's photo does: export it again as JPEG or PNG and use that file."
)
ENDED = (
    "This photo could not be read, as it is damaged or needs too much memory: "
    "export it again as JPEG or PNG, or at a smaller size, and use that file."
)
NOT_STARTED = "the process that reads photos does not start: `python -c 'import melanoma.photo.worker'` may say why"

# Gives what to hold while a large picture is decoded: of several at once, each would fill the memory.
Large = Callable[[], AbstractContextManager]


def one_at_a_time() -> AbstractContextManager:
    """What is held where nobody says otherwise: first come, first served, however long it takes."""
    return ONE_AT_A_TIME


class TooSlowError(PhotoError):
    """A photo that took too long to read; the message is TOO_SLOW."""


class Worker:
    """One process that reads photos, one at a time.

    has_started: it was ready once; is_idle: it waits for a photo.
    """

    def __init__(self, reader: str):
        places = [str(ROOT), *filter(None, sys.path)]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, reader],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # some decoders print what a file says of itself
            pipesize=PIPE,
            start_new_session=True,  # Ctrl-C is not for it: it ends when its standard input does
            # With one thread it starts sooner, and its addresses are left for photos.
            env=os.environ | {"PYTHONPATH": os.pathsep.join(places), "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._process.stdin and self._process.stdout  # pipes
        self._jobs, self._answers = self._process.stdin, self._process.stdout
        self._deadline = Deadline(self._end_late)
        self.has_started = self._is_late = False
        self.is_idle = True
        self._begun: tuple[float, float] | None = None  # by the clock, and by `measure_work`; None: not at work

    @property
    def is_overdue(self) -> bool:
        """Whether the process has ended because a photo took too long."""
        worked_too_long = sys.platform != "win32" and self._process.poll() == -signal.SIGPROF
        return self.has_started and (self._is_late or worked_too_long)

    @property
    def seconds_of_work(self) -> float:
        """On the photo that it decodes; one PATIENCE-th of the time counts as work, whatever a decoder waits for."""
        if (begun := self._begun) is None:
            return 0.0
        clock, work = begun
        return max(measure_work(self._process.pid) - work, (time.monotonic() - clock) / PATIENCE)

    def read(self, data: bytes, smallest_side: int | None, seconds: float, large: Large = one_at_a_time) -> Photo:
        """As `read_photo`. Raises EOFError or OSError where the process ends before it has answered."""
        answer, pixels = self._read(data, Job(seconds, smallest_side), large)
        return Photo(pixels, answer.sha256, answer.format, answer.notes, answer.original_size)

    def prepare(self, data: bytes, smallest_side: int | None, seconds: float, input_size: int) -> PreparedPhoto:
        """As `read_photo` and then `prepare_photo`; else as `read`."""
        answer, crop = self._read(data, Job(seconds, smallest_side, input_size))
        if answer.assessment is None:
            raise EOFError
        return PreparedPhoto(answer.sha256, crop, answer.assessment, np.frombuffer(answer.fingerprint, np.uint8))

    def _read(self, data: bytes, job: Job, large: Large = one_at_a_time) -> tuple[Answer, np.ndarray]:
        """The answer and the (height, width, 3) uint8 that follow it."""
        self.is_idle = False
        if not self.has_started:
            with self._deadline.limit(STARTING):
                receive(self._answers, Answer)
            self.has_started = True
        answer, content = self._ask(job, data)
        if answer.is_large:
            with large():
                answer, content = self._ask(Job(job.seconds))
        if len(content) != 3 * answer.height * answer.width:
            raise EOFError
        self.is_idle = True
        if answer.error:
            raise PhotoError(answer.error)
        return answer, np.frombuffer(content, np.uint8).reshape(answer.height, answer.width, 3)

    def _ask(self, job: Job, data: bytes = b"") -> tuple[Answer, bytes]:
        self._begun = time.monotonic(), measure_work(self._process.pid)
        try:
            with self._deadline.limit(PATIENCE * job.seconds):
                send(self._jobs, job, data)
                return receive(self._answers, Answer, 3 * MAX_PIXELS)
        finally:
            self._begun = None

    def _end_late(self) -> None:
        """End the process, and with it the wait for what it would have sent."""
        self._is_late = True
        self.kill()

    def kill(self) -> None:
        """End the process amid its work: what waits for its answer gets EOFError."""
        self._process.kill()

    def end(self) -> None:
        """End the process, whatever it does."""
        self._deadline.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._jobs, self._answers):
            with suppress(OSError):  # what was not sent stays so
                pipe.close()


class WorkerPool:
    """Workers for a few photos at once, each started when the others are busy. Safe to share between threads.

    reader: `module:function` of what reads a photo in them.
    """

    def __init__(self, most: int = WORKERS, reader: str = READER):
        self._most, self._reader = most, reader
        self._forget()
        atexit.register(self.close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)  # two processes at one pipe would mix up photos

    def _forget(self) -> None:
        """Begin without workers."""
        self._turns, self._lock = BoundedSemaphore(self._most), Lock()
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []

    @property
    def processes(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    def start(self) -> None:
        """Start a worker if there is none, and do not wait for it: the first photo then need not either."""
        with self._lock:
            if not self._workers:
                self._idle.append(self._start())

    def read(
        self,
        data: bytes,
        smallest_side: int | None = None,
        seconds: float | None = None,
        interruption: Interruption | None = None,
        large: Large = one_at_a_time,
    ) -> Photo:
        """As `read_photo_safely`, within so many seconds of work; None: as `allow_seconds`.

        interruption: by which another thread may end it, which raises EndedError.
        """
        limit = allow_seconds(data) if seconds is None else seconds
        return self._ask_worker(data, lambda worker: worker.read(data, smallest_side, limit, large), interruption)

    def prepare(self, data: bytes, smallest_side: int | None, input_size: int) -> PreparedPhoto:
        """As `read`, and then `prepare_photo`; both in the process that decodes."""
        limit = allow_seconds(data)
        return self._ask_worker(data, lambda worker: worker.prepare(data, smallest_side, limit, input_size))

    def _ask_worker(
        self, data: bytes, ask: Callable[[Worker], Value], interruption: Interruption | None = None
    ) -> Value:
        check_bytes(data)
        interruption = interruption or Interruption()
        with self._turns:
            for last in (False, True):  # a worker that something else ended costs no photo
                worker = self._take(fresh=last)
                try:
                    with interruption.of(worker):
                        return ask(worker)
                except (EOFError, OSError) as error:
                    worker.end()
                    if worker.is_overdue:
                        raise TooSlowError(TOO_SLOW) from error
                    if last and not worker.has_started:
                        raise RuntimeError(NOT_STARTED) from error
                finally:
                    self._put_back(worker)
        raise PhotoError(ENDED)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            workers, self._workers, self._idle = self._workers, [], []
        for worker in workers:
            worker.end()

    def _start(self) -> Worker:
        worker = Worker(self._reader)
        self._workers.append(worker)
        return worker

    def _take(self, *, fresh: bool) -> Worker:
        """A worker that is idle, or a new one; `fresh`: a new one."""
        with self._lock:
            return self._start() if fresh or not self._idle else self._idle.pop()

    def _put_back(self, worker: Worker) -> None:
        """Keep a worker that has answered; end one that has not, as it might answer to the next photo."""
        with self._lock:
            if worker.is_idle and worker in self._workers:
                self._idle.append(worker)
                return
            if worker in self._workers:
                self._workers.remove(worker)
        worker.end()


def allow_seconds(data: bytes) -> float:
    """Seconds of work that a file of so many bytes may cost."""
    return min(LEAST_SECONDS + SECONDS_A_MB * len(data) / 1024**2, SECONDS)


POOL = WorkerPool()


def read_photo_safely(data: bytes, smallest_side: int | None = None) -> Photo:
    """As `read_photo`, for files from strangers: within SECONDS of work and `worker.MEMORY`, or PhotoError.

    Waits while WORKERS other photos are read.
    """
    return POOL.read(data, smallest_side)


def prepare_reading() -> None:
    """Start the process that `read_photo_safely` reads in, while something else is done before the first photo."""
    POOL.start()
