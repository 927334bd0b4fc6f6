"""Whose turn it is: so many answers are computed at once as there are cores; who comes later waits in a line.

Without it every visitor's answer would slow down all others, and the last would come no sooner. Where turns are long,
as to read a photo may take, a visitor with many of them leaves room for the others.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from melanoma.run import RunError

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MOST_WAITING = 60  # in line; on two cores the last of them waits some seconds
PATIENCE = 60  # seconds in line
POLL = 0.5  # seconds between two looks at whether the visitor is still there

FULL = "Too many people wait for an answer. Try again in a minute."
LATE = "No answer within a minute, as too many people wait. Try again."


class TooBusyError(RunError):
    """The line is full, or the wait was too long. The message is a sentence for the user that says what to do."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """A place in line. visitor: whose it is; None: of nobody who would have several."""

    visitor: object = None


class Turns:
    """A line, first come, first served. Safe to share between threads.

    waiting, in_work: how many are in line, and at work. So far, served, refused, left: how many, with those that gave
    their place up; seconds_waited, seconds_worked: of all that were served.
    """

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING, patience: float = PATIENCE):
        self._at_once, self._most_waiting, self._patience = at_once, most_waiting, patience
        self._changed = Condition()
        self._line: deque[Ticket] = deque()
        self._held: Counter[int] = Counter()  # turns by the id of their visitor
        self.in_work = self.served = self.refused = self.left = 0
        self.seconds_waited = self.seconds_worked = 0.0

    @property
    def waiting(self) -> int:
        """How many are in line."""
        return len(self._line)

    @contextmanager
    def take(
        self, tell: Callable[[int], None] = lambda place: None, *, always: bool = False, visitor: object = None
    ) -> Iterator[None]:
        """Wait for a turn, and keep it while the block runs.

        tell: called again and again with the place in line, from 1, while it lasts; what it raises, because the
        visitor has left, gives the place to the next. always: for work that nobody looks at; it is never refused.
        visitor: who has a turn already is not given the last that is free.
        Raises TooBusyError where the line is full, or after `patience` seconds in it.
        """
        ticket, came = Ticket(visitor), time.monotonic()
        with self._changed:
            if len(self._line) >= self._most_waiting and not always:
                self.refused += 1
                raise TooBusyError(FULL)
            self._line.append(ticket)
        try:
            self._wait(ticket, tell, float("inf") if always else self._patience)
        except BaseException as error:  # also what Streamlit ends a script with
            with self._changed:
                self._line.remove(ticket)
                if isinstance(error, TooBusyError):
                    self.refused += 1
                else:
                    self.left += 1
                self._changed.notify_all()
            raise
        began = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self.in_work -= 1
                self._held -= Counter([id(visitor)])  # which forgets who has none
                self.served += 1
                self.seconds_waited += began - came
                self.seconds_worked += time.monotonic() - began
                self._changed.notify_all()

    def _wait(self, ticket: Ticket, tell: Callable[[int], None], patience: float) -> None:
        """Until it is this ticket's turn."""
        give_up, pause = time.monotonic() + patience, 0.0  # who need not wait hears of no line
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._is_next(ticket), pause):
                    self._line.remove(ticket)
                    self.in_work += 1
                    self._held[id(ticket.visitor)] += 1
                    self._changed.notify_all()  # there may be room for the next one too
                    return
                place = self._line.index(ticket) + 1
                if time.monotonic() > give_up:
                    raise TooBusyError(LATE)
            tell(place)
            pause = POLL

    def _is_next(self, ticket: Ticket) -> bool:
        return self.in_work < self._at_once and next(filter(self._may_work, self._line), None) is ticket

    def _may_work(self, ticket: Ticket) -> bool:
        """Whether its visitor may have a turn, or another one."""
        is_first = ticket.visitor is None or not self._held[id(ticket.visitor)]
        return is_first or self.in_work + 1 < self._at_once


TURNS = Turns(CORES)  # of the process, for every network in it
