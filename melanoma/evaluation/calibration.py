"""From raw probabilities to decisions: temperature, operating points, conformal sets.

All is chosen on the validation split and measured on the test split.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss, roc_curve

from melanoma.diagnoses import CODES, index
from melanoma.evaluation.bootstrap import Resamples, figure, rounded
from melanoma.evaluation.metrics import is_malignant, labels_of, malignant_scores, probabilities_of, softmax

DEFAULT_OPERATING_POINT = "high-sensitivity"
SENSITIVITY = 0.95  # asked of `high-sensitivity` and `melanoma-95`
PREVALENCES = (0.01, 0.05, 0.2)
COVERAGE = 0.9  # asked of the conformal sets, in each class
SCARCE = 20  # photos: the highest or second highest of fewer is the limit of their set, and rests on one or two of them

# Name -> the score that is compared with the threshold, and what the threshold is chosen for.
OPERATING_POINTS = {
    "high-sensitivity": ("malignant", "finds at least 95 % of malignant lesions on validation"),
    "balanced": (
        "malignant",
        "highest Youden index (sensitivity + specificity - 1) for malignant lesions on validation",
    ),
    "melanoma-95": ("MEL", "finds at least 95 % of melanomas on validation"),
}


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """probabilities: (n, 9) -> the same with their logits divided by `temperature`; rows sum to 1."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), np.finfo(float).tiny))
    return softmax(logits / temperature)


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Temperature (0.05 to 20) of least cross-entropy; labels: (n,) int; probabilities: (n, 9), raw.

    Guo et al. 2017, "On calibration of modern neural networks".
    """

    def loss(logarithm: float) -> float:
        return log_loss(labels, tempered(probabilities, math.exp(logarithm)), labels=range(probabilities.shape[1]))

    return math.exp(minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded").x)


def threshold_for_sensitivity(positive_scores: np.ndarray, sensitivity: float) -> float:
    """The largest threshold at which at least `sensitivity` of the positives have score >= threshold."""
    if not len(positive_scores):
        raise ValueError("no positive photo to choose a threshold on")
    needed = math.ceil(sensitivity * len(positive_scores) - 1e-9)
    return float(np.sort(positive_scores)[::-1][max(needed, 1) - 1])


def youden_threshold(positive: np.ndarray, scores: np.ndarray) -> float:
    """The threshold of the highest Youden index (Youden 1950); of equal ones, the most sensitive."""
    alarms, found, thresholds = roc_curve(positive, scores, drop_intermediate=False)
    best = np.flatnonzero(np.isclose(found - alarms, (found - alarms).max()))[-1]
    return float(thresholds[best])


def score_and_truth(name: str, labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What an operating point compares, (n,), and which photos it should find, (n,) bool."""
    if OPERATING_POINTS[name][0] == "malignant":
        return malignant_scores(probabilities), is_malignant(labels)
    return probabilities[:, index("MEL")], labels == index("MEL")


def choose_threshold(name: str, labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Threshold of operating point `name` on these photos, on the safe side of the last stored digit."""
    scores, positive = score_and_truth(name, labels, probabilities)
    if name == "balanced":
        threshold = youden_threshold(positive, scores)
    else:
        threshold = threshold_for_sensitivity(scores[positive], SENSITIVITY)
    # Rounded down: float32 arithmetic must not lose the lesion that the threshold was set to find.
    return math.floor(threshold * 1e6) / 1e6


def predictive_values(sensitivity, specificity, prevalence: float) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative predictive value at a prevalence (Bayes); arrays go through elementwise."""
    found, missed = sensitivity * prevalence, (1 - sensitivity) * prevalence
    alarms, cleared = (1 - specificity) * (1 - prevalence), specificity * (1 - prevalence)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(found, found + alarms), np.divide(cleared, cleared + missed)


def measured(name: str, threshold: float, labels, probabilities, resamples: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Sensitivity and specificity of an operating point, each for every resample."""
    scores, positive = score_and_truth(name, labels, probabilities)
    return resamples.share(scores >= threshold, positive), resamples.share(scores < threshold, ~positive)


def operating_point(name: str, validation: tuple, test: tuple) -> dict:
    """One entry of `operating_points`. validation, test: (labels, calibrated probabilities, Resamples)."""
    threshold = choose_threshold(name, *validation[:2])
    own, unseen = measured(name, threshold, *validation), measured(name, threshold, *test)
    values = {str(p): predictive_values(*unseen, p) for p in PREVALENCES}
    score, target = OPERATING_POINTS[name]
    return {
        "score": score,
        "threshold": threshold,
        "target": target,
        "chosen_on": "validation",
        "validation": {"sensitivity": figure(own[0]), "specificity": figure(own[1])},
        "test": {
            "sensitivity": figure(unseen[0]),
            "specificity": figure(unseen[1]),
            "ppv": {p: figure(v[0]) for p, v in values.items()},
            "npv": {p: figure(v[1]) for p, v in values.items()},
        },
    }


def conformal_thresholds(labels: np.ndarray, probabilities: np.ndarray, coverage: float = COVERAGE) -> dict[str, float]:
    """Each diagnosis's largest 1 - p at which it is still in the set: 1.0, always, for want of photos.

    Class-conditional (Mondrian) split conformal prediction (Vovk 2012). Diagnoses of fewer than SCARCE photos are
    not taken below the limit of all of these together, for a limit that one or two photos set may lie anywhere
    (clusters of scarce classes: Ding 2023, arXiv:2306.09335).
    """
    misfit = {k: 1 - probabilities[labels == k, k] for k in range(len(CODES))}
    scarce = [k for k, values in misfit.items() if len(values) < SCARCE]
    least = conformal_limit(np.concatenate([misfit[k] for k in scarce]), coverage) if scarce else 0.0
    return {
        code: max(conformal_limit(misfit[k], coverage), least if k in scarce else 0.0) for k, code in enumerate(CODES)
    }


def conformal_limit(misfit: np.ndarray, coverage: float) -> float:
    """The ceil((n + 1) coverage)-th smallest of n misfits 1 - p.

    1.0 where there are fewer than coverage / (1 - coverage), which cannot give one.
    """
    rank = math.ceil((len(misfit) + 1) * coverage - 1e-9)
    if rank > len(misfit):
        return 1.0
    # Rounded up for the same reason as operating points are rounded down.
    return min(1.0, math.ceil(np.sort(misfit)[rank - 1] * 1e6) / 1e6)


def conformal_sets(probabilities: np.ndarray, thresholds: dict[str, float]) -> np.ndarray:
    """probabilities: (n, 9), calibrated -> (n, 9) bool: which diagnoses are in each photo's set, never none.

    The top diagnosis always is, as it is when a set is shown.
    """
    top = np.arange(len(CODES)) == probabilities.argmax(axis=1)[:, None]
    return top | (1 - probabilities <= np.array([thresholds[code] for code in CODES]))


def conformal(validation: tuple, test: tuple) -> dict:
    """The entry `conformal`. validation, test: (labels, calibrated probabilities, Resamples)."""
    thresholds = conformal_thresholds(*validation[:2])
    labels, probabilities, resamples = test
    sets = conformal_sets(probabilities, thresholds)
    return {
        "target_coverage": COVERAGE,
        "rule": "a diagnosis is in the set when 1 - p <= its threshold; the top one always is",
        "thresholds": thresholds,
        "always_included": [code for code, threshold in thresholds.items() if threshold >= 1],
        "validation_photos": {code: int((validation[0] == k).sum()) for k, code in enumerate(CODES)},
        "test_coverage": {code: figure(resamples.share(sets[:, k], labels == k)) for k, code in enumerate(CODES)},
        "mean_set_size": figure(resamples.mean(sets.sum(axis=1))),
    }


def calibrate(predictions: pd.DataFrame) -> dict:
    """calibration.json from the rows of predictions.csv, with `group`: fitted on validation, measured on test."""
    validation, test = (predictions[predictions["split"] == split] for split in ("validation", "test"))
    temperature = rounded(fit_temperature(labels_of(validation), probabilities_of(validation)))
    parts = [
        (
            labels_of(part),
            tempered(probabilities_of(part), temperature),
            Resamples.of_lesions(part["group"].to_numpy()),
        )
        for part in (validation, test)
    ]
    return {
        "temperature": temperature,
        "fitted_on": "validation",
        "default_operating_point": DEFAULT_OPERATING_POINT,
        "operating_points": {name: operating_point(name, *parts) for name in OPERATING_POINTS},
        "conformal": conformal(*parts),
    }
