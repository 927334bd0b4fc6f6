"""Photos of visitors are read in turn, so that the costly files of one do not make the others wait.

A file may be made so that it takes seconds to read before it is refused (photo/safe_reading.py). Who opens many such
files waits alone: one visitor never has all readers, and after a few is not read for a while.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from melanoma.photo.limits import PhotoError
from melanoma.photo.photos import ENOUGH, Photo
from melanoma.photo.safe_reading import WORKERS, TooSlowError, WorkerPool, read_photo_safely
from melanoma.serving.turns import Turns

READERS = Turns(WORKERS)  # of the process
MOST_SLOW, SPAN = 3, 120  # files of a visitor that took too long, within so many seconds
TOO_MANY_SLOW = (
    f"{MOST_SLOW} of your files took longer to read than any camera's photo does: wait two minutes, and leave them out."
)


class Reader:
    """One visitor, who has photos read. Safe to share between threads.

    turns: of all visitors; pool: the processes that read, None: those of `read_photo_safely`.
    """

    def __init__(self, turns: Turns = READERS, pool: WorkerPool | None = None):
        self._turns, self._read = turns, pool.read if pool else read_photo_safely
        self._slow: deque[float] = deque(maxlen=MOST_SLOW)  # when the last ones were given up

    def read(self, data: bytes, tell: Callable[[int], None] = lambda place: None, *, always: bool = False) -> Photo:
        """As `read_photo_safely`, as large as answers need, when it is this visitor's turn.

        tell, always: as of `Turns.take`. Raises PhotoError, also while too many files of this visitor took too long;
        TooBusyError where the line is full.
        """
        with self._turns.take(tell, always=always, visitor=self):
            if len(self._slow) == MOST_SLOW and time.monotonic() - self._slow[0] < SPAN:
                raise PhotoError(TOO_MANY_SLOW)
            try:
                return self._read(data, ENOUGH)
            except TooSlowError:
                self._slow.append(time.monotonic())
                raise
