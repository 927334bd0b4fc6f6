"""Similar cases in words: what they are, and what they have been worth on test photos."""

from __future__ import annotations

import pandas as pd

from melanoma.diagnoses import CODES, mark_diagnosis
from melanoma.documents.wording import escape_markdown
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.libraries import KnownLesion
from melanoma.evaluation.neighbours import NEAREST, Agreement

SECOND = (
    "Second to the probabilities: these are lesions that the network answered alike, not proof of what this one is."
)
FEW = 50  # lesions in a library: from fewer, the nearest may be far


def describe_agreement(agreement: Agreement, run: str, kind: str) -> str:
    """What neighbours have been worth, against chance and against the network's own answer."""
    gain, balanced = agreement.gain, agreement.balanced_gain
    if gain.low > 0 and balanced.low > 0:
        verdict = "They were right more often than the network's own answer"
    elif gain.high < 0 or balanced.high < 0:
        verdict = "They do not beat the network's own answer"
    else:
        verdict = "They tell no more than the network's own answer"
    return (
        f"On {agreement.photos:,} {kind} test photos, with {agreement.library:,} validation photos as the library: of "
        f"the {NEAREST} nearest, {agreement.shared.percent()} had the same diagnosis, by chance "
        f"{percent(agreement.chance.value)}. Their most frequent diagnosis was right for "
        f"{agreement.neighbours.percent()}, the network's likeliest for {agreement.network.percent()}. {verdict}: "
        f"{_write_points(gain)}, and in balanced accuracy {_write_points(balanced)}. "
        f"`python -m melanoma neighbours {run}` remakes this."
    )


def _write_points(gain: Estimate) -> str:
    return f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}) points"


def describe_library(size: int, left_out: int) -> str:
    """How many lesions there are to find."""
    words = f"Among {size:,} lesions with a known outcome."
    if left_out:
        words += f" {left_out:,} more have no answer of this network to this kind of photo, or cannot be read."
    if size < FEW:
        words += " From so few, even the nearest may be unlike."
    return words


def tabulate_neighbours(lesions: list[KnownLesion], likeness: list[float]) -> pd.DataFrame:
    """A row a neighbour, the nearest first."""
    return pd.DataFrame(
        [
            {
                "likeness": f"{one:.2f}",
                "outcome": mark_diagnosis(lesion.diagnosis) if lesion.diagnosis in CODES else "none of the nine",
                "settled by": lesion.settled,
                "lesion": escape_markdown(lesion.name),
            }
            for lesion, one in zip(lesions, likeness, strict=True)
        ]
    )
