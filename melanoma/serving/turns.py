"""Whose turn it is: so many answers are computed at once as there are cores; who comes later waits in a line.

Without it every visitor's answer would slow down all others, and the last would come no sooner. Where turns are long,
as to read a photo may take, who has fewest goes first, and what takes long is ended for who has none.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import Protocol

from melanoma.run import RunError

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MOST_WAITING = 60  # in line; on two cores the last of them waits some seconds
PATIENCE = 60  # seconds in line
POLL = 0.5  # seconds between two looks at whether the visitor is still there
LONG = 3.0  # seconds of work, after which it may be ended for another visitor; an ordinary photo takes less than one

FULL = "Too many people wait for an answer. Try again in a minute."
LATE = "No answer within a minute, as too many people wait. Try again."


class TooBusyError(RunError):
    """The line is full, or the wait was too long. The message is a sentence for the user that says what to do."""


class Work(Protocol):
    """What is done in a turn, where others may end it. is_ended: `end` was called."""

    is_ended: bool

    @property
    def seconds(self) -> float:
        """Of work so far."""

    def end(self) -> None:
        """Have it give its turn back soon."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """A place in line, then a turn.

    visitor: whose it is; None: of nobody who would have several. work: None where it is not ended for anybody.
    """

    visitor: object = None
    work: Work | None = None


class Turns:
    """A line: who has fewest turns goes first, and of these who came first. Safe to share between threads.

    waiting, in_work: how many are in line, and at work. So far, served, refused, left: how many, with those that gave
    their place up; seconds_waited, seconds_worked: of all that were served.
    """

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING, patience: float = PATIENCE):
        self._at_once, self._most_waiting, self._patience = at_once, most_waiting, patience
        self._changed = Condition()
        self._line: deque[Ticket] = deque()
        self._at_work: list[Ticket] = []
        self.served = self.refused = self.left = 0
        self.seconds_waited = self.seconds_worked = 0.0

    @property
    def waiting(self) -> int:
        """How many are in line."""
        return len(self._line)

    @property
    def in_work(self) -> int:
        """How many are at work."""
        return len(self._at_work)

    @contextmanager
    def take(
        self,
        tell: Callable[[int], None] = lambda place: None,
        *,
        always: bool = False,
        visitor: object = None,
        work: Work | None = None,
    ) -> Iterator[None]:
        """Wait for a turn, and keep it while the block runs.

        tell: called again and again with the place in line, from 1, while it lasts; what it raises, because the
        visitor has left, gives the place to the next. always: for work that nobody looks at; it is never refused.
        visitor: who has a turn already is not given the last that is free. work: is ended where all at work have been
        at it for LONG, while another visitor has no turn.
        Raises TooBusyError where the line is full, or after `patience` seconds in it.
        """
        ticket, came = Ticket(visitor, work), time.monotonic()
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
                self._at_work.remove(ticket)
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
                    self._at_work.append(ticket)
                    self._changed.notify_all()  # there may be room for the next one too
                    return
                self._end_longest()
                place = self._line.index(ticket) + 1
                if time.monotonic() > give_up:
                    raise TooBusyError(LATE)
            tell(place)
            pause = POLL

    def _is_next(self, ticket: Ticket) -> bool:
        return self.in_work < self._at_once and self._find_next() is ticket

    def _find_next(self) -> Ticket | None:
        return min(filter(self._may_work, self._line), key=self._count_turns, default=None)

    def _may_work(self, ticket: Ticket) -> bool:
        """Whether its visitor may have a turn, or another one."""
        return not self._count_turns(ticket) or self.in_work + 1 < self._at_once

    def _count_turns(self, ticket: Ticket) -> int:
        """That its visitor has."""
        return 0 if ticket.visitor is None else sum(one.visitor is ticket.visitor for one in self._at_work)

    def _end_longest(self) -> None:
        """Where a visitor without a turn waits for long ones alone: the longest of the visitor who has most of them."""
        works = [(self._count_turns(one), one.work) for one in self._at_work if one.work is not None]
        if len(works) < self._at_once or self._find_next() is None:
            return
        if all(work.seconds > LONG and not work.is_ended for _, work in works):
            _, longest = max(works, key=lambda one: (one[0], one[1].seconds))
            longest.end()


TURNS = Turns(CORES)  # of the process, for every network in it
