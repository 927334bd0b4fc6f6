"""Two photos of one lesion in words: how they were aligned, and how much of a difference between answers is noise."""

from __future__ import annotations

import datetime

from melanoma.diagnoses import mark_diagnosis
from melanoma.estimates import Estimate, percent
from melanoma.photo.registration import Registration
from melanoma.serving import Prediction
from melanoma.serving.repeatability import VIEWS, Repeatability, do_ranges_part

# Measured on pairs of photos of one lesion in which no change is known: melanoma/photo/README.md has the tables and
# the command that remakes them.
PAIRS = 75
PARTED = Estimate(0.187, 0.107, 0.28)  # share of such pairs whose ranges part

DIFFERENT_KINDS = "One photo is dermoscopic, the other a clinical close-up: their answers are not comparable."
WHAT_YOU_SEE = "A change that you see counts, whatever the numbers say."
GROWTH_IS_HIDDEN = (
    "**Growth on all sides is not seen here.** The photos are laid over each other by what agrees in them, mostly the "
    "lesion: one that has grown is drawn smaller. Measure it on the skin. For that reason, areas are not compared."
)
NOT_ALIGNED = (
    "The photos could not be aligned: too few places in them agree. Do they show the same lesion? "
    "If they do, give two or three points that you recognise in both."
)


def write_answer(prediction: Prediction, views: Repeatability) -> list[str]:
    """What is answered about one photo, in Markdown, a line each."""
    return [
        f"Malignant **{write_range(prediction.malignancy, views.malignancy)}** · "
        f"melanoma **{write_range(prediction.probability('MEL'), views.range_of('MEL'))}**",
        f"Most likely {mark_diagnosis(prediction.top)}, {percent(prediction.probability(prediction.top))}",
    ]


def write_range(value: float, values: tuple[float, float]) -> str:
    """A probability and the range over the views: `12 % (6–19 %)`."""
    return Estimate(value, *values).percent()


def describe_difference(
    earlier: tuple[Prediction, Repeatability] | None, later: tuple[Prediction, Repeatability] | None
) -> str:
    """Whether the malignancy probabilities differ by more than turning and re-framing explain."""
    if earlier is None or later is None:
        return "A photo without an answer cannot be compared with the other."
    if earlier[0].kind.kind != later[0].kind.kind:
        return DIFFERENT_KINDS
    before, after = earlier[1].malignancy, later[1].malignancy
    if not do_ranges_part(before, after):
        return (
            "**The ranges meet.** Turning and re-framing the same photo may explain the difference. This does not show "
            f"that nothing has changed. {WHAT_YOU_SEE}"
        )
    way = "rose" if after[0] > before[1] else "fell"
    return (
        f"**The ranges part: the malignancy probability {way}** by more than turning and re-framing explain. Light, "
        f"focus and distance may still explain it: the ranges part in {PARTED.percent()} of {PAIRS} pairs of photos of "
        f"one lesion in which no change is known. {WHAT_YOU_SEE}"
    )


def describe_ranges() -> str:
    """What stands in brackets."""
    return f"In brackets: the least and the largest of {VIEWS} turned, mirrored and re-framed views of the same photo."


def describe_interval(earlier: datetime.date | None, later: datetime.date | None) -> str:
    """How long lies between two dates; what is wrong with them; empty where one is not known."""
    if earlier is None or later is None:
        return ""
    days = (later - earlier).days
    if days < 0:
        return "The earlier photo has the later date. Swap the photos, or mend the dates."
    if days == 0:
        return "Both photos are of the same day."
    return f"{days} {'day' if days == 1 else 'days'} lie between the photos, by your dates."


def describe_registration(registration: Registration) -> str:
    """What the photos were aligned by."""
    how = "the points that you gave" if registration.by_hand else f"{registration.agreeing} places that agree"
    return (
        f"Aligned by {how}: the later photo is turned by {round(registration.turn)}° and drawn at "
        f"{100 * registration.zoom:.0f} % of its size, so that the lesions lie over each other."
    )
