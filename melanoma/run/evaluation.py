"""evaluation.json: how good a run is on its test photos, with intervals, and the command that remakes it.

An estimate is None where the photos leave it undefined, or where they are too few.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from melanoma.estimates import Estimate
from melanoma.run.faithfulness import Faithfulness
from melanoma.sources import DERMOSCOPIC


@dataclass(frozen=True)
class Headline:
    """What decides how good a network is. `notes` of the evaluation say what each name means."""

    accuracy: Estimate | None = None
    balanced_accuracy_9: Estimate | None = None
    balanced_accuracy_7: Estimate | None = None
    melanoma_auc: Estimate | None = None
    malignant_auc: Estimate | None = None
    specificity_at_95_sensitivity: Estimate | None = None
    melanoma_sensitivity: Estimate | None = None
    ece: Estimate | None = None
    ece_before: Estimate | None = None


@dataclass(frozen=True)
class GroupEstimates(Headline):
    """A source's, or a group of patients': counts, and sensitivity and specificity at the default operating point."""

    photos: int = 0
    malignant: int | None = None  # of the photos; None where it was not kept
    lesions: int = 0
    classes_present: tuple[str, ...] = ()
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None


@dataclass(frozen=True)
class DiagnosisEstimates:
    """One diagnosis against the rest. support: its test photos; referred: the share of them."""

    support: int
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None
    auc: Estimate | None = None
    referred: Estimate | None = None


@dataclass(frozen=True)
class ReliabilityBin:
    """Probabilities from low to high: their mean, the share that was right, how many. None where there is none."""

    low: float
    high: float
    confidence: float | None
    accuracy: float | None
    count: int


@dataclass(frozen=True)
class Reliability:
    """Reliability diagram of the likeliest diagnosis, before and after calibration."""

    before: tuple[ReliabilityBin, ...] = ()
    after: tuple[ReliabilityBin, ...] = ()


@dataclass(frozen=True)
class ScoreBand:
    """Malignancy probabilities from low up to high, and how many test photos of either sort have such.

    likelihood_ratio: how much likelier a malignant photo is to lie here than a benign one; None for too few photos.
    """

    low: float
    high: float
    malignant: int
    benign: int
    likelihood_ratio: Estimate | None = None

    @property
    def photos(self) -> int:
        """All test photos of the band."""
        return self.malignant + self.benign

    def predictive_value(self, prevalence: float) -> Estimate | None:
        """Share of malignant lesions among those of this band, where a share `prevalence` of all is (Bayes)."""
        if self.likelihood_ratio is None:
            return None
        odds = prevalence / (1 - prevalence)
        ratios = (self.likelihood_ratio.value, self.likelihood_ratio.low, self.likelihood_ratio.high)
        return Estimate(*(odds * ratio / (1 + odds * ratio) for ratio in ratios))


@dataclass(frozen=True)
class Confusion:
    """Counts of photos: a row a true diagnosis, a column a predicted one, both in the order of `codes`."""

    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    rows: str = "true diagnosis"
    columns: str = "predicted"


@dataclass(frozen=True)
class Excess:
    """How much more an artefact changes than its control."""

    decision: Estimate | None = None
    top: Estimate | None = None
    melanoma: Estimate | None = None


@dataclass(frozen=True)
class Change:
    """What a variation of the photos changes; `note` of the robustness report says what the names mean."""

    decision: Estimate | None = None
    refer_to_routine: Estimate | None = None
    top: Estimate | None = None
    melanoma: Estimate | None = None
    melanoma_shift: Estimate | None = None


@dataclass(frozen=True)
class Control(Change):
    """A change without meaning of the same size as an artefact."""

    excess: Excess = Excess()


@dataclass(frozen=True)
class Variation(Change):
    """One variation; an artefact has controls by name."""

    controls: dict[str, Control] = field(default_factory=dict)


@dataclass(frozen=True)
class Robustness:
    """How easily answers change for reasons that are not in the lesion. changes: family -> variation -> change."""

    photos: int
    lesions: int
    operating_point: str
    threshold: float
    note: str
    artefacts: int
    changes: dict[str, dict[str, Variation]]


@dataclass(frozen=True)
class Probe:
    """How well a linear probe tells two sources apart."""

    auc: Estimate | None = None
    balanced_accuracy: Estimate | None = None


@dataclass(frozen=True)
class DiagnosisProbe(Probe):
    """The same within one diagnosis: from the features; from the nine answers; from colours alone."""

    diagnosis: str = ""
    photos: dict[str, int] = field(default_factory=dict)  # by source
    answer: Probe | None = None
    colours: Probe | None = None


@dataclass(frozen=True)
class SourceProbe:
    """Whether the network can tell sources apart; diagnoses: by code, None for too few photos."""

    note: str
    chance: float
    diagnoses: dict[str, DiagnosisProbe | None]


@dataclass(frozen=True)
class Confidence:
    """How sure the answers to some photos are, and which share is referred."""

    photos: int
    mean_top: Estimate | None = None
    above_90: Estimate | None = None
    refer: Estimate | None = None


@dataclass(frozen=True)
class OutOfDistribution:
    """How sure the network is on photos unlike those it learned from; photos: by what they are."""

    note: str
    photos: dict[str, Confidence]


@dataclass(frozen=True)
class SyntheticAnswer:
    """Uncalibrated probabilities, in the order of CODES, of the synthetic example of a seed: serving must give them."""

    seed: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class KindRecognition:
    """How well the network tells the kinds of photo apart, on test photos that it never saw.

    By what the photos show: dermoscopic, clinical, bare skin, everyday photo. recognised: the share that is taken for
    what it is, the last two for photos without a lesion; refused: of the first two, the share taken for such; counts:
    of photos, by the kind that they were taken for.
    """

    recognised: dict[str, Estimate | None]
    refused: dict[str, Estimate | None]
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True)
class GateFigures:
    """What is said of photos of one kind before they are answered.

    refused: share that is unusable and gets no answer; flagged: share that is not good, those included; misread: share
    taken for the other kind of lesion photo, None for everyday photos; decisions: photos by what is decided.
    """

    photos: int
    refused: Estimate | None
    flagged: Estimate | None
    misread: Estimate | None
    decisions: dict[str, int]


@dataclass(frozen=True)
class Gate:
    """The gate on test photos, dermoscopic, clinical and everyday, and the command that measures it again."""

    kinds: dict[str, GateFigures]
    command: str


@dataclass(frozen=True)
class PairEvaluation:
    """What a photo of each kind gives over one alone, on test lesions that have both.

    pair, dermoscopic, clinical: the headline of each on the same lesions, without calibration errors; gain: by name
    of an estimate, the pair's less that of the dermoscopic photo alone. Rates are at the default operating points.
    """

    lesions: int
    pair: GroupEstimates
    dermoscopic: GroupEstimates
    clinical: GroupEstimates
    gain: dict[str, Estimate | None]


@dataclass(frozen=True, kw_only=True)
class KindEvaluation:
    """Estimates on the test photos of one kind.

    per_set: of parts of the test split that have a name, such as the test photos of earlier runs; per_artefact:
    of photos on which a model of concepts sees ink, hair or gel, and of those on which it does not; score_bands: from
    the lowest malignancy probabilities to the highest.
    """

    photos: int
    lesions: int
    classes_present: tuple[str, ...]
    headline: Headline
    per_class: dict[str, DiagnosisEstimates]
    per_source: dict[str, GroupEstimates]
    reliability: Reliability
    confusion: Confusion
    per_set: dict[str, GroupEstimates] | None = None
    per_age: dict[str, GroupEstimates] | None = None
    per_sex: dict[str, GroupEstimates] | None = None
    per_site: dict[str, GroupEstimates] | None = None
    per_skin_tone: dict[str, GroupEstimates] | None = None
    per_artefact: dict[str, GroupEstimates] | None = None
    score_bands: tuple[ScoreBand, ...] = ()

    def find_band(self, score: float) -> ScoreBand | None:
        """The band of a malignancy probability; None where the run has none."""
        return next((band for band in reversed(self.score_bands) if score >= band.low), None)


@dataclass(frozen=True, kw_only=True)
class Evaluation(KindEvaluation):
    """evaluation.json: of dermoscopic test photos, and beside it of clinical ones and of pairs."""

    command: str
    made: str  # ISO 8601, UTC
    network_sha256: str
    split: str
    intervals: str  # how they were made
    notes: dict[str, str]
    data_fingerprint: str | None = None
    clinical: KindEvaluation | None = None
    pairs: PairEvaluation | None = None
    kinds: KindRecognition | None = None
    gate: Gate | None = None
    robustness: Robustness | None = None
    source_probe: SourceProbe | None = None
    out_of_distribution: OutOfDistribution | None = None
    synthetic_examples: tuple[SyntheticAnswer, ...] = ()
    faithfulness: Faithfulness | None = None
    clinical_faithfulness: Faithfulness | None = None  # without lesion masks

    def faithfulness_of(self, kind: str) -> Faithfulness | None:
        """How far maps of photos of a kind can be believed; None where that was not measured."""
        return self.faithfulness if kind == DERMOSCOPIC else self.clinical_faithfulness

    def of_kind(self, kind: str) -> KindEvaluation | None:
        """Estimates on test photos of DERMOSCOPIC or CLINICAL kind; None where there are none."""
        return self if kind == DERMOSCOPIC else self.clinical
