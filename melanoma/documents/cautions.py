"""What stands at the head of a report: why this answer is to be read with care."""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.documents.wording import CLINICAL_CAUTION, ONE_PHOTO, SUSPICIOUS
from melanoma.photo import DOUBTFUL, UNUSABLE
from melanoma.serving import Prediction
from melanoma.sources import CLINICAL


@dataclass(frozen=True)
class Caution:
    """A warning: what it is about in two or three words, and the rest in sentences."""

    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title} {self.text}"


def list_cautions(prediction: Prediction, photos: int = 1) -> tuple[Caution, ...]:
    """Every warning about an answer, the gravest first; photos: of the lesion, also those that do not count."""
    cautions = (
        _warn_of_quality(prediction, photos),
        Caution("Undecided for one photo.", ONE_PHOTO) if prediction.undecided_for_a_photo else None,
        Caution("Undecided.", f"{' '.join(prediction.assessment.suspicions)} {SUSPICIOUS}")
        if prediction.undecided_for_suspicion
        else None,
        _warn_of_kind(prediction),
        *(Caution("Note.", text) for text in prediction.assessment.cautions),
    )
    return tuple(caution for caution in cautions if caution)


def _warn_of_quality(prediction: Prediction, photos: int) -> Caution | None:
    assessment, several = prediction.assessment, photos > 1
    reasons = " ".join(assessment.reasons)
    if assessment.quality == UNUSABLE:
        title = "No photo is usable." if several else "Unusable photo."
        return Caution(title, f"{reasons} The answer cannot be relied on.")
    if assessment.quality == DOUBTFUL:
        title = "No photo is good." if several else "Doubtful photo."
        return Caution(title, f"{reasons} {_count_left_out(prediction, photos)}Read the answer with care.")
    if reasons:
        return Caution("Not every photo is good.", f"{reasons} {_count_left_out(prediction, photos)}".strip())
    return None


def _count_left_out(prediction: Prediction, photos: int) -> str:
    if prediction.photos == photos:
        return ""
    return f"The answer rests on {prediction.photos} of {photos} photos: unusable ones are left out. "


def _warn_of_kind(prediction: Prediction) -> Caution | None:
    if prediction.shows_both_kinds:
        return Caution("A clinical close-up counts.", CLINICAL_CAUTION)
    return Caution("Clinical close-up.", CLINICAL_CAUTION) if prediction.kind.kind == CLINICAL else None
