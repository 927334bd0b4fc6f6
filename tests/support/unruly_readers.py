"""Stands in for `read_photo` in a worker: what a file says is what a decoder does to the process."""

import os
import re
import signal
import sys
import threading
from dataclasses import replace

import numpy as np

from melanoma.photo import Photo, PhotoError, photos

HANG, WAIT, DIE, TAKE_MEMORY, WRITE = b"hang", b"wait", b"die", b"take memory", b"write:"
HEAVY = {"tensorflow", "keras", "streamlit", "onnxruntime", "pandas"}


def read_unruly(data: bytes, smallest_side: int | None = None) -> Photo:
    """As `read_photo`, with the process and what it has imported among the notes; or what the file says."""
    if data == HANG:
        os.kill(os.getppid(), signal.SIGURG)  # which most processes ignore: it has begun
        re.match(r"(a+)+$", "a" * 60 + "b")  # in C, and no other thread of the process gets a turn
    if data == WAIT:
        threading.Event().wait()
    if data == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    if data == TAKE_MEMORY:
        try:
            np.empty(3 * 1024**3, np.uint8)
        except MemoryError as error:
            raise PhotoError("There is no such memory: good.") from error
    if data.startswith(WRITE):
        try:
            with open(data.removeprefix(WRITE), "wb") as file:  # noqa: PTH123 (a path in bytes)
                file.write(b"a photo")
        except OSError as error:
            raise PhotoError("Nothing can be written: good.") from error
    photo = photos.read_photo(data, smallest_side)
    return replace(photo, notes=(str(os.getpid()), *sorted(HEAVY & set(sys.modules))))


def read_as_large(data: bytes, smallest_side: int | None = None) -> Photo:
    """As `read_photo`, where every picture is a large one; or as `read_unruly` where the file says to hang."""
    if data == HANG:
        with photos.ONE_AT_A_TIME:
            read_unruly(data)
    photos.LARGE_PICTURE = 0
    return photos.read_photo(data, smallest_side)
