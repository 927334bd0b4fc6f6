"""What it gives to leave photos undecided: which share is decided, and what is missed among those."""

from __future__ import annotations

import numpy as np
import pandas as pd

from melanoma.evaluation.bootstrap import estimate
from melanoma.evaluation.saved_predictions import SavedPredictions

STEPS = np.linspace(0.5, 1.0, 26)  # shares of photos that are decided


def trace_abstention(predictions: SavedPredictions, score: str, threshold: float) -> pd.DataFrame:
    """A row a share of decided photos, from half to all: columns decided, least_score, missed, low, high.

    Photos next below the threshold are undecided first. missed: share of the malignant lesions that are called
    routine, with its 95 % interval by lesion; those that are undecided count as seen.
    """
    scores, positive = predictions.score(score), predictions.positive(score)
    below = np.sort(scores[scores < threshold])[::-1]
    rows = []
    for share in STEPS[::-1]:
        undecided = round((1 - share) * len(scores))
        if undecided > len(below):
            break
        least = float(below[undecided - 1]) if undecided else threshold
        missed = estimate(predictions.resamples.share(scores < least, positive))
        if missed is not None:
            rows.append((float(share), least, missed.value, missed.low, missed.high))
    return pd.DataFrame(rows, columns=["decided", "least_score", "missed", "low", "high"])


def describe_abstention_curve(points: pd.DataFrame) -> str:
    """The ends of the curve in a sentence."""
    if points.empty:
        return "No photo is malignant, so nothing can be missed."
    first, last = points.iloc[0], points.iloc[-1]
    return (
        f"With every photo decided, {100 * first['missed']:.1f} % of malignant lesions are called routine; with "
        f"{100 * last['decided']:.0f} % decided, {100 * last['missed']:.1f} %."
    )
