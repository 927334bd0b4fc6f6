"""calibration.json: from logits to probabilities and decisions. Chosen on validation, measured on test.

Each kind of photo has its own, and so has a lesion with a photo of either kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.diagnoses import NAMES
from melanoma.estimates import Estimate
from melanoma.sources import CLINICAL, DERMOSCOPIC

DEFAULT_OPERATING_POINT = "high-sensitivity"
MALIGNANT = "malignant"  # the score that is the malignancy probability; others are diagnosis codes


@dataclass(frozen=True)
class Rates:
    """Sensitivity and specificity of a threshold; None where no photo tells."""

    sensitivity: Estimate | None = None
    specificity: Estimate | None = None


@dataclass(frozen=True)
class TestRates(Rates):
    """The same on test, with positive and negative predictive values by prevalence (such as `0.05`)."""

    __test__ = False  # no test class of pytest's

    ppv: dict[str, Estimate | None] | None = None
    npv: dict[str, Estimate | None] | None = None

    def positive_value(self, prevalence: float) -> Estimate | None:
        """Share of malignant lesions among the referred, where a share `prevalence` (0 to 1) of all is malignant."""
        return _move_value(self.ppv, prevalence, 1)

    def negative_value(self, prevalence: float) -> Estimate | None:
        """Share of benign lesions among those that are not referred, at the same prevalence."""
        return _move_value(self.npv, prevalence, -1)


def _move_value(values: dict[str, Estimate | None] | None, prevalence: float, sign: int) -> Estimate | None:
    """A predictive value at another prevalence than those that it was measured at; None where it was not measured.

    Bayes: its odds go with those of the prevalence (sign 1) or against them (-1). So do the ends of its interval.
    """
    known = {float(name): value for name, value in (values or {}).items() if value is not None}
    if not known:
        return None
    nearest = min(known, key=lambda at: abs(at - prevalence))
    if nearest == prevalence:
        return known[nearest]
    factor = (prevalence / (1 - prevalence) / (nearest / (1 - nearest))) ** sign
    ends = (known[nearest].value, known[nearest].low, known[nearest].high)
    return Estimate(*(share * factor / (share * factor + 1 - share) for share in ends))


@dataclass(frozen=True)
class Abstention:
    """Scores from `least_score` up to the threshold are undecided: someone should see the lesion.

    target_coverage: share of the validation photos below the threshold that are routine. On test: undecided, the share
    of all photos; sensitivity and specificity where those are counted as seen, and so found if malignant.
    """

    least_score: float
    target_coverage: float
    undecided: Estimate | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None


@dataclass(frozen=True)
class OperatingPoint:
    """Where the line between refer and routine is drawn: refer when `score` is at least `threshold`.

    score: MALIGNANT, or the code of the one diagnosis whose probability is compared; target: what the threshold was
    chosen for, in words; abstention: None for a run that decides every photo.
    """

    score: str
    threshold: float
    target: str
    chosen_on: str
    validation: Rates
    test: TestRates
    abstention: Abstention | None = None

    @property
    def least_score(self) -> float:
        """From which score a photo is not routine."""
        return self.abstention.least_score if self.abstention else self.threshold

    @property
    def score_name(self) -> str:
        """What is compared with the threshold, in words."""
        return score_name(self.score)


@dataclass(frozen=True)
class PredictionSet:
    """Which diagnoses an answer names: all whose probability is at least `least_probability`, and the likeliest.

    By construction it is closed upwards: it names everything at least as likely as the least likely it names.
    target_coverage: share of the photos of each diagnosis whose set should hold it, on validation; test_coverage: on
    test, by code, None without test photos; mean_size: diagnoses named on test.
    """

    least_probability: float
    target_coverage: float
    validation_photos: dict[str, int]
    test_coverage: dict[str, Estimate | None]
    mean_size: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class KindCalibration:
    """For photos of one kind: temperature, operating points by name, prediction set."""

    temperature: float
    fitted_on: str
    default_operating_point: str
    operating_points: dict[str, OperatingPoint]
    prediction_set: PredictionSet

    @property
    def default(self) -> OperatingPoint:
        """The operating point that decides where nobody chooses another."""
        return self.operating_points[self.default_operating_point]


@dataclass(frozen=True, kw_only=True)
class PairCalibration(KindCalibration):
    """For a lesion with photos of both kinds: `weights` of the logarithms of each kind's probabilities, by kind.

    Their weighted sum is the logits of the lesion, which `temperature` divides.
    """

    weights: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Calibration(KindCalibration):
    """Of dermoscopic photos, and beside it that of clinical ones and of pairs; None where the run learned none."""

    clinical: KindCalibration | None = None
    pair: PairCalibration | None = None

    def of_kind(self, kind: str) -> KindCalibration:
        """That of DERMOSCOPIC or CLINICAL photos. Raises KeyError for a kind that is not calibrated."""
        if kind == DERMOSCOPIC:
            return self
        if kind == CLINICAL and self.clinical is not None:
            return self.clinical
        raise KeyError(kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of photo that can be answered."""
        return (DERMOSCOPIC,) if self.clinical is None else (DERMOSCOPIC, CLINICAL)


def score_name(score: str) -> str:
    """`malignancy probability`, or `probability of melanoma`."""
    return "malignancy probability" if score == MALIGNANT else f"probability of {NAMES[score]}"


def operating_point_name(name: str) -> str:
    """An operating point's name on screen: `high-sensitivity` -> high sensitivity."""
    return {"melanoma-95": "melanoma 95 %"}.get(name, name.replace("-", " "))
