"""Where one visitor is in a reader study: kept between reruns, and forgotten with the window."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from melanoma.casebook import Study, StudyReader


@dataclass
class StudyView:
    """study, reader: whose items are read, None before; code: the reader's, which each answer needs; is_new: whether
    they have just joined, and not yet begun.

    owned: the study whose owner's code was given; owner_code: of a study that was just set up; failed, done: what to
    say of the last click.
    """

    study: Study | None = None
    reader: StudyReader | None = None
    code: str = ""
    is_new: bool = False
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
        self.code, self.is_new, self.is_paused = "", False, False
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
