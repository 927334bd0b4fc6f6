"""A folder that grows while its photos are scored: look again, until nothing new has come for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

POLL = 1.0  # seconds between two looks
SETTLED = 2.0  # seconds since a file was last written, before it is taken for whole


def follow_photos(
    find: Callable[[], Iterable[Path]],
    patience: float,
    *,
    wait: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Iterator[str | None]:
    """Names of photos as they come; None where none does for now. Ends `patience` seconds after the last one came.

    find: lists the photos that there are. A photo that is still being written waits until it is whole, and nothing
    ends meanwhile. One that is written anew comes again.
    """
    seen: dict[Path, float] = {}  # when it was last written
    last = now()
    while True:
        for path in find():
            try:
                written = path.stat().st_mtime
            except OSError:  # it has gone, or leads nowhere: its row says so
                written = 0.0
            if seen.get(path) == written:
                continue
            last = now()
            if not 0 <= last - written < SETTLED:
                seen[path] = written
                yield str(path)
        if now() - last >= patience:
            return
        yield None
        wait(POLL)
