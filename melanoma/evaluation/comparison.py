"""Two runs on the photos that both answered: is one better, and where do they part?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from melanoma.diagnoses import index
from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.evaluation.metrics import balanced_accuracy
from melanoma.evaluation.saved_predictions import SavedPredictions
from melanoma.run import MALIGNANT, Calibration

Statistic = Callable[[SavedPredictions, Resamples], np.ndarray]  # -> (1 + draws,)
TINY = 1e-12  # probability below which surprise does not grow any more


class ComparisonError(ValueError):
    """Two runs that cannot be compared; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Pair:
    """Predictions of two runs on the same n photos, in the same order; both hold the first run's lesion groups.

    alone: photos that only the first, and only the second run predicted; relabelled: photos left out because
    the two runs disagree on their true diagnosis.
    """

    first: SavedPredictions
    second: SavedPredictions
    alone: tuple[int, int]
    relabelled: int


@dataclass(frozen=True)
class Difference:
    """One statistic of both runs; `difference`: second minus first with its 95 % interval."""

    name: str
    first: float
    second: float
    difference: Estimate

    def text(self) -> str:
        """The difference and its interval in words: `+0.012 (+0.004 to +0.020)`."""
        return f"{self.difference.value:+z.3f} ({self.difference.low:+z.3f} to {self.difference.high:+z.3f})"


@dataclass(frozen=True)
class McNemar:
    """Photos whose top diagnosis one run alone has right, and the exact two-sided p of such an imbalance by chance."""

    first_alone: int
    second_alone: int
    p: float


def pair_predictions(first: SavedPredictions, second: SavedPredictions) -> Pair:
    """The photos that both runs predicted. Raises ComparisonError where there are none."""
    shared, at_first, at_second = np.intersect1d(first.image_ids, second.image_ids, return_indices=True)
    same = first.diagnoses[at_first] == second.diagnoses[at_second]
    if not same.any():
        raise ComparisonError(
            "The two runs have no such photo in common, so there is nothing to compare. Choose two runs of one split."
        )
    one, other = first.take(at_first[same]), second.take(at_second[same])
    other = SavedPredictions(other.image_ids, other.diagnoses, other.sources, one.lesions, other.probabilities)
    alone = (len(first.image_ids) - len(shared), len(second.image_ids) - len(shared))
    return Pair(one, other, alone, int((~same).sum()))


def _balanced_accuracy(predictions: SavedPredictions, resamples: Resamples) -> np.ndarray:
    labels = np.array([index(code) for code in predictions.diagnoses])
    return balanced_accuracy(resamples, labels, predictions.probabilities.argmax(axis=1))


def _cross_entropy(predictions: SavedPredictions, resamples: Resamples) -> np.ndarray:
    labels = [index(code) for code in predictions.diagnoses]
    own = predictions.probabilities[np.arange(len(labels)), labels]
    return resamples.mean(-np.log(np.maximum(own, TINY)))


def _auc(score: str) -> Statistic:
    return lambda predictions, resamples: resamples.auc(predictions.positive(score), predictions.score(score))


STATISTICS: dict[str, Statistic] = {
    "Balanced accuracy": _balanced_accuracy,
    "Melanoma AUC": _auc("MEL"),
    "Malignancy AUC": _auc(MALIGNANT),
}
LOSSES: dict[str, Statistic] = {"Cross-entropy (lower is better)": _cross_entropy}


def estimate_differences(pair: Pair, statistics: dict[str, Statistic] = STATISTICS) -> list[Difference]:
    """Statistics of both runs and second minus first; paired bootstrap: each draw takes the same lesions for both.

    A statistic that these photos leave undefined (no melanoma among them) is left out.
    """
    resamples = pair.first.resamples
    return _defined(
        _difference(name, of(pair.first, resamples), of(pair.second, resamples)) for name, of in statistics.items()
    )


def default_threshold(calibration: Calibration | None) -> float | None:
    """From which malignancy probability a run refers by default; None where it has no such threshold."""
    if calibration is None or calibration.default.score != MALIGNANT:
        return None
    return calibration.default.threshold


def estimate_decisions(pair: Pair, first: float | None, second: float | None) -> list[Difference]:
    """Sensitivity and specificity for malignant lesions, each run at its own threshold; none where one has none."""
    if first is None or second is None:
        return []
    resamples, malignant = pair.first.resamples, pair.first.positive(MALIGNANT)
    referred = pair.first.score(MALIGNANT) >= first, pair.second.score(MALIGNANT) >= second
    one, other = (resamples.share(hits, malignant) for hits in referred)
    benign_one, benign_other = (resamples.share(~hits, ~malignant) for hits in referred)
    return _defined([_difference("Sensitivity", one, other), _difference("Specificity", benign_one, benign_other)])


def _difference(name: str, first: np.ndarray, second: np.ndarray) -> Difference | None:
    between = estimate(second - first)
    return Difference(name, float(first[0]), float(second[0]), between) if between else None


def _defined(differences) -> list[Difference]:
    return [difference for difference in differences if difference is not None]


def run_mcnemar(pair: Pair) -> McNemar:
    """McNemar's test on the top diagnosis, in its exact (binomial) form; each photo counts as independent."""
    right = pair.first.top() == pair.first.diagnoses, pair.second.top() == pair.second.diagnoses
    first_alone, second_alone = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    apart = first_alone + second_alone
    p = float(binomtest(first_alone, apart, 0.5).pvalue) if apart else 1.0
    return McNemar(first_alone, second_alone, p)


def list_disagreements(pair: Pair, names: tuple[str, str]) -> pd.DataFrame:
    """Photos whose top diagnoses differ, the furthest apart first: image_id, source, diagnosis, both answers, right.

    names: of the two runs; `right` is one of them or "neither".
    """
    one, other = pair.first.top(), pair.second.top()
    differ, true = one != other, pair.first.diagnoses
    right = np.select([one == true, other == true], names, "neither")
    table = pd.DataFrame(
        {
            "image_id": pair.first.image_ids,
            "source": pair.first.sources,
            "diagnosis": true,
            names[0]: one,
            f"{names[0]} probability": pair.first.probabilities.max(axis=1).round(3),
            names[1]: other,
            f"{names[1]} probability": pair.second.probabilities.max(axis=1).round(3),
            "right": right,
        }
    )
    distance = np.abs(pair.first.probabilities - pair.second.probabilities).sum(axis=1)
    order = np.argsort(-distance, kind="stable")
    return table.iloc[order[differ[order]]].reset_index(drop=True)


def tabulate_differences(differences: list[Difference], names: tuple[str, str]) -> pd.DataFrame:
    """A row a statistic: both values, second minus first, its interval."""
    return pd.DataFrame(
        [
            {
                "statistic": one.name,
                names[0]: round(one.first, 3),
                names[1]: round(one.second, 3),
                "difference": round(one.difference.value, 3),
                "low": round(one.difference.low, 3),
                "high": round(one.difference.high, 3),
            }
            for one in differences
        ]
    )


def describe_difference(difference: Difference, names: tuple[str, str]) -> str:
    """What one difference means, in a sentence."""
    interval, text = difference.difference, difference.text()
    if interval.low <= 0 <= interval.high:
        return f"{difference.name}: {text}. The interval holds 0: these photos do not tell the runs apart."
    return f"{difference.name}: {text}, higher for {names[interval.value > 0]}."


def describe_mcnemar(test: McNemar, names: tuple[str, str]) -> str:
    """The test's result in sentences."""
    chance = "p < 0.001" if test.p < 0.001 else f"p = {test.p:.3f}"
    return (
        f"Only {names[0]} is right on {test.first_alone:,} photos, only {names[1]} on {test.second_alone:,}. "
        f"McNemar's exact test: {chance}. It counts photos of one lesion as independent, which makes p too small."
    )
