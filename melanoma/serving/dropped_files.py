"""What a visitor drops -> the photos in it: files as they are, ZIPs of files, CSVs of which lesion they show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from melanoma.photo.archives import MAX_ENTRIES, Archive
from melanoma.photo.limits import PhotoError
from melanoma.serving.lesion_table import LesionTableError, find_lesion, read_lesion_table


@dataclass(frozen=True)
class DroppedPhoto:
    """A file that may be a photo.

    read: gives its bytes, or raises PhotoError; size: bytes that are held for it; lesion: that it shows, None where
    no table says.
    """

    name: str
    read: Callable[[], bytes]
    size: int
    lesion: str | None = None


@dataclass(frozen=True)
class Drop:
    """The photos of what was dropped at once, and sentences about what else was in it."""

    photos: tuple[DroppedPhoto, ...]
    notes: tuple[str, ...]


def open_drop(files: Sequence[tuple[str, bytes]], taken: Collection[str] = ()) -> Drop:
    """files: names and contents; taken: names of lesions that are others than those of this drop."""
    photos: list[DroppedPhoto] = []
    notes: list[str] = []
    tables = [(name, partial(pass_on, data)) for name, data in files if is_table(name)]
    lesions = read_tables(tables, taken, notes)
    for name, data in files:
        if name.lower().endswith(".zip"):
            photos += open_zip(name, data, {*taken, *lesions.values()}, notes)
        elif not is_table(name):
            photos.append(DroppedPhoto(name, partial(pass_on, data), len(data), find_lesion(lesions, name)))
    return Drop(tuple(photos), tuple(notes))


def open_zip(name: str, data: bytes, taken: Collection[str], notes: list[str]) -> list[DroppedPhoto]:
    """The photos in a ZIP, read when they are asked for; what is wrong with the ZIP is added to `notes`."""
    try:
        archive = Archive(data)
    except PhotoError as error:
        notes.append(f"{name}: {error}")
        return []
    if archive.left_out:
        notes.append(f"{name}: the first {MAX_ENTRIES:,} files are read, {archive.left_out:,} are left out.")
    tables = [entry for entry in archive.entries if is_table(entry.name)]
    lesions = read_tables([(entry.name, partial(archive.read, entry)) for entry in tables], taken, notes)
    photos = [entry for entry in archive.entries if not is_table(entry.name)]
    if not photos:
        notes.append(f"{name}: there is no file in this ZIP that could be a photo.")
    share = len(data) // max(len(photos), 1)
    return [
        DroppedPhoto(entry.name, partial(archive.read, entry), share, find_lesion(lesions, entry.name))
        for entry in photos
    ]


def read_tables(
    files: Iterable[tuple[str, Callable[[], bytes]]], taken: Collection[str], notes: list[str]
) -> dict[str, str]:
    """File -> name of its lesion, as no lesion in `taken` is named; what is wrong is added to `notes`."""
    lesions: dict[str, str] = {}
    for name, read in files:
        try:
            lesions |= read_lesion_table(read())
        except (LesionTableError, PhotoError) as error:
            notes.append(f"{name}: {error}")
    unique = {lesion: make_unique(lesion, taken) for lesion in lesions.values()}
    return {file: unique[lesion] for file, lesion in lesions.items()}


def make_unique(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name} ({number})"
    return unique


def is_table(name: str) -> bool:
    """Whether a file is a table, by its name."""
    return name.lower().endswith(".csv")


def pass_on(data: bytes) -> bytes:
    """The bytes themselves."""
    return data
