"""Which photos of a worklist may show the same lesion, for the visitor to confirm: nothing is grouped by itself."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from melanoma.dataset.duplicates import find_near_duplicates, make_thumbnails
from melanoma.serving.worklist import JudgedPhoto
from melanoma.sources import CLINICAL, DERMOSCOPIC

# What names of files say of the kind of photo, apart from the lesion's own name.
KIND_WORDS = re.compile(
    r"(?<![a-z])(dermoscopic|dermoscopy|dermatoscopic|dermatoscopy|dermoscope|dermatoscope|derm|"
    r"clinical|clinic|clin|close[ _-]?up|macro|overview)(?![a-z])"
)
SAME_NAME = "A dermoscopic photo and a clinical close-up of the same name."
SAME_PICTURE = "Almost the same picture."


@dataclass(frozen=True)
class Suggestion:
    """Photos that may show one lesion, by their numbers, and why."""

    numbers: tuple[int, ...]
    reason: str


def suggest_lesions(photos: Sequence[JudgedPhoto], grouped: Collection[int] = ()) -> list[Suggestion]:
    """Pairs of photos that may show one lesion; photos whose numbers are in `grouped` are left alone."""
    single = [photo for photo in photos if photo.prediction is not None and photo.number not in grouped]
    suggestions = [*pair_names(single), *pair_pictures(single)]
    return list({suggestion.numbers: suggestion for suggestion in reversed(suggestions)}.values())[::-1]


def pair_names(photos: Sequence[JudgedPhoto]) -> list[Suggestion]:
    """One dermoscopic and one clinical photo whose names differ in nothing but a word for the kind."""
    by_name: dict[str, list[JudgedPhoto]] = {}
    for photo in photos:
        by_name.setdefault(strip_kind(photo.name), []).append(photo)
    pairs = (pair for pair in by_name.values() if len(pair) == 2)
    return [
        Suggestion(tuple(photo.number for photo in pair), SAME_NAME)
        for pair in pairs
        if {photo.prediction.kind.kind for photo in pair if photo.prediction} == {DERMOSCOPIC, CLINICAL}
    ]


def strip_kind(name: str) -> str:
    """A file's name with its folder, without its suffix and words for the kind of photo."""
    path = PurePosixPath(name.lower())
    return str(path.with_name(re.sub(r"[\W_]+", " ", KIND_WORDS.sub(" ", path.stem)).strip() or path.stem))


def pair_pictures(photos: Sequence[JudgedPhoto]) -> list[Suggestion]:
    """Photos whose thumbnails are almost the same, as `dataset.duplicates` finds them."""
    if len(photos) < 2:
        return []
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(photo.thumbnail)).convert("RGB")) for photo in photos])
    pairs = find_near_duplicates(make_thumbnails(pixels))
    return [Suggestion((photos[i].number, photos[j].number), SAME_PICTURE) for i, j, _ in pairs]
