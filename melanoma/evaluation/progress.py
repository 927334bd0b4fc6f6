"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol


class Progress(Protocol):
    """Watches the stages of long work."""

    def begin(self, stage: str, steps: int | None = None) -> None:
        """The next stage begins; it takes so many steps, or nobody knows how many."""

    def advance(self, steps: int = 1) -> None:
        """So many steps more are done."""


class Silent:
    """A Progress that nobody sees."""

    def begin(self, stage: str, steps: int | None = None) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""


SILENT = Silent()


def track(progress: Progress, stage: str) -> Callable[[Iterable, int], Iterator]:
    """What `dataset.packing.pack` calls to pass photos on one by one: (photos, how many) -> the same photos."""

    def watch(photos: Iterable, number: int) -> Iterator:
        progress.begin(stage, number)
        for photo in photos:
            yield photo
            progress.advance()

    return watch
