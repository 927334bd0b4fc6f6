"""Bootstrap over lesions: every statistic as a weighted sum, for all resamples at once.

Photos of one lesion are alike, so a resample draws lesions and takes all photos of each of them. A
resample is a row of whole-number weights, one a photo; the first row is all ones, the sample itself. Each
statistic is written once, for a matrix of weights, and so gives its value and its interval together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.estimates import Estimate

DRAWS = 2000
SEED = 20
LEVEL = 0.95


@dataclass(frozen=True)
class Resamples:
    """weights: (1 + draws, n) float64, how often each photo counts; row 0 is all ones. lesions: (n,) int.

    Methods named after a statistic return it for each row, (1 + draws,), NaN where a draw leaves it undefined.
    """

    weights: np.ndarray
    lesions: np.ndarray
    seed: int = SEED

    @classmethod
    def of_lesions(cls, groups: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> Resamples:
        """groups: (n,) lesion group of each photo -> as many lesions as there are, drawn with replacement."""
        names, rows = np.unique(np.asarray(groups), return_inverse=True)
        counts = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
        return cls(np.concatenate([np.ones((1, len(rows))), counts[:, rows]]), rows, seed)

    def share(self, hits: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Share of photos with `hits`, of those `among`; both (n,) bool.

        Where all or none are hit, resampling would say that this is certain. The draws then come from the
        exact (Clopper-Pearson) bound for as many lesions.
        """
        among = np.ones(len(hits), bool) if among is None else among
        return self.share_of_counts(hits & among, among)

    def share_of_counts(self, hits: np.ndarray, among: np.ndarray) -> np.ndarray:
        """As `share`, where each entry stands for several photos: how many are hit, of how many; both (n,)."""
        with np.errstate(invalid="ignore"):
            shares = (self.weights @ hits.astype(float)) / (self.weights @ among.astype(float))
        if among.any() and shares[0] in (0, 1):
            lesions = len(np.unique(self.lesions[among > 0]))
            slack = 1 - np.random.default_rng(self.seed).random(len(shares) - 1) ** (1 / lesions)
            shares[1:] = np.abs(shares[0] - slack)
        return shares

    def mean(self, values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Mean of `values` (n,) over the photos `among`, (n,) bool, or all."""
        among = np.ones(len(values), bool) if among is None else among
        with np.errstate(invalid="ignore"):
            return (self.weights @ np.where(among, values, 0.0)) / (self.weights @ among.astype(float))

    def median(self, values: np.ndarray) -> np.ndarray:
        """Weighted median of `values` (n,), the lower one of two."""
        order = np.argsort(values, kind="stable")
        below = np.cumsum(self.weights[:, order], axis=1)
        at = (below >= below[:, -1:] / 2).argmax(axis=1)
        return np.where(below[:, -1] > 0, values[order][at], np.nan)

    def auc(self, positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Area under the ROC curve; positive: (n,) bool; scores: (n,). Ties count half (Mann-Whitney)."""
        order = np.argsort(scores, kind="stable")
        ranked, positive = scores[order], positive[order]
        weights = self.weights[:, order]
        below = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights * ~positive, axis=1)], axis=1)
        left = np.searchsorted(ranked, ranked[positive], "left")
        right = np.searchsorted(ranked, ranked[positive], "right")
        won = weights[:, positive] * (below[:, left] + below[:, right]) / 2
        with np.errstate(invalid="ignore"):
            return won.sum(axis=1) / (weights[:, positive].sum(axis=1) * below[:, -1])

    def specificity_at(self, positive: np.ndarray, scores: np.ndarray, sensitivity: float = 0.95) -> np.ndarray:
        """Specificity at the largest threshold (score >= threshold) that reaches the sensitivity.

        The threshold is read off each draw's own ROC, as published benchmarks do: it is optimistic by as
        much as a threshold chosen beforehand would miss its sensitivity.
        """
        order = np.argsort(-scores, kind="stable")
        ranked, positive = scores[order], positive[order]
        ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # equal scores fall on one side together
        hits = np.cumsum(self.weights[:, order] * positive, axis=1)[:, ends]
        alarms = np.cumsum(self.weights[:, order] * ~positive, axis=1)[:, ends]
        reached = hits >= sensitivity * hits[:, -1:] - 1e-9
        at = reached.argmax(axis=1)
        with np.errstate(invalid="ignore"):
            result = 1 - alarms[np.arange(len(at)), at] / alarms[:, -1]
        return np.where(hits[:, -1] > 0, result, np.nan)

    def calibration_error(self, confidence: np.ndarray, correct: np.ndarray, bins: int) -> np.ndarray:
        """Expected calibration error over equal-width bins (Guo et al. 2017); confidence: (n,) in 0..1."""
        member = assign_bins(confidence, bins)[:, None] == np.arange(bins)
        gap = self.weights @ (member * (correct.astype(float) - confidence)[:, None])
        return np.abs(gap).sum(axis=1) / self.weights.sum(axis=1)


def assign_bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    """confidence: (n,) in 0..1 -> (n,) int, its equal-width bin, open below and closed above."""
    return np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)


def estimate(values: np.ndarray, centre: bool = False) -> Estimate | None:
    """values: (1 + draws,), a statistic of each resample -> its value with its 95 % interval; None if undefined.

    Percentile interval over the draws that define the statistic, widened to hold the value itself. `centre`
    moves the draws' median onto the value first (not below 0): an error that averages absolute gaps grows
    with each resampling.
    """
    value, draws = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not np.isfinite(value) or not len(draws):
        return None
    if centre:
        draws = np.maximum(draws - np.median(draws) + value, 0)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(round_digits(value), round_digits(min(low, value)), round_digits(max(high, value)))


def round_digits(value: float) -> float:
    """Six significant digits: more than any statistic here can carry."""
    return float(f"{value:.6g}")
