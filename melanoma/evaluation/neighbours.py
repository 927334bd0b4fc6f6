"""Lesions that a network answers alike: the nearest of a library with known outcomes, and how often these agree.

Two answers are as alike as the Bhattacharyya coefficient of their nine probabilities, the sum of sqrt(p * q), from 0 to
1 (Bhattacharyya 1946). Tried once instead: the 1,280 features below the last layer. Of the 5 nearest, as many had the
photo's diagnosis (2026-11-28-lite0: 70 % either way; clinical 55 and 57 %). So what is kept of an answer is enough, and
no photo needs to be. numpy compares a million lesions in a tenth of a second: there is no index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.estimates import UNDEFINED, Estimate
from melanoma.evaluation.bootstrap import estimate
from melanoma.evaluation.metrics import balanced_accuracy
from melanoma.evaluation.saved_predictions import SavedPredictions, load_predictions
from melanoma.run import Run, RunError

NEAREST = 5


@dataclass(frozen=True)
class Neighbours:
    """The nearest of a library for each of n photos, the nearest first. places: (n, k) int; likeness: (n, k) 0 to 1."""

    places: np.ndarray
    likeness: np.ndarray


@dataclass(frozen=True)
class Agreement:
    """Of n test photos, with the run's validation photos of the same kind as the library.

    shared: share of the NEAREST with the photo's own diagnosis; chance: share of the library with it; neighbours:
    photos whose neighbours' most frequent diagnosis is right (of equally frequent ones, the nearest's); network: photos
    whose likeliest diagnosis is right; gain: neighbours less network; balanced_gain: the same of balanced accuracy, in
    which a rare diagnosis counts as much as a frequent one.
    """

    photos: int
    library: int
    shared: Estimate
    chance: Estimate
    neighbours: Estimate
    network: Estimate
    gain: Estimate
    balanced_gain: Estimate


def find_nearest(probabilities: np.ndarray, library: np.ndarray, count: int = NEAREST) -> Neighbours:
    """probabilities: (n, 9) and library: (m, 9), rows sum to 1 -> the `count` nearest of each, or all m if fewer."""
    likeness = np.sqrt(np.maximum(probabilities, 0)) @ np.sqrt(np.maximum(library, 0)).T
    count = min(count, len(library))
    nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count] if count else np.empty((len(likeness), 0), int)
    order = np.argsort(-np.take_along_axis(likeness, nearest, axis=1), axis=1, kind="stable")
    places = np.take_along_axis(nearest, order, axis=1)
    return Neighbours(places, np.clip(np.take_along_axis(likeness, places, axis=1), 0, 1))


def measure_agreement(run: Run, kind: str) -> Agreement:
    """What neighbours are worth for one kind of photo, by the run's saved predictions. Raises RunError without them."""
    test, library = load_predictions(run, "test", kind), load_predictions(run, "validation", kind)
    if test is None or library is None:
        raise RunError(f"{run.name} has no predictions yet. Run `python -m melanoma evaluate {run.name}` first.")
    return compare_neighbours(test, library)


def compare_neighbours(test: SavedPredictions, library: SavedPredictions) -> Agreement:
    """Test photos against a library of other lesions."""
    places = find_nearest(test.probabilities, library.probabilities).places
    found = library.diagnoses[places]  # (n, k)
    same = found == test.diagnoses[:, None]
    answers = vote(found), test.top()
    right, network = (answer == test.diagnoses for answer in answers)
    chance = np.array([(library.diagnoses == code).mean() for code in test.diagnoses])
    resamples = test.resamples
    shares = [resamples.mean(values) for values in (same.mean(axis=1), chance, right, network)]
    labels, *tops = (np.array([CODES.index(code) for code in codes]) for codes in (test.diagnoses, *answers))
    balanced = [balanced_accuracy(resamples, labels, top) for top in tops]
    estimates = [estimate(one) for one in (*shares, shares[2] - shares[3], balanced[0] - balanced[1])]
    return Agreement(len(labels), len(library.diagnoses), *(one or UNDEFINED for one in estimates))


def vote(found: np.ndarray) -> np.ndarray:
    """(n, k) diagnoses, the nearest first -> (n,) the most frequent one, of equally frequent ones the nearest's."""
    votes = (found[:, :, None] == found[:, None, :]).sum(axis=2)
    return np.take_along_axis(found, votes.argmax(axis=1)[:, None], axis=1)[:, 0]
