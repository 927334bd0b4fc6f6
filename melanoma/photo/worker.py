"""The process that decodes photos for `safe_reading`: files come in by its standard input, pixels leave by its output.

A decoder that goes wrong harms nothing but this process. It has so much memory and so many seconds, writes no file,
leaves no core dump, and what it prints is lost.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from dataclasses import dataclass, replace
from importlib import import_module
from typing import IO, Protocol, TypeVar

import msgspec
import numpy as np

from melanoma.photo import photos
from melanoma.photo.limits import PhotoError
from melanoma.photo.photos import Photo
from melanoma.photo.preparation import PreparedPhoto, prepare_photo
from melanoma.photo.quality import Assessment

# Bytes of addresses. The costliest photo that limits.py lets pass takes 2.0 GiB: a WebP of 79 megapixels with alpha.
MEMORY = 5 * 1024**3 // 2
SIZES = struct.Struct("<IQ")  # of what a message says, in JSON, and of the bytes that follow
MOST_WORDS = 2**20  # bytes of JSON

Words = TypeVar("Words")  # a dataclass


@dataclass(frozen=True)
class Job:
    """What to do with the file that follows, and for how long. None follows where it is the leave, see `Leave`."""

    seconds: float  # of work
    smallest_side: int | None = None
    input_size: int | None = None  # of a network: prepare the photo for it instead of sending its pixels


@dataclass(frozen=True)
class Answer:
    """A Photo, its pixels to follow as (height, width, 3); or why there is none; or the wish for leave, see `Leave`.

    Of a PreparedPhoto its crop follows in the same way, and there are its assessment and fingerprint.
    """

    height: int = 0
    width: int = 0
    sha256: str = ""
    format: str = ""
    notes: tuple[str, ...] = ()
    original_size: tuple[int, int] | None = None
    error: str = ""
    is_large: bool = False
    assessment: Assessment | None = None
    fingerprint: bytes = b""


class Reader(Protocol):
    """What `read_photo` is."""

    def __call__(self, data: bytes, smallest_side: int | None = None) -> Photo:
        """As `read_photo`."""


class Leave:
    """Stands for the lock around large pictures, which processes do not share: whoever sends the jobs holds it."""

    def __init__(self, jobs: IO[bytes], answers: IO[bytes]):
        self._jobs, self._answers = jobs, answers

    def __enter__(self) -> None:
        """Wait for leave, which does not count as work."""
        limit_work(0)
        send(self._answers, Answer(is_large=True))
        job, _ = receive(self._jobs, Job)
        limit_work(job.seconds)

    def __exit__(self, *_: object) -> None:
        """The answer gives it back."""


def send(file: IO[bytes], words: object, content: bytes | memoryview = b"") -> None:
    """Write a message, a dataclass, and the bytes that follow it. Raises OSError where nobody reads any more."""
    encoded = msgspec.json.encode(words)
    file.write(SIZES.pack(len(encoded), len(content)) + encoded)
    file.write(content)
    file.flush()


def receive(file: IO[bytes], kind: type[Words], most: int = sys.maxsize) -> tuple[Words, bytes]:
    """A message and the bytes, `most` of them, that follow it. Raises EOFError where the file holds none."""
    words_size, content_size = SIZES.unpack(_read(file, SIZES.size))
    if words_size > MOST_WORDS or content_size > most:
        raise EOFError
    try:
        words = msgspec.json.decode(_read(file, words_size), type=kind)
    except msgspec.DecodeError as error:
        raise EOFError from error
    return words, _read(file, content_size)


def _read(file: IO[bytes], size: int) -> bytes:
    """So many bytes of a file. Raises EOFError where it ends before."""
    content = file.read(size)
    if len(content) < size:
        raise EOFError
    return content


def limit_process() -> None:
    """Hold this process to MEMORY, and to writing no file; on Windows there are no such limits."""
    if sys.platform == "win32":
        return
    import resource

    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    if sys.platform == "linux":  # macOS does not heed it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def limit_work(seconds: float) -> None:
    """End this process after so many seconds of work, even within a decoder and with nobody left to do it; 0: never.

    Work is the processor's time: on a busy machine an honest photo gets as much of it as on an idle one.
    """
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def answer_jobs(read: Reader, jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Read one photo after another until nobody sends any."""
    while True:
        try:
            job, data = receive(jobs, Job)
        except EOFError:
            return
        limit_work(job.seconds)
        try:
            photo = read(data, job.smallest_side)
            prepared = prepare_photo(photo, job.input_size) if job.input_size else None
        except PhotoError as error:
            send(answers, Answer(error=str(error)))
        else:
            send_photo(answers, photo, prepared)
        limit_work(0)


def send_photo(answers: IO[bytes], photo: Photo, prepared: PreparedPhoto | None) -> None:
    """Send a photo, or what was prepared of it."""
    pixels = photo.pixels if prepared is None else np.ascontiguousarray(prepared.crop)
    height, width, _ = pixels.shape
    words = Answer(height, width, photo.sha256, photo.format, photo.notes, photo.original_size)
    if prepared is not None:
        words = replace(words, assessment=prepared.assessment, fingerprint=prepared.fingerprint.tobytes())
    send(answers, words, pixels.data.cast("B"))


def main() -> None:
    """Answer jobs with the reader `module:function` that is named as the argument."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what decoders print
    module, function = sys.argv[1].split(":")
    read: Reader = getattr(import_module(module), function)
    photos.ONE_AT_A_TIME = Leave(sys.stdin.buffer, answers)
    limit_process()
    send(answers, Answer())  # ready
    answer_jobs(read, sys.stdin.buffer, answers)
