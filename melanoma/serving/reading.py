"""Photos of visitors are read in turn, so that the costly files of some do not make the others wait.

A file may be made so that it takes seconds to read before it is refused (photo/safe_reading.py). Whoever opens such
files waits alone: an ordinary photo gets on within a few seconds, however many costly ones are read (turns.py), and
after a few of them their visitor is not read for a while.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from melanoma.photo.interruption import EndedError, Interruption
from melanoma.photo.limits import PhotoError
from melanoma.photo.photos import ENOUGH, Photo
from melanoma.photo.safe_reading import POOL, WORKERS, TooSlowError, WorkerPool
from melanoma.serving.turns import Turns

READERS = Turns(WORKERS)  # of the process
LARGE = Turns(1)  # of those, for the large pictures: several at once would fill the memory
MOST_SLOW, SPAN = 3, 120  # files of a visitor that took too long, within so many seconds
TOO_MANY_SLOW = (
    f"{MOST_SLOW} of your files took longer to read than any camera's photo does: wait two minutes, and leave them out."
)


class Reader:
    """One visitor, who has photos read. Safe to share between threads.

    turns: of all visitors; large: of their large pictures; pool: the processes that read.
    """

    def __init__(self, turns: Turns = READERS, pool: WorkerPool = POOL, large: Turns = LARGE):
        self._turns, self._large, self._pool = turns, large, pool
        self._slow: deque[float] = deque(maxlen=MOST_SLOW)  # when the last ones were given up

    def read(self, data: bytes, tell: Callable[[int], None] = lambda place: None, *, always: bool = False) -> Photo:
        """As `read_photo_safely`, as large as answers need, when it is this visitor's turn.

        A reading that was ended for others begins once more, behind them.
        tell, always: as of `Turns.take`. Raises PhotoError, also while too many files of this visitor took too long;
        TooBusyError where the line is full.
        """
        try:
            with suppress(EndedError):
                return self._read_in_turn(data, tell, always=always)
            return self._read_in_turn(data, tell, always=always)
        except (TooSlowError, EndedError):
            self._slow.append(time.monotonic())
            raise

    def _read_in_turn(self, data: bytes, tell: Callable[[int], None], *, always: bool) -> Photo:
        """As `read`. Raises EndedError where it took long and others waited."""
        work = Interruption()

        def take_large() -> AbstractContextManager:
            return self._large.take(tell, always=always, visitor=self, work=work)

        with self._turns.take(tell, always=always, visitor=self, work=work):
            if len(self._slow) == MOST_SLOW and time.monotonic() - self._slow[0] < SPAN:
                raise PhotoError(TOO_MANY_SLOW)
            return self._pool.read(data, ENOUGH, interruption=work, large=take_large)
