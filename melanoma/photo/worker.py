"""A time limit that ends the work: costly files are read in another process, which is killed when it takes too long.

A thread cannot be stopped while a decoder runs. Process pools, Python's own and pebble's, run the main module again in
each process, which under Streamlit is a page: so here is a plain interpreter that runs this file, a request and an
answer at a time. Ordinary photos (PNG and baseline JPEG of a camera's size), whose time their pixels bound, are read
at once.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from contextlib import suppress
from threading import Event, Lock, Timer
from typing import cast

from PIL import Image

from melanoma.photo.limits import PhotoError
from melanoma.photo.photos import LARGE_PICTURE, Photo, read_photo

LIMIT_S = 20.0  # seconds for one photo; of 12 megapixels JPEG 2000 takes 7 and RLE 4, on two busy cores
PROGRESSIVE_PIXELS = 4_000_000  # above which a progressive JPEG is costly: it is decoded anew for each scan

EXPORT = "export it as JPEG or PNG and use that file."
TOO_SLOW = f"This photo takes too long to read: {EXPORT}"
TOO_HEAVY = f"This photo could not be read: {EXPORT}"


def read_photo_safely(data: bytes, smallest_side: int | None = None, limit_s: float = LIMIT_S) -> Photo:
    """As `read_photo`, but a costly file is given up after `limit_s` seconds. Raises PhotoError, and nothing else.

    Costly files are read one after another, by one process for this one; the time for others is not counted.
    """
    if not is_costly(data):
        return read_photo(data, smallest_side)
    return READER.read(data, smallest_side, limit_s)


def is_costly(data: bytes) -> bool:
    """Whether a file is anything but a PNG or a JPEG that is read in a second."""
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except Exception:  # no such file, or a broken one: the other process finds out
        return True
    pixels = image.width * image.height
    return pixels > (PROGRESSIVE_PIXELS if image.info.get("progressive") else LARGE_PICTURE)


class Reader:
    """Another process that reads photos, one at a time; started when the first is to be read."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, data: bytes, smallest_side: int | None, limit_s: float) -> Photo:
        """The photo in the bytes of a file. Raises PhotoError."""
        with self._lock:
            process = self._start()
            late = Event()
            timer = Timer(limit_s, lambda: (late.set(), process.kill()))
            timer.start()
            try:
                answer = _ask(process, (data, smallest_side))
            except (OSError, EOFError, pickle.UnpicklingError) as error:  # it was killed, or a decoder crashed
                process.kill()
                raise PhotoError(TOO_SLOW if late.is_set() else TOO_HEAVY) from error
            finally:
                timer.cancel()
        if isinstance(answer, PhotoError):
            raise answer
        answer.pixels.setflags(write=False)  # on the way from the other process the mark is lost
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        """The process, ready to read."""
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "melanoma.photo.worker"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            with suppress(OSError, EOFError):  # where it cannot start, the request says so
                _ask(self._process, (b"", None))
        return self._process


READER = Reader()


def _ask(process: subprocess.Popen[bytes], request: tuple[bytes, int | None]) -> Photo | PhotoError:
    """Send one request to the other process and wait for its answer."""
    assert process.stdin and process.stdout  # both are pipes
    pickle.dump(request, process.stdin)
    process.stdin.flush()
    return cast(Photo | PhotoError, pickle.load(process.stdout))


def _serve() -> None:
    """Answer requests from the standard input until it ends, which it does with the process that asks."""
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            data, smallest_side = pickle.load(sys.stdin.buffer)
            try:
                answer: Photo | PhotoError = read_photo(data, smallest_side)
            except PhotoError as error:
                answer = PhotoError(str(error))  # without its cause, which may not travel
            pickle.dump(answer, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
