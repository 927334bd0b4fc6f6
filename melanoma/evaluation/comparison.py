"""Two runs on the photos that both answered: is one better, and where do they part?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from melanoma.diagnoses import index
from melanoma.estimates import Interval
from melanoma.evaluation.bootstrap import Resamples, figure
from melanoma.evaluation.metrics import balanced_accuracy
from melanoma.evaluation.tables import Answers
from melanoma.run.folder import Run

Figure = Callable[[Answers, Resamples], np.ndarray]  # -> (1 + draws,)


class ComparisonError(ValueError):
    """Two runs that cannot be compared; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Pair:
    """Answers of two runs on the same n photos, in the same order; both hold the first run's lesion groups.

    alone: photos that only the first, and only the second run tested; relabelled: photos left out because
    the two runs disagree on their true diagnosis.
    """

    first: Answers
    second: Answers
    alone: tuple[int, int]
    relabelled: int


@dataclass(frozen=True)
class Difference:
    """One figure of both runs; `difference`: second minus first with its 95 % interval."""

    name: str
    first: float
    second: float
    difference: Interval

    def span(self) -> str:
        """The difference and its interval in words: `+0.012 (+0.004 to +0.020)`."""
        return f"{self.difference.value:+.3f} ({self.difference.low:+.3f} to {self.difference.high:+.3f})"


@dataclass(frozen=True)
class McNemar:
    """Photos whose top diagnosis one run alone has right, and the exact two-sided p of such an imbalance by chance."""

    first_alone: int
    second_alone: int
    p: float


def pair(first: Answers, second: Answers) -> Pair:
    """The photos that both runs tested. Raises ComparisonError where there are none."""
    shared, at_first, at_second = np.intersect1d(first.image_ids, second.image_ids, return_indices=True)
    same = first.diagnoses[at_first] == second.diagnoses[at_second]
    if not same.any():
        raise ComparisonError("The two runs have no such photo in common: there is nothing to compare.")
    one, other = chosen(first, at_first[same]), chosen(second, at_second[same])
    other = Answers(other.image_ids, other.diagnoses, other.sources, one.lesions, other.probabilities)
    alone = (len(first.image_ids) - len(shared), len(second.image_ids) - len(shared))
    return Pair(one, other, alone, int((~same).sum()))


def chosen(given: Answers, rows: np.ndarray) -> Answers:
    """The answers at `rows`, in their order."""
    return Answers(*(getattr(given, field.name)[rows] for field in fields(Answers)))


def _balanced_accuracy(given: Answers, resamples: Resamples) -> np.ndarray:
    labels = np.array([index(code) for code in given.diagnoses])
    return balanced_accuracy(resamples, labels, given.probabilities.argmax(axis=1))


FIGURES: dict[str, Figure] = {
    "Balanced accuracy": _balanced_accuracy,
    "Melanoma AUC": lambda given, resamples: resamples.auc(given.positive("MEL"), given.score("MEL")),
    "Malignant AUC": lambda given, resamples: resamples.auc(given.positive("malignant"), given.score("malignant")),
}


def _cross_entropy(given: Answers, resamples: Resamples) -> np.ndarray:
    own = given.probabilities[np.arange(len(given.diagnoses)), [index(code) for code in given.diagnoses]]
    return resamples.mean(-np.log(np.maximum(own, TINY)))


TINY = 1e-12  # probability below which surprise does not grow any more
LOSSES: dict[str, Figure] = {"Cross-entropy (lower is better)": _cross_entropy}


def differences(pair: Pair, figures: dict[str, Figure] = FIGURES) -> list[Difference]:
    """Figures of both runs and second minus first; paired bootstrap: each draw takes the same lesions for both.

    A figure that these photos leave undefined (no melanoma among them) is left out.
    """
    resamples = pair.first.resamples
    found = [_difference(name, of(pair.first, resamples), of(pair.second, resamples)) for name, of in figures.items()]
    return [one for one in found if one]


def own_threshold(run: Run) -> float | None:
    """From which malignant sum a run refers at its default operating point; None where it has no such threshold."""
    calibration = run.calibration or {"operating_points": {}}
    point = calibration["operating_points"].get(calibration.get("default_operating_point"), {})
    return point["threshold"] if point.get("score") == "malignant" else None


def decisions(pair: Pair, first: float | None, second: float | None) -> list[Difference]:
    """Sensitivity and specificity for malignant lesions, each run at its own threshold; none where one has none."""
    if first is None or second is None:
        return []
    resamples, malignant = pair.first.resamples, pair.first.positive("malignant")
    referred = pair.first.score("malignant") >= first, pair.second.score("malignant") >= second
    found = [
        _difference("Sensitivity", *(resamples.share(hits, malignant) for hits in referred)),
        _difference("Specificity", *(resamples.share(~hits, ~malignant) for hits in referred)),
    ]
    return [one for one in found if one]


def _difference(name: str, first: np.ndarray, second: np.ndarray) -> Difference | None:
    between = figure(second - first)
    return Difference(name, float(first[0]), float(second[0]), Interval.of(between)) if between else None


def mcnemar(pair: Pair) -> McNemar:
    """McNemar's test on the top diagnosis, in its exact (binomial) form; each photo counts as independent."""
    right = pair.first.top() == pair.first.diagnoses, pair.second.top() == pair.second.diagnoses
    first_alone, second_alone = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    apart = first_alone + second_alone
    p = float(binomtest(first_alone, apart, 0.5).pvalue) if apart else 1.0
    return McNemar(first_alone, second_alone, p)


def disagreements(pair: Pair, names: tuple[str, str]) -> pd.DataFrame:
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


def difference_table(found: list[Difference], names: tuple[str, str]) -> pd.DataFrame:
    """A row a figure: both values, second minus first, its interval."""
    return pd.DataFrame(
        [
            {
                "figure": d.name,
                names[0]: round(d.first, 3),
                names[1]: round(d.second, 3),
                "difference": round(d.difference.value, 3),
                "low": round(d.difference.low, 3),
                "high": round(d.difference.high, 3),
            }
            for d in found
        ]
    )


def difference_words(found: Difference, names: tuple[str, str]) -> str:
    """What one difference means, in a sentence."""
    interval, span = found.difference, found.span()
    if interval.low <= 0 <= interval.high:
        return f"{found.name}: {span}; the interval holds 0, so these photos do not tell the runs apart."
    return f"{found.name}: {span}, higher for {names[interval.value > 0]}."


def mcnemar_words(test: McNemar, names: tuple[str, str]) -> str:
    """The test's result in sentences."""
    chance = "p < 0.001" if test.p < 0.001 else f"p = {test.p:.3f}"
    return (
        f"Only {names[0]} is right on {test.first_alone:,} photos, only {names[1]} on {test.second_alone:,}: McNemar's "
        f"exact test, {chance}. It counts photos of one lesion as independent, which makes p too small."
    )
