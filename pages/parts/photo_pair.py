"""Which two of the open photos are compared, on which dates the visitor says they were taken, and points in both."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from pages.parts.open_photos import OpenPhoto

Place = tuple[float, float]  # x and y in pixels of a photo


@dataclass
class GivenPoints:
    """The same places in the earlier and the later photo, in the order in which they were given."""

    earlier: list[Place] = field(default_factory=list)
    later: list[Place] = field(default_factory=list)


@dataclass
class PhotoPair:
    """earlier, later: SHA-256 of open photos; dates: by SHA-256; points: by earlier and later photo.

    by_hand: whether the visitor gives points although, or because, the photos could not be aligned.
    """

    earlier: str | None = None
    later: str | None = None
    dates: dict[str, datetime.date] = field(default_factory=dict)
    points: dict[tuple[str, str], GivenPoints] = field(default_factory=dict)
    by_hand: bool = False

    def find(self, photos: Sequence[OpenPhoto]) -> tuple[OpenPhoto, OpenPhoto] | None:
        """The earlier and the later photo, of those that are open: as chosen, else the first two. None of one photo."""
        if len(photos) < 2:
            return None
        by_hash = {photo.sha256: photo for photo in photos}
        earlier = by_hash.get(self.earlier or "") or next(one for one in photos if one.sha256 != self.later)
        later = by_hash.get(self.later or "")
        if later is None or later == earlier:
            later = next(one for one in photos if one != earlier)
        if (earlier.sha256, later.sha256) != (self.earlier, self.later):
            self.choose(earlier, later)
        return earlier, later

    def choose(self, earlier: OpenPhoto, later: OpenPhoto) -> None:
        """Compare these two, aligned by their keypoints until the visitor gives points."""
        self.earlier, self.later, self.by_hand = earlier.sha256, later.sha256, False

    def swap(self) -> None:
        """The earlier photo is the later one."""
        self.earlier, self.later, self.by_hand = self.later, self.earlier, False

    @property
    def given(self) -> GivenPoints:
        """The points in the two photos that are compared now."""
        return self.points.setdefault((self.earlier or "", self.later or ""), GivenPoints())
