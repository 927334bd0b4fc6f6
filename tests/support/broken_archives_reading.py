"""What becomes of a hostile ZIP: opened as the worklist opens it, and every file in it read."""

from __future__ import annotations

import resource
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from broken_archives import make_archive

from melanoma.photo import PhotoError, read_photo
from melanoma.photo.archives import MAX_ENTRIES
from melanoma.photo.limits import MAX_BYTES
from melanoma.serving.dropped_files import DroppedPhoto, open_drop

REFUSED, READ, TRACEBACK, NO_SENTENCE = "refused", "read", "traceback", "no sentence"


@dataclass(frozen=True)
class ArchiveOutcome:
    """What one ZIP gave.

    answer: REFUSED where no file of it was read; photos, problems: files that were read as photos, and that said why
    not; words: the error; peak_mb: of the process so far.
    """

    number: int
    kind: str
    answer: str
    photos: int = 0
    problems: int = 0
    words: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0


def read_archive(number: int) -> ArchiveOutcome:
    """Make the ZIP of a number, drop it on a worklist, and read what is in it."""
    made = make_archive(number)
    start = time.perf_counter()
    try:
        drop = open_drop([("photos.zip", made.data)])
        assert len(drop.photos) <= MAX_ENTRIES
        sentences = [why for photo in drop.photos if (why := read_entry(photo))]
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)
        own = [f"{Path(f.filename).name}:{f.lineno}" for f in at if "/melanoma/" in f.filename]
        return ArchiveOutcome(number, made.kind, TRACEBACK, words=f"{error!r:.150} {' '.join(own[-3:])}")
    read = len(drop.photos) - len(sentences)
    unplain = [words for words in (*sentences, *drop.notes) if not is_sentence(words)]
    answer = NO_SENTENCE if unplain else READ if read else REFUSED
    seconds, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return ArchiveOutcome(number, made.kind, answer, read, len(sentences), " ".join(unplain)[:200], seconds, peak)


def read_entry(photo: DroppedPhoto) -> str:
    """Why a file of a ZIP is no photo; empty where it is one."""
    assert photo.name.isprintable()
    try:
        content = photo.read()
        assert len(content) <= MAX_BYTES
        read_photo(content)
    except PhotoError as error:
        return str(error)
    return ""


def is_sentence(words: str) -> bool:
    """Whether an error is one plain sentence to read."""
    return words.rstrip().endswith(".") and "\n" not in words and "Traceback" not in words
