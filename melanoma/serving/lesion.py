"""Several photos of one lesion -> one Prediction of the lesion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.run import KindCalibration, PairCalibration, RunError
from melanoma.serving.classifier import Classifier
from melanoma.serving.prediction import (
    ROUTINE,
    UNDECIDED,
    Decision,
    Prediction,
    decide,
    list_differential,
    score_of,
    sum_malignant,
)
from melanoma.sources import CLINICAL, DERMOSCOPIC


def answer_lesion(
    classifier: Classifier, predictions: Sequence[Prediction], operating_point: str | None = None
) -> Prediction:
    """One answer from the predictions of several photos of one lesion, by the same classifier.

    Photos of one kind count by the mean of their logits. A dermoscopic and a clinical one are joined with the weights
    that were fitted on pairs of validation photos, and have operating points of their own. Unusable photos are left
    out, unless all are. Input and maps are of the first photo that counts. Raises RunError for an unknown operating
    point, or photos of both kinds where the run was not calibrated for pairs.
    """
    if len(predictions) == 1:
        return predictions[0]
    usable = [one for one in predictions if one.assessment.quality != UNUSABLE] or list(predictions)
    means = average_logits(usable)
    calibration, logits = _choose_calibration(classifier, means)
    name = operating_point or calibration.default_operating_point
    if name not in calibration.operating_points:
        known = ", ".join(calibration.operating_points)
        raise RunError(f"{classifier.run.name} has no operating point {name!r}: choose from {known}.")
    point = calibration.operating_points[name]
    probabilities = classifier.calibrate(logits[np.newaxis], calibration.temperature)[0]
    score, assessment = score_of(probabilities, point), join_assessments([one.assessment for one in predictions])
    return replace(
        usable[0],
        logits=logits,
        probabilities=probabilities,
        malignancy=sum_malignant(probabilities),
        decision=decide_lesion(decide(score, point, assessment), usable),
        operating_point=name,
        point=point,
        score=score,
        differential=list_differential(probabilities, calibration.prediction_set, usable[0].unlearned),
        assessment=assessment,
        photos=len(usable),
        shows_both_kinds=len(means) > 1,
    )


def decide_lesion(together: Decision, photos: Sequence[Prediction]) -> Decision:
    """The decision on a lesion: `together`, but never ROUTINE where one of its photos by itself is not."""
    if together == ROUTINE and any(photo.decision != ROUTINE for photo in photos):
        return UNDECIDED
    return together


def average_logits(predictions: Sequence[Prediction]) -> dict[str, np.ndarray]:
    """Kind -> (9,) mean logits of the photos of that kind; kinds without a photo are absent."""
    by_kind = {kind: [one.logits for one in predictions if one.kind.kind == kind] for kind in (DERMOSCOPIC, CLINICAL)}
    return {kind: np.stack(logits).mean(axis=0) for kind, logits in by_kind.items() if logits}


def _choose_calibration(classifier: Classifier, means: dict[str, np.ndarray]) -> tuple[KindCalibration, np.ndarray]:
    """What calibrates photos of these kinds together, and the (9,) logits that it calibrates."""
    if len(means) == 1:
        (kind,) = means
        return classifier.calibration_of(kind), means[kind]
    pair = classifier.calibration.pair
    if pair is None:
        raise RunError(f"{classifier.run.name} was not calibrated for pairs of photos. Answer them one by one.")
    return pair, weigh_logits(means, pair)


def weigh_logits(logits: dict[str, np.ndarray], pair: PairCalibration) -> np.ndarray:
    """(9,) logits of each kind -> (9,) of the lesion. Softmax ignores a constant: logits do for log probabilities."""
    return sum((np.float32(pair.weights[kind]) * logits[kind] for kind in logits), np.zeros(9, np.float32))


def join_assessments(assessments: Sequence[Assessment]) -> Assessment:
    """Good where one photo is good; else the best of them. What is wrong with any photo is said, with its number.

    A caution is said once, whichever photo it is of.
    """
    best = min(assessments, key=lambda one: (GOOD, DOUBTFUL, UNUSABLE).index(one.quality))
    numbered = list(enumerate(assessments, 1))
    reasons = [f"Photo {number}: {reason}" for number, one in numbered for reason in one.reasons]
    suspicions = [f"Photo {number}: {suspicion}" for number, one in numbered for suspicion in one.suspicions]
    cautions = dict.fromkeys(caution for one in assessments for caution in one.cautions)
    return Assessment(best.quality, tuple(reasons), tuple(suspicions), tuple(cautions))
