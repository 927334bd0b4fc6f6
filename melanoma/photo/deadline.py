"""A deadline that costs nothing to set: one thread for many limits, one after the other, instead of a timer for each.

It wakes when the earliest limit that it knew of has passed, and looks whether that one still holds. So a photo that is
read in time, as nearly all are, wakes nobody.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread


class Deadline:
    """Calls `miss`, once, where a limit passes before what it was set for is done."""

    def __init__(self, miss: Callable[[], object]):
        self._miss = miss
        self._changed = Condition()  # also the lock around what follows
        self._at = self._wakes = math.inf  # when the limit passes, and when the thread looks, by `time.monotonic`
        self._is_closed = False
        Thread(target=self._watch, name="deadline", daemon=True).start()

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """What is done within may take so long. After it, `miss` is not called any more. One at a time."""
        self._set(time.monotonic() + seconds)
        try:
            yield
        finally:
            self._set(math.inf)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _set(self, at: float) -> None:
        with self._changed:
            self._at = at
            if at < self._wakes:
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_closed:
                left = self._at - time.monotonic()
                if left <= 0:
                    self._miss()
                    return
                self._wakes = self._at
                self._changed.wait(None if math.isinf(left) else left)
