"""A lesion with a photo of each kind: how the two answers are combined, and what that gives over one photo."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.metrics import log_loss

from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import Resamples, estimate, round_digits
from melanoma.evaluation.calibration import apply_temperature, make_calibration
from melanoma.evaluation.metrics import (
    MERGED_INDEX,
    balanced_accuracy,
    estimate_per_group,
    is_malignant,
    labels_of,
    malignancy_of,
    merge_classes,
    probabilities_of,
    softmax,
)
from melanoma.run import Calibration, PairCalibration
from melanoma.run.evaluation import GroupEstimates, PairEvaluation
from melanoma.sources import CLINICAL, DERMOSCOPIC

BOTH = (DERMOSCOPIC, CLINICAL)


@dataclass(frozen=True)
class Pairs:
    """Lesions with one photo of each kind. labels: (n,) int; probabilities: by kind, (n, 9), raw; lesions: (n,)."""

    labels: np.ndarray
    probabilities: dict[str, np.ndarray]
    lesions: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


def find_pairs(predictions: pd.DataFrame, split: str) -> Pairs:
    """The pairs among the rows of predictions.csv of one split, with `group` and `kind`.

    A source that has both kinds photographs a lesion once with and once without a dermatoscope. A group with more than
    one photo of a kind from it holds several lesions, whose photos cannot be matched: it is left out.
    """
    own = predictions[predictions["split"] == split]
    of_both = own.groupby("source")["kind"].transform("nunique") == len(BOTH)
    own = own[of_both]
    single = own.groupby("group")["kind"].transform("nunique") == len(BOTH)
    single &= own.groupby("group")["kind"].transform("size") == len(BOTH)
    each = {kind: own[single & (own["kind"] == kind)].sort_values("group") for kind in BOTH}
    agree = each[DERMOSCOPIC]["diagnosis"].to_numpy() == each[CLINICAL]["diagnosis"].to_numpy()
    first = each[DERMOSCOPIC][agree]
    return Pairs(
        labels_of(first), {kind: probabilities_of(each[kind][agree]) for kind in BOTH}, first["group"].to_numpy()
    )


def combine(probabilities: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """(n, 9) probabilities of each kind -> of the lesions: softmax of the weighted sum of their logarithms."""
    tiny = np.finfo(float).tiny
    return softmax(sum(weights[kind] * np.log(np.maximum(probabilities[kind], tiny)) for kind in weights))


def fit_weights(pairs: Pairs) -> dict[str, float]:
    """The weights (0 to 5) of least cross-entropy; with two of them no temperature is needed."""

    def loss(weights: np.ndarray) -> float:
        combined = combine(pairs.probabilities, dict(zip(BOTH, weights, strict=True)))
        return log_loss(pairs.labels, combined, labels=range(combined.shape[1]))

    best = minimize(loss, np.full(len(BOTH), 0.5), bounds=[(0.0, 5.0)] * len(BOTH), method="L-BFGS-B").x
    return {kind: round_digits(float(weight)) for kind, weight in zip(BOTH, best, strict=True)}


def calibrate_pairs(predictions: pd.DataFrame) -> PairCalibration | None:
    """Fitted on the validation pairs, measured on the test pairs; None where either split has none."""
    if "kind" not in predictions:
        return None
    validation, test = (find_pairs(predictions, split) for split in ("validation", "test"))
    if not len(validation) or not len(test):
        return None
    weights = fit_weights(validation)
    parts = [
        (pairs.labels, combine(pairs.probabilities, weights), Resamples.of_lesions(pairs.lesions))
        for pairs in (validation, test)
    ]
    return PairCalibration(**vars(make_calibration(1.0, parts[0], parts[1])), weights=weights)


def evaluate_pairs(predictions: pd.DataFrame, calibration: Calibration) -> PairEvaluation | None:
    """What the test pairs gain over one photo; None for a run that was not calibrated for pairs."""
    if calibration.pair is None or calibration.clinical is None:
        return None
    pairs = find_pairs(predictions, "test")
    answers = {
        kind: apply_temperature(pairs.probabilities[kind], calibration.of_kind(kind).temperature) for kind in BOTH
    }
    answers["pair"] = combine(pairs.probabilities, calibration.pair.weights)
    thresholds = {kind: calibration.of_kind(kind).default.threshold for kind in BOTH}
    thresholds["pair"] = calibration.pair.default.threshold
    return PairEvaluation(
        lesions=len(pairs),
        gain=estimate_gain(pairs, answers["pair"], answers[DERMOSCOPIC]),
        **{name: estimate_alone(pairs, answers[name], thresholds[name]) for name in answers},
    )


def estimate_alone(pairs: Pairs, probabilities: np.ndarray, threshold: float) -> GroupEstimates:
    """The estimates of one way to answer these lesions."""
    names = np.full(len(pairs), "all")
    (estimates,) = estimate_per_group(names, pairs.labels, probabilities, pairs.lesions, threshold=threshold).values()
    return replace(estimates, ece_before=None)


def estimate_gain(pairs: Pairs, first: np.ndarray, second: np.ndarray) -> dict[str, Estimate | None]:
    """By name of an estimate: `first` less `second`, both (n, 9), on the same resamples of lesions."""
    resamples = Resamples.of_lesions(pairs.lesions)
    malignant, seven = is_malignant(pairs.labels), MERGED_INDEX[pairs.labels]

    def measure(answers: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "balanced_accuracy_9": balanced_accuracy(resamples, pairs.labels, answers.argmax(axis=1)),
            "balanced_accuracy_7": balanced_accuracy(resamples, seven, merge_classes(answers).argmax(axis=1)),
            "malignant_auc": resamples.auc(malignant, malignancy_of(answers)),
            "specificity_at_95_sensitivity": resamples.specificity_at(malignant, malignancy_of(answers)),
        }

    ours, theirs = measure(first), measure(second)
    return {name: estimate(ours[name] - theirs[name]) for name in ours}
