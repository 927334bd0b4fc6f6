"""Photos -> rows of a worklist, one a lesion, worst first."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image

from melanoma.photo import UNUSABLE, PhotoError
from melanoma.run import RunError
from melanoma.serving.classifier import Classifier
from melanoma.serving.lesion import answer_lesion
from melanoma.serving.prediction import REFER, ROUTINE, UNDECIDED, Prediction, decide, score_of
from melanoma.serving.reading import Reader
from melanoma.serving.rows import explain_decision
from melanoma.serving.turns import TURNS

Standing = Literal["refer", "undecided", "not judged", "routine"]
NOT_JUDGED: Standing = "not judged"  # there is no photo that can be read or relied on
# Worst first. Where the network says that a lesion must be seen comes before where it says nothing: a photo that could
# not be judged is mostly taken anew, while the first lesions are looked at. It never stands below what is routine,
# where nobody may look any more.
STANDINGS: tuple[Standing, ...] = (REFER, UNDECIDED, NOT_JUDGED, ROUTINE)
THUMBNAIL = 144  # pixels a side
THUMBNAIL_QUALITY = 85  # of a JPEG; it then takes some 6 KB
WITHOUT_PIXELS = np.empty((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class JudgedPhoto:
    """One file of a worklist and what the network says about it.

    number: its place among all files as they came, from 1; sha256: of the file, empty where it was not read;
    thumbnail: JPEG of THUMBNAIL pixels a side of what the network saw, empty where nothing was; prediction: of the
    photo by itself, its `input` and `maps` left out; problem: why there is none, in a sentence; notes: what was
    changed on reading; kind: of the photo, as the user stated it.
    """

    number: int
    name: str
    sha256: str = ""
    thumbnail: bytes = b""
    prediction: Prediction | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    kind: str | None = None


@dataclass(frozen=True)
class WorklistRow:
    """One lesion of a worklist, from one photo or several.

    prediction: of the lesion, None where no photo of it could be answered; problem: then why; lesion: the name of a
    lesion whose photos were grouped, empty for a photo by itself.
    """

    photos: tuple[JudgedPhoto, ...]
    prediction: Prediction | None
    problem: str = ""
    lesion: str = ""

    @property
    def key(self) -> str:
        """What tells this row from every other of the worklist: the numbers of its photos."""
        return "+".join(str(photo.number) for photo in self.photos)

    @property
    def name(self) -> str:
        """Of the file, or of the lesion and its files."""
        names = ", ".join(photo.name for photo in self.photos)
        return f"{self.lesion}: {names}" if self.lesion else names

    @property
    def standing(self) -> Standing:
        """The decision, or NOT_JUDGED where no photo of the lesion can be relied on."""
        if self.prediction is None or self.prediction.assessment.quality == UNUSABLE:
            return NOT_JUDGED
        return self.prediction.decision

    @property
    def judged(self) -> Prediction | None:
        """The prediction where it can be relied on."""
        return None if self.standing == NOT_JUDGED else self.prediction

    @property
    def reason(self) -> str:
        """Why there is no answer, what is wrong with the photos, or why the decision is not what the score gives."""
        if self.prediction is None:
            return self.problem
        unread = [f"Photo {n}: {one.problem}" for n, one in enumerate(self.photos, 1) if one.prediction is None]
        reasons = self.prediction.assessment.reasons or (explain_decision(self.prediction),)
        return " ".join(filter(None, (*reasons, *unread)))

    @property
    def thumbnail(self) -> bytes:
        """Of the first photo that has one."""
        return next((photo.thumbnail for photo in self.photos if photo.thumbnail), b"")


def judge_photo(
    classifier: Classifier,
    number: int,
    name: str,
    content: bytes,
    kind: str | None = None,
    reader: Reader | None = None,
) -> JudgedPhoto:
    """What the network says about the bytes of a file, in turn; one that cannot be used says why.

    kind: of the photo, as the user states it; reader: the visitor whose it is, None: one for this photo. Of the photo's
    pixels only the thumbnail is kept.
    """
    try:
        photo = (reader or Reader()).read(content, always=True)
    except PhotoError as error:
        return JudgedPhoto(number, name, hashlib.sha256(content).hexdigest(), problem=str(error), kind=kind)
    try:
        with TURNS.take(always=True):
            prediction = classifier.predict(photo, kind=kind)
    except RunError as error:
        return JudgedPhoto(number, name, photo.sha256, problem=str(error), notes=photo.notes, kind=kind)
    return JudgedPhoto(
        number,
        name,
        photo.sha256,
        make_thumbnail(prediction.input),
        replace(prediction, input=WITHOUT_PIXELS, maps=None),
        notes=photo.notes,
        kind=kind,
    )


def make_thumbnail(crop: np.ndarray) -> bytes:
    """crop: (s, s, 3) uint8, what the network saw -> JPEG of THUMBNAIL pixels a side."""
    file = io.BytesIO()
    small = Image.fromarray(crop).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=THUMBNAIL_QUALITY)
    return file.getvalue()


def decide_at(classifier: Classifier, prediction: Prediction, operating_point: str | None) -> Prediction:
    """The prediction about one photo, decided at another operating point. Raises RunError for an unknown one."""
    name, point = classifier.operating_point(operating_point, prediction.kind.kind)
    score = score_of(prediction.probabilities, point)
    decision = decide(score, point, prediction.assessment)
    return replace(prediction, operating_point=name, point=point, score=score, decision=decision)


def make_rows(
    classifier: Classifier,
    photos: Sequence[JudgedPhoto],
    lesions: Mapping[int, str] | None = None,
    operating_point: str | None = None,
) -> list[WorklistRow]:
    """A row a lesion, decided at an operating point, worst first.

    lesions: the name of the lesion that a photo shows, by the photo's number; photos of one name get one answer.
    Raises RunError for an unknown operating point.
    """
    groups: dict[str | int, list[JudgedPhoto]] = {}
    for photo in photos:
        if photo.prediction is not None:
            photo = replace(photo, prediction=decide_at(classifier, photo.prediction, operating_point))
        groups.setdefault((lesions or {}).get(photo.number, photo.number), []).append(photo)
    return rank_rows(
        make_row(classifier, group, key if isinstance(key, str) and len(group) > 1 else "", operating_point)
        for key, group in groups.items()
    )


def make_row(
    classifier: Classifier, photos: Sequence[JudgedPhoto], lesion: str = "", operating_point: str | None = None
) -> WorklistRow:
    """The row of one lesion. Where its photos cannot be answered together it has no answer, and says so."""
    predictions = [photo.prediction for photo in photos if photo.prediction is not None]
    if not predictions:
        return WorklistRow(tuple(photos), None, " ".join(dict.fromkeys(photo.problem for photo in photos)), lesion)
    try:
        return WorklistRow(tuple(photos), answer_lesion(classifier, predictions, operating_point), lesion=lesion)
    except RunError as error:
        return WorklistRow(tuple(photos), None, str(error), lesion)


def rank_rows(rows: Iterable[WorklistRow]) -> list[WorklistRow]:
    """Worst first: by STANDINGS, then by malignancy probability, then as the photos came."""

    def place(row: WorklistRow) -> tuple[int, float, int]:
        malignancy = row.judged.malignancy if row.judged else 0.0
        return STANDINGS.index(row.standing), -malignancy, row.photos[0].number

    return sorted(rows, key=place)
