"""From raw probabilities to decisions: temperature, operating points, prediction set, for each kind of photo.

All is chosen on the validation split and measured on the test split.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss, roc_curve
from sklearn.model_selection import GroupKFold

from melanoma.diagnoses import CODES, index
from melanoma.evaluation.bootstrap import Resamples, estimate, round_digits
from melanoma.evaluation.metrics import is_malignant, labels_of, malignancy_of, probabilities_of, softmax
from melanoma.run import (
    DEFAULT_OPERATING_POINT,
    MALIGNANT,
    Abstention,
    Calibration,
    KindCalibration,
    OperatingPoint,
    PredictionSet,
    Rates,
    TestRates,
)
from melanoma.sources import CLINICAL, DERMOSCOPIC

SENSITIVITY = 0.95  # target of `high-sensitivity` and `melanoma-95`
PREVALENCES = (0.01, 0.05, 0.2)
# Share of the photos below the threshold that is routine; the others are undecided. Clinical ones are withheld sooner.
DECIDED, CLINICAL_DECIDED = 0.8, 0.65
COVERAGE = 0.9  # target of the prediction set, in each diagnosis
FLOOR, ENOUGH = 0.9, 40  # least sensitivity of `high-sensitivity` in each source with so many malignant photos
FOLDS = 5  # of validation, to tell whether a temperature helps on photos that it was not fitted on
SCARCE = 20  # photos: the limit that fewer of a diagnosis would set rests on one or two of them

# Labels (n,) int, calibrated probabilities (n, 9), resamples of the photos of one split
Answers = tuple[np.ndarray, np.ndarray, Resamples]

# Name -> the score that is compared with the threshold, and what the threshold is chosen for.
OPERATING_POINTS = {
    "high-sensitivity": (
        MALIGNANT,
        "finds at least 95 % of malignant lesions on validation, 90 % of every source's, and 90 % of melanomas",
    ),
    "balanced": (
        MALIGNANT,
        "highest Youden index (sensitivity + specificity - 1) for malignant lesions on validation",
    ),
    "melanoma-95": ("MEL", "finds at least 95 % of melanomas on validation"),
}


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """probabilities: (n, 9) -> the same with their logits divided by `temperature`; rows sum to 1."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), np.finfo(float).tiny))
    return softmax(logits / temperature)


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Temperature (0.05 to 20) of least cross-entropy; labels: (n,) int; probabilities: (n, 9), raw.

    Guo et al. 2017, "On calibration of modern neural networks".
    """

    def loss(logarithm: float) -> float:
        return log_loss(
            labels, apply_temperature(probabilities, math.exp(logarithm)), labels=range(probabilities.shape[1])
        )

    return math.exp(minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded").x)


def fit_useful_temperature(labels: np.ndarray, probabilities: np.ndarray, groups: np.ndarray) -> float:
    """`fit_temperature`, or 1 where a temperature does not help on photos that it was not fitted on.

    groups: (n,) lesion of each photo. It helps when the cross-entropy of the held-out lesions of FOLDS folds falls.
    """
    temperature = fit_temperature(labels, probabilities)
    if len(np.unique(groups)) < FOLDS:
        return temperature
    held_out = np.empty_like(probabilities, dtype=np.float64)
    for fitted, held in GroupKFold(FOLDS).split(probabilities, labels, groups):
        held_out[held] = apply_temperature(probabilities[held], fit_temperature(labels[fitted], probabilities[fitted]))
    classes = range(probabilities.shape[1])
    before = log_loss(labels, apply_temperature(probabilities, 1.0), labels=classes)
    return temperature if log_loss(labels, held_out, labels=classes) < before else 1.0


def find_threshold(positive_scores: np.ndarray, sensitivity: float) -> float:
    """The largest threshold at which at least `sensitivity` of the positives have score >= threshold."""
    if not len(positive_scores):
        raise ValueError("no positive photo to choose a threshold on")
    needed = math.ceil(sensitivity * len(positive_scores) - 1e-9)
    return float(np.sort(positive_scores)[::-1][max(needed, 1) - 1])


def find_youden_threshold(positive: np.ndarray, scores: np.ndarray) -> float:
    """The threshold of the highest Youden index (Youden 1950); of equal ones, the most sensitive."""
    alarms, hits, thresholds = roc_curve(positive, scores, drop_intermediate=False)
    best = np.flatnonzero(np.isclose(hits - alarms, (hits - alarms).max()))[-1]
    return float(thresholds[best])


def score_and_truth(name: str, labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What an operating point compares, (n,), and which photos it should find, (n,) bool."""
    if OPERATING_POINTS[name][0] == MALIGNANT:
        return malignancy_of(probabilities), is_malignant(labels)
    return probabilities[:, index("MEL")], labels == index("MEL")


def choose_threshold(
    name: str, labels: np.ndarray, probabilities: np.ndarray, sources: np.ndarray | None = None
) -> float:
    """Threshold of operating point `name` on these photos, on the safe side of the last stored digit.

    sources: (n,) ids. The sensitivity of `high-sensitivity` is then at least FLOOR in every source with ENOUGH positive
    photos: the mean over sources would leave one of them short. It is that for melanoma too, where there are SCARCE of
    them or more: where carcinomas are common, a threshold that finds 95 % of all may miss every third melanoma.
    """
    scores, positive = score_and_truth(name, labels, probabilities)
    if name == "balanced":
        return round_down(find_youden_threshold(positive, scores))
    thresholds = [find_threshold(scores[positive], SENSITIVITY)]
    melanomas = scores[labels == index("MEL")]
    if OPERATING_POINTS[name][0] == MALIGNANT and len(melanomas) >= SCARCE:
        thresholds.append(find_threshold(melanomas, FLOOR))
    if sources is not None and OPERATING_POINTS[name][0] == MALIGNANT:
        each = [positive & (sources == source) for source in np.unique(sources)]
        thresholds += [find_threshold(scores[own], FLOOR) for own in each if own.sum() >= ENOUGH]
    return round_down(min(thresholds))


def predictive_values(
    sensitivity: np.ndarray, specificity: np.ndarray, prevalence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative predictive value at a prevalence (Bayes); all are shares, arrays go through elementwise."""
    hits, misses = sensitivity * prevalence, (1 - sensitivity) * prevalence
    alarms, rejections = (1 - specificity) * (1 - prevalence), specificity * (1 - prevalence)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(hits, hits + alarms), np.divide(rejections, rejections + misses)


def choose_least_score(scores: np.ndarray, threshold: float, coverage: float) -> float:
    """The score from which photos below the threshold are undecided, so that a share `coverage` of them is routine.

    scores: (n,) of validation photos; those nearest below the threshold are undecided. The share is of the photos below
    it, not of all: in a clinic where most lesions are malignant few are below, and all would be undecided.
    """
    below = np.sort(scores[scores < threshold])[::-1]
    undecided = math.floor((1 - coverage) * len(below) + 1e-9)
    return round_down(float(below[undecided - 1])) if undecided else threshold


def make_abstention(name: str, threshold: float, validation: Answers, test: Answers, coverage: float) -> Abstention:
    """Which photos are undecided: chosen on validation, measured on test."""
    least = choose_least_score(score_and_truth(name, *validation[:2])[0], threshold, coverage)
    scores, _ = score_and_truth(name, *test[:2])
    seen = measure_rates(name, least, test)
    return Abstention(
        least_score=least,
        target_coverage=coverage,
        undecided=estimate(test[2].share((scores >= least) & (scores < threshold))),
        sensitivity=estimate(seen[0]),
        specificity=estimate(seen[1]),
    )


def measure_rates(name: str, threshold: float, answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Sensitivity and specificity of an operating point, each for every resample."""
    labels, probabilities, resamples = answers
    scores, positive = score_and_truth(name, labels, probabilities)
    return resamples.share(scores >= threshold, positive), resamples.share(scores < threshold, ~positive)


def make_operating_point(
    name: str, validation: Answers, test: Answers, sources: np.ndarray | None = None, coverage: float = DECIDED
) -> OperatingPoint:
    """Operating point `name`: its threshold chosen on validation, its rates on both; sources: of validation.

    coverage: share of the validation photos below the threshold that are routine, not undecided.
    """
    threshold = choose_threshold(name, *validation[:2], sources)
    own, unseen = measure_rates(name, threshold, validation), measure_rates(name, threshold, test)
    values = {str(p): predictive_values(*unseen, p) for p in PREVALENCES}
    score, target = OPERATING_POINTS[name]
    return OperatingPoint(
        score=score,
        threshold=threshold,
        target=target,
        chosen_on="validation",
        validation=Rates(estimate(own[0]), estimate(own[1])),
        test=TestRates(
            estimate(unseen[0]),
            estimate(unseen[1]),
            ppv={p: estimate(positive) for p, (positive, _) in values.items()},
            npv={p: estimate(negative) for p, (_, negative) in values.items()},
        ),
        abstention=make_abstention(name, threshold, validation, test, coverage),
    )


def choose_least_probability(labels: np.ndarray, probabilities: np.ndarray, coverage: float = COVERAGE) -> float:
    """The largest limit that the true diagnosis reaches in a share `coverage` of the photos of each diagnosis.

    One limit for all diagnoses: with one for each, a set could leave out a likelier diagnosis and name a less likely
    one. The diagnosis that is hardest to cover sets it. Diagnoses of fewer than SCARCE photos count together (as
    Ding 2023, arXiv:2306.09335, does with clusters of rare classes). This is the limit of class-conditional conformal
    prediction (Vovk 2012) without its correction for small numbers: the share holds on the photos it was chosen on.

    labels: (n,) int; probabilities: (n, 9), calibrated -> 0 to 1, rounded down at the sixth digit.
    """
    own = [probabilities[labels == k, k] for k in range(len(CODES))]
    common = [scores for scores in own if len(scores) >= SCARCE]
    scarce = np.concatenate([np.empty(0), *(scores for scores in own if len(scores) < SCARCE)])
    limits = [find_threshold(scores, coverage) for scores in (*common, scarce) if len(scores)]
    return round_down(min(limits, default=0.0))


def round_down(value: float) -> float:
    """Six digits after the point. Float32 arithmetic must not lose the photo that a limit was set to hold."""
    return math.floor(value * 1e6) / 1e6


def name_diagnoses(probabilities: np.ndarray, least_probability: float) -> np.ndarray:
    """probabilities: (n, 9), calibrated -> (n, 9) bool: which diagnoses are in each photo's set, never none.

    A probability equal to the limit is inside. The likeliest diagnosis always is.
    """
    top = np.arange(len(CODES)) == probabilities.argmax(axis=1)[:, None]
    return top | (probabilities >= least_probability)


def make_prediction_set(validation: Answers, test: Answers) -> PredictionSet:
    """The prediction set: its limit chosen on validation, its coverage and size measured on test."""
    limit = choose_least_probability(*validation[:2])
    labels, probabilities, resamples = test
    sets = name_diagnoses(probabilities, limit)
    return PredictionSet(
        least_probability=limit,
        target_coverage=COVERAGE,
        validation_photos={code: int((validation[0] == k).sum()) for k, code in enumerate(CODES)},
        test_coverage={code: estimate(resamples.share(sets[:, k], labels == k)) for k, code in enumerate(CODES)},
        mean_size=estimate(resamples.mean(sets.sum(axis=1))),
    )


def calibrate(predictions: pd.DataFrame) -> Calibration:
    """calibration.json from the rows of predictions.csv, with `group`: fitted on validation, measured on test.

    Without a column `kind` every photo is dermoscopic. Pairs are added by `evaluation.pairs`.
    """
    kinds = predictions.get("kind", pd.Series(DERMOSCOPIC, predictions.index))
    dermoscopic, clinical = predictions[kinds == DERMOSCOPIC], predictions[kinds == CLINICAL]
    both = {"validation", "test"} <= set(clinical["split"])
    return Calibration(
        **vars(calibrate_kind(dermoscopic)), clinical=calibrate_kind(clinical, CLINICAL_DECIDED) if both else None
    )


def calibrate_kind(predictions: pd.DataFrame, coverage: float = DECIDED) -> KindCalibration:
    """The calibration of photos of one kind; predictions: columns of predictions.csv, with `group`.

    coverage: share of the validation photos below the threshold that are routine, not undecided.
    """
    validation, test = (predictions[predictions["split"] == split] for split in ("validation", "test"))
    temperature = round_digits(
        fit_useful_temperature(labels_of(validation), probabilities_of(validation), validation["group"].to_numpy())
    )
    parts = [
        (
            labels_of(part),
            apply_temperature(probabilities_of(part), temperature),
            Resamples.of_lesions(part["group"].to_numpy()),
        )
        for part in (validation, test)
    ]
    return make_calibration(temperature, parts[0], parts[1], validation["source"].to_numpy(), coverage)


def make_calibration(
    temperature: float,
    validation: Answers,
    test: Answers,
    sources: np.ndarray | None = None,
    coverage: float = DECIDED,
) -> KindCalibration:
    """Operating points and prediction set of answers that `temperature` calibrated; sources: of validation."""
    return KindCalibration(
        temperature=temperature,
        fitted_on="validation",
        default_operating_point=DEFAULT_OPERATING_POINT,
        operating_points={
            name: make_operating_point(name, validation, test, sources, coverage) for name in OPERATING_POINTS
        },
        prediction_set=make_prediction_set(validation, test),
    )
