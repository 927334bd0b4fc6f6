"""What a network says about one photo, and the one place where `refer` or `routine` is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from melanoma.diagnoses import CODES, MALIGNANT, index
from melanoma.photo.quality import Assessment
from melanoma.run import MALIGNANT as MALIGNANCY_SCORE
from melanoma.run import OperatingPoint, PredictionSet
from melanoma.serving.kinds import KindOfPhoto
from melanoma.sources import CLINICAL, DERMOSCOPIC

Decision = Literal["refer", "undecided", "routine"]
REFER: Decision = "refer"
UNDECIDED: Decision = "undecided"  # have it seen
ROUTINE: Decision = "routine"


@dataclass(frozen=True, eq=False)  # arrays have no one truth of being equal: a prediction equals itself alone
class Prediction:
    """What a network says about one lesion, mostly from one photo.

    kind: of photo, see `serving.kinds`; logits: (9,) float32, what the network gave, before calibration;
    probabilities: (9,) float32 in the order of CODES, calibrated for that kind, sum 1; malignancy: their sum over
    malignant diagnoses; decision: see `decide`; operating_point: name of `point`; score: what is compared with its
    threshold; differential: codes of the prediction set, most likely first, never empty; assessment: of the photo;
    input: (s, s, 3) uint8, the crop that the network saw; maps: (9, h, w) float32 >= 0, raw Grad-CAM of each logit,
    or None when the network has no closed form for it; run_sha256: of the network.
    """

    kind: KindOfPhoto
    logits: np.ndarray
    probabilities: np.ndarray
    malignancy: float
    decision: Decision
    operating_point: str
    point: OperatingPoint
    score: float
    differential: tuple[str, ...]
    assessment: Assessment
    input: np.ndarray
    maps: np.ndarray | None
    run: str
    run_sha256: str
    unlearned: tuple[str, ...] = ()  # codes of diagnoses that the network has learned from no photo of
    photos: int = 1  # of the lesion, that the answer rests on
    shows_both_kinds: bool = False  # whether some of these are dermoscopic and some clinical

    @property
    def kind_name(self) -> str:
        """The column `kind` of a row; of a lesion with photos of both kinds, both."""
        return f"{DERMOSCOPIC}+{CLINICAL}" if self.shows_both_kinds else self.kind.name

    @property
    def top(self) -> str:
        """Code of the likeliest diagnosis."""
        return self.differential[0]

    @property
    def threshold(self) -> float:
        """From which score the decision is `refer`."""
        return self.point.threshold

    @property
    def reaches_threshold(self) -> bool:
        """Whether the score alone refers."""
        return self.score >= self.threshold

    @property
    def referred_for_quality(self) -> bool:
        """Whether the photo's quality, and not the score, is why the decision is `refer`."""
        return self.decision == REFER and not self.reaches_threshold

    @property
    def undecided_for_a_photo(self) -> bool:
        """Whether one photo of the lesion, and not the score of all, is why the decision is `undecided`."""
        return self._is_undecided_despite_score and not self.assessment.suspicions

    @property
    def undecided_for_suspicion(self) -> bool:
        """Whether something that may be wrong with a photo, and not the score, is why the decision is `undecided`."""
        return self._is_undecided_despite_score and bool(self.assessment.suspicions)

    @property
    def _is_undecided_despite_score(self) -> bool:
        return self.decision == UNDECIDED and self.score < self.point.least_score

    def probability(self, code: str) -> float:
        """Of one diagnosis."""
        return float(self.probabilities[index(code)])

    @property
    def ranked(self) -> tuple[str, ...]:
        """All nine codes, the likeliest first."""
        return rank(self.probabilities)


def decide(score: float, point: OperatingPoint, assessment: Assessment) -> Decision:
    """REFER at or above the threshold, and whenever the photo is not good; UNDECIDED just below the threshold.

    UNDECIDED too where something may be wrong with the photo. Networks call blurred, dark and foreign photos benign,
    and with confidence: doubt is never `routine`.
    """
    if score >= point.threshold or not assessment.is_good:
        return REFER
    return UNDECIDED if score >= point.least_score or assessment.suspicions else ROUTINE


def calibrate_logits(logits: np.ndarray, temperature: float) -> np.ndarray:
    """logits: (n, classes) -> float32 probabilities, rows sum to 1: softmax(logits / temperature).

    Temperature scaling: Guo et al. 2017, On Calibration of Modern Neural Networks. Raises FloatingPointError where
    a logit or the temperature is not a finite number, for which there is no answer.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # what is not finite is refused below
        scaled = logits.astype(np.float64) / temperature
    if not np.isfinite(scaled).all():
        raise FloatingPointError("the network gave no finite answer")
    shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)


def sum_malignant(probabilities: np.ndarray) -> float:
    """(9,) probabilities -> probability that the lesion is any malignant diagnosis."""
    return float(sum(float(probabilities[index(code)]) for code in MALIGNANT))


def score_of(probabilities: np.ndarray, point: OperatingPoint) -> float:
    """(9,) probabilities -> what the operating point compares with its threshold."""
    if point.score == MALIGNANCY_SCORE:
        return sum_malignant(probabilities)
    return float(probabilities[index(point.score)])


def rank(probabilities: np.ndarray) -> tuple[str, ...]:
    """(9,) probabilities -> all nine codes, the likeliest first."""
    return tuple(CODES[i] for i in np.argsort(-probabilities, kind="stable"))


def list_differential(
    probabilities: np.ndarray, prediction_set: PredictionSet, unlearned: Sequence[str] = ()
) -> tuple[str, ...]:
    """(9,) probabilities -> the codes at or above the set's least probability, and always the likeliest, ranked.

    unlearned: codes that are not offered, since the network has never seen them and its probabilities of them say
    nothing.
    """
    top, *others = (code for code in rank(probabilities) if code not in unlearned)
    least = prediction_set.least_probability
    return (top, *(code for code in others if float(probabilities[index(code)]) >= least))
