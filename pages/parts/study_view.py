"""Where one visitor is in a reader study: kept between reruns, and forgotten with the window."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from melanoma.casebook import Study, StudyReader


@dataclass
class StudyView:
    """study, reader: whose items are read, None before; new_code: of somebody who has just joined, until they begin.

    owned: the study whose owner's code was given; owner_code: of a study that was just set up; failed, done: what to
    say of the last click.
    """

    study: Study | None = None
    reader: StudyReader | None = None
    new_code: str = ""
    owned: Study | None = None
    owner_code: str = ""
    is_paused: bool = False
    failed: str = ""
    done: str = ""
    uploads: int = 0  # so far: after a study was set up, the form begins anew
    clocks: dict[str, Clock] = field(default_factory=dict)  # by item

    def clock(self, item: str) -> Clock:
        """Of an item, which runs since it was first asked for."""
        return self.clocks.setdefault(item, Clock())

    def leave(self) -> None:
        """Forget who reads."""
        self.study = self.reader = None
        self.new_code, self.is_paused = "", False
        self.clocks.clear()


@dataclass
class Clock:
    """Seconds since a photo was first seen, less pauses."""

    spent: float = 0.0
    since: float | None = field(default_factory=time.monotonic)

    def stop(self) -> None:
        """The photo leaves the page."""
        self.spent, self.since = self.read(), None

    def go_on(self) -> None:
        """It is back."""
        if self.since is None:
            self.since = time.monotonic()

    def read(self) -> float:
        """So far."""
        return self.spent + (0.0 if self.since is None else time.monotonic() - self.since)
