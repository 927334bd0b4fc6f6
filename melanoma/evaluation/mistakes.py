"""What photos of one diagnosis are taken for, and what is taken for it, with intervals over lesions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import estimate
from melanoma.evaluation.saved_predictions import SavedPredictions


@dataclass(frozen=True)
class Mistake:
    """Photos of one true diagnosis whose likeliest diagnosis is another; share: of all that it is asked among."""

    true: str
    predicted: str
    photos: int
    share: Estimate


def list_missed(predictions: SavedPredictions, code: str) -> tuple[Mistake, ...]:
    """What photos of `code` are taken for, the most frequent first; shares are of all photos of `code`."""
    top, among = predictions.top(), predictions.diagnoses == code
    return _count(predictions, ((code, other, among & (top == other)) for other in CODES if other != code), among)


def list_mistaken_for(predictions: SavedPredictions, code: str) -> tuple[Mistake, ...]:
    """What is taken for `code` and is not, the most frequent first; shares are of all photos that are taken for it."""
    among = predictions.top() == code
    true = predictions.diagnoses
    return _count(predictions, ((other, code, among & (true == other)) for other in CODES if other != code), among)


def _count(predictions: SavedPredictions, cells, among: np.ndarray) -> tuple[Mistake, ...]:
    found = [(true, predicted, hits) for true, predicted, hits in cells if hits.any()]
    mistakes = [
        Mistake(true, predicted, int(hits.sum()), share)
        for true, predicted, hits in found
        if (share := estimate(predictions.resamples.share(hits, among))) is not None
    ]
    return tuple(sorted(mistakes, key=lambda mistake: -mistake.photos))
