"""The photos that a visitor has open: the same on every page, in memory alone, until they are closed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from melanoma.documents.case import CaseDetails


@dataclass(frozen=True)
class OpenPhoto:
    """A photo as it came: its name, the bytes of its file, and their SHA-256 in hex."""

    name: str
    data: bytes = field(repr=False, compare=False)
    sha256: str

    @classmethod
    def from_file(cls, name: str, data: bytes) -> OpenPhoto:
        """From a file's name and content, which need not be a photo."""
        return cls(name, data, hashlib.sha256(data).hexdigest())


@dataclass
class OpenPhotos:
    """The open photos in the order in which they came, those of no use last; and which of them is on the page.

    unreadable: name -> why, of files that turned out to be no photo; kept until other files come. same_lesion: whether
    the visitor says that all of them show one lesion. not_judged: SHA-256 of those of no use. cases: what the visitor
    added to the report of an open photo.
    """

    photos: list[OpenPhoto] = field(default_factory=list)
    current: OpenPhoto | None = None
    unreadable: dict[str, str] = field(default_factory=dict)
    same_lesion: bool = False
    not_judged: set[str] = field(default_factory=set)
    cases: dict[OpenPhoto, CaseDetails] = field(default_factory=dict, repr=False)

    @property
    def show_one_lesion(self) -> bool:
        """Whether several photos are open that get one answer together."""
        return self.same_lesion and len(self.photos) > 1

    def add(self, new: Sequence[OpenPhoto]) -> None:
        """Open photos; the first of them is on the page next. One that is open already is not opened twice."""
        self.unreadable = {}
        self.photos += [photo for photo in dict.fromkeys(new) if photo not in self.photos]
        if new:
            self.select(new[0])

    def select(self, photo: OpenPhoto) -> None:
        """Put an open photo on the page. ValueError for one that is not open."""
        self.current = self.photos[self.photos.index(photo)]

    def put_last(self, not_judged: Mapping[OpenPhoto, bool]) -> bool:
        """Those that are known to be of no use come after the others; whether that changed the order."""
        before = list(self.photos)
        for photo, is_bad in not_judged.items():
            (self.not_judged.add if is_bad else self.not_judged.discard)(photo.sha256)
        self.photos.sort(key=lambda photo: photo.sha256 in self.not_judged)
        return self.photos != before

    def step(self, places: int) -> None:
        """Put the photo so many places further on the page, or back; after the last comes the first."""
        if self.current is not None:
            self.current = self.photos[(self.photos.index(self.current) + places) % len(self.photos)]

    def close(self, photo: OpenPhoto) -> None:
        """Close one photo; the one after it is on the page next, or the last one. ValueError if it is not open."""
        place = self.photos.index(photo)
        self.photos.remove(photo)
        self.cases.pop(photo, None)
        if photo == self.current:
            self.current = self.photos[min(place, len(self.photos) - 1)] if self.photos else None

    def close_all(self) -> None:
        """No photo is open any more, on no page."""
        self.cases.clear()
        self.photos, self.current, self.unreadable, self.same_lesion = [], None, {}, False

    def refuse(self, photo: OpenPhoto, why: str) -> None:
        """Close a file that is no photo, and keep why in one sentence."""
        self.close(photo)
        self.unreadable[photo.name] = why
