"""How another thread looks at the reading of a photo, and ends it for the sake of who waits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Protocol

from melanoma.photo.limits import PhotoError

OTHERS_WAITED = (
    "This photo takes long to read, and others wait: try again later, or export it as JPEG or PNG and use that file."
)


class EndedError(PhotoError):
    """A photo whose reading was ended for others; the message is OTHERS_WAITED."""


class Decoder(Protocol):
    """A process that reads one photo at a time."""

    @property
    def seconds_of_work(self) -> float:
        """On the photo so far."""

    def kill(self) -> None:
        """End the process amid its work: what waits for its answer gets EOFError."""


class Interruption:
    """Of the reading of one photo. Safe to share between threads. is_ended: whether `end` was called."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._decoder: Decoder | None = None
        self.is_ended = False

    @property
    def seconds(self) -> float:
        """Of work on the photo so far."""
        with self._lock:
            return self._decoder.seconds_of_work if self._decoder else 0.0

    def end(self) -> None:
        """End the reading: it raises EndedError."""
        with self._lock:
            self.is_ended = True
            if self._decoder:
                self._decoder.kill()

    def check(self) -> None:
        """Raises EndedError where the reading was ended."""
        if self.is_ended:
            raise EndedError(OTHERS_WAITED)

    @contextmanager
    def of(self, decoder: Decoder) -> Iterator[None]:
        """While the block runs, this process reads the photo. Raises EndedError where it was ended for others."""
        with self._lock:
            self.check()
            self._decoder = decoder
        try:
            yield
        except (EOFError, OSError):  # of the pipes to a process that is gone
            self.check()
            raise
        finally:
            with self._lock:
                self._decoder = None


def measure_work(process: int) -> float:
    """Seconds of the processor's time that a process has used; 0 where the system does not say."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
