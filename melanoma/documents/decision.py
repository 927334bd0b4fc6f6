"""A decision at a glance: its name, what it asks for, and what scores like this one have meant on test photos."""

from __future__ import annotations

from melanoma.documents.wording import KIND_NAMES, is_measured
from melanoma.estimates import Estimate, percent
from melanoma.photo import Photo
from melanoma.run import MALIGNANT, KindEvaluation
from melanoma.run.evaluation import ScoreBand
from melanoma.serving import REFER, UNDECIDED, Decision, Prediction

NAMES_OF_DECISIONS: dict[Decision, str] = {"refer": "Refer", "undecided": "Undecided", "routine": "Routine"}


def advise(prediction: Prediction) -> str:
    """What to do with the decision, in one line."""
    if prediction.referred_for_quality:
        return "Take a better photo, or have the lesion seen."
    if prediction.decision == REFER:
        return "Have the lesion seen by someone who can examine it and take a biopsy."
    if prediction.undecided_for_suspicion:
        return "Photograph the lesion without what lies over it, or have it seen."
    if prediction.undecided_for_a_photo:
        return "Have the lesion seen. One of its photos is not routine by itself."
    if prediction.decision == UNDECIDED:
        return "Have the lesion seen. It lies too near the threshold to be called routine."
    return "Follow up as you would without this answer."


def describe_band(prediction: Prediction, evaluation: KindEvaluation | None, prevalence: float) -> str:
    """How many lesions with such a malignancy probability are malignant, where a share `prevalence` of all is.

    Empty where it was not measured: for a lesion with photos of both kinds, an operating point on another score, or too
    few test photos.
    """
    joined = prediction.photos > 1 or prediction.shows_both_kinds
    if evaluation is None or joined or prediction.point.score != MALIGNANT:
        return ""
    band = evaluation.find_band(prediction.malignancy)
    value = band.predictive_value(prevalence) if band else None
    if band is None or value is None or not is_measured(value):
        return ""
    return (
        f"The probability is for a mixture of lesions as in the training photos. Where "
        f"{_of_hundred(prevalence)} photographed lesions in 100 are malignant, "
        f"{_write_count(value)} of 100 with {_name_band(band)} are. Measured on {band.photos:,} test photos."
    )


def _name_band(band: ScoreBand) -> str:
    return f"a malignancy probability of {100 * band.low:.0f} to {percent(band.high)}"


def _of_hundred(share: float) -> str:
    return f"{100 * share:.0f}"


def _write_count(value: Estimate) -> str:
    """A share as a count of 100 with its interval: `12 (9–15)`."""
    digits = 0 if value.value >= 0.1 else 1
    low, high = (f"{100 * end:.{digits}f}" for end in (value.low, value.high))
    count = f"{100 * value.value:.{digits}f}"
    return f"{'fewer than 0.1' if float(count) == 0 else count} ({low}–{high})"


def describe_photo(photo: Photo, prediction: Prediction) -> str:
    """As which kind the photo was read and who says so, its quality, and what was changed, in one line."""
    kind = prediction.kind
    said = "as you said" if kind.said else "as the network sees it" if kind.seen else ""
    name = KIND_NAMES[kind.kind]
    parts = [f"{name[0].upper()}{name[1:]}{', ' if said else ''}{said}", f"quality {prediction.assessment.quality}"]
    return " · ".join([*parts, *photo.notes]) + "."
