"""A library of lesions with known outcomes, from a folder of photos and a table that the user names."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from melanoma.diagnoses import CODES, code_of
from melanoma.photo import UNUSABLE, PhotoError, read_file
from melanoma.serving import Classifier
from melanoma.serving.reading import Reader
from melanoma.serving.turns import TURNS

Track = Callable[[list], Iterable]


class LibraryError(ValueError):
    """A folder or a table that is no library; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class KnownLesion:
    """One lesion of a library. name: for people; diagnosis: a code, or "other"; settled: how, in a word or two.

    sha256: of a stored photo, and path: of a file, empty and None where there is none to show; lesion_id: of the
    casebook, empty for a file.
    """

    name: str
    diagnosis: str
    settled: str = ""
    sha256: str = ""
    path: Path | None = None
    lesion_id: str = ""


@dataclass(frozen=True)
class Library:
    """lesions: n of them; probabilities: (n, 9), of one network for photos of one kind; left_out: how many, and why."""

    lesions: tuple[KnownLesion, ...]
    probabilities: np.ndarray
    left_out: int = 0


def read_library(
    folder: Path, table: Path, classifier: Classifier, kind: str, reader: Reader, track: Track = list
) -> Library:
    """Ask the network about every photo of a table with the columns `file` and `diagnosis`; files lie in `folder`.

    reader: the visitor who asks. Photos that the network takes for another kind, or that cannot be read, are left out.
    Raises LibraryError.
    """
    rows = read_table(table)
    lesions, probabilities = [], []
    for name, code in track(rows):
        path = folder / name
        try:
            photo = reader.read(read_file(path), always=True)
            with TURNS.take(always=True):  # between two photos others have theirs
                prediction = classifier.predict(photo)
        except (PhotoError, OSError):
            continue
        if prediction.kind.kind == kind and prediction.assessment.quality != UNUSABLE:
            lesions.append(KnownLesion(Path(name).name, code, "table", path=path))
            probabilities.append(prediction.probabilities)
    if not lesions:
        raise LibraryError(f"None of the {len(rows)} photos of {table.name} can be read in {folder} as {kind}.")
    return Library(tuple(lesions), np.stack(probabilities), len(rows) - len(lesions))


def read_table(path: Path) -> list[tuple[str, str]]:
    """Rows of (file, code). Raises LibraryError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LibraryError(f"{path} cannot be read as a CSV in UTF-8.") from error
    if not rows or not {"file", "diagnosis"} <= set(rows[0]):
        raise LibraryError(f"{path.name} needs the columns file and diagnosis, and a line for each photo.")
    found = []
    for number, row in enumerate(rows, 2):
        name = (row["file"] or "").strip()
        if not name or Path(name).is_absolute() or ".." in Path(name).parts:
            raise LibraryError(f"Line {number} of {path.name} names no file below the folder.")
        try:
            found.append((name, code_of(row["diagnosis"] or "")))
        except KeyError as error:
            raise LibraryError(
                f"Line {number} of {path.name}: {row['diagnosis']!r} is none of the nine: {', '.join(CODES)}."
            ) from error
    return found
