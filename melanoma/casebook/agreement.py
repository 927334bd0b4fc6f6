"""How often the person, the network, and the person with the network were right, held against the outcomes.

Knows nothing of the store: it takes one row a lesion whose outcome is known.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from melanoma.diagnoses import MALIGNANT
from melanoma.estimates import Estimate, enumerate_words
from melanoma.evaluation.bootstrap import DRAWS, Resamples, estimate
from melanoma.run.calibration import Rates

FEWEST = 5  # lesions below which a share says nothing
UNKNOWN = "not recorded"
WEIGHTS = 1_000_000  # of all draws together: a clinic with many lesions is drawn less often, and needs it less
SELECTED = (
    "Only lesions with an outcome count, and most of these were biopsied because someone was worried. Such lesions are "
    "selected: a malignant lesion that nobody referred is not among them. Sensitivity therefore looks better than it "
    "is, and specificity worse (verification bias: Begg and Greenes 1983, Biometrics 39:207)."
)


@dataclass(frozen=True)
class Call:
    """What one judge said of a lesion. refers: whether it was to be seen or taken out; diagnosis: code, if one."""

    refers: bool
    diagnosis: str | None = None


@dataclass(frozen=True)
class SettledLesion:
    """A lesion whose outcome is known, and what was said of it before that.

    patient: whose lesions are drawn together in the bootstrap; day: of the answer; outcome: code of a diagnosis; None
    where a judge said nothing. kind, site, skin_tone: in words, None where not recorded. network_sha256,
    operating_point: of the answer.
    """

    patient: str
    day: datetime.date
    outcome: str
    person: Call | None
    network: Call | None
    together: Call | None
    kind: str | None = None
    site: str | None = None
    skin_tone: str | None = None
    network_sha256: str = ""
    operating_point: str = ""

    @property
    def is_malignant(self) -> bool:
        """By its outcome."""
        return self.outcome in MALIGNANT

    @property
    def quarter(self) -> str:
        """Of its day: `2026 Q4`."""
        return f"{self.day.year} Q{(self.day.month + 2) // 3}"


@dataclass(frozen=True)
class Judge:
    """Whose calls are counted."""

    name: str
    call: Callable[[SettledLesion], Call | None]


PERSON = Judge("person alone", lambda lesion: lesion.person)
NETWORK = Judge("network alone", lambda lesion: lesion.network)
TOGETHER = Judge("person with network", lambda lesion: lesion.together)
JUDGES = (PERSON, NETWORK, TOGETHER)


@dataclass(frozen=True)
class Agreement:
    """Of one judge on some lesions: counts, and estimates with intervals, None where fewer than FEWEST lesions tell.

    found: malignant lesions that were referred; spared: benign ones that were not; right: diagnoses that were the
    outcome, of `named`. balanced_accuracy: the mean of sensitivity and specificity.
    """

    judge: str
    malignant: int
    found: int
    benign: int
    spared: int
    named: int
    right: int
    sensitivity: Estimate | None
    specificity: Estimate | None
    balanced_accuracy: Estimate | None
    diagnosis: Estimate | None

    @property
    def lesions(self) -> int:
        """All of them."""
        return self.malignant + self.benign


def compare_judges(lesions: Sequence[SettledLesion]) -> tuple[Agreement, ...]:
    """The three judges on the same lesions: those that all three have judged."""
    shared = list_shared(lesions)
    return tuple(measure_agreement(judge, shared) for judge in JUDGES)


def list_shared(lesions: Sequence[SettledLesion]) -> list[SettledLesion]:
    """Those that the person alone, the network and the person with it have all judged."""
    return [lesion for lesion in lesions if all(judge.call(lesion) for judge in JUDGES)]


def measure_agreement(judge: Judge, lesions: Sequence[SettledLesion]) -> Agreement:
    """Of the lesions that the judge has judged. Intervals: 95 %, by bootstrap over patients."""
    pairs = [(lesion, call) for lesion in lesions if (call := judge.call(lesion)) is not None]
    refers = np.array([call.refers for _, call in pairs], bool)
    malignant = np.array([lesion.is_malignant for lesion, _ in pairs], bool)
    named = np.array([call.diagnosis is not None for _, call in pairs], bool)
    right = np.array([call.diagnosis == lesion.outcome for lesion, call in pairs], bool)
    sensitivity = specificity = both = diagnosis = None
    if pairs:
        draws = min(DRAWS, max(WEIGHTS // len(pairs), 200))
        resamples = Resamples.of_lesions(np.array([lesion.patient for lesion, _ in pairs]), draws)
        sensitivity = _estimate_share(resamples, refers, malignant)
        specificity = _estimate_share(resamples, ~refers, ~malignant)
        diagnosis = _estimate_share(resamples, right, named)
        if sensitivity and specificity:
            both = estimate((resamples.share(refers, malignant) + resamples.share(~refers, ~malignant)) / 2)
    return Agreement(
        judge=judge.name,
        malignant=int(malignant.sum()),
        found=int((refers & malignant).sum()),
        benign=int((~malignant).sum()),
        spared=int((~refers & ~malignant).sum()),
        named=int(named.sum()),
        right=int((right & named).sum()),
        sensitivity=sensitivity,
        specificity=specificity,
        balanced_accuracy=both,
        diagnosis=diagnosis,
    )


def _estimate_share(resamples: Resamples, hits: np.ndarray, among: np.ndarray) -> Estimate | None:
    return estimate(resamples.share(hits, among)) if among.sum() >= FEWEST else None


# What lesions are grouped by: name -> the group of a lesion
GROUPINGS: dict[str, Callable[[SettledLesion], str | None]] = {
    "quarter": lambda lesion: lesion.quarter,
    "kind of photo": lambda lesion: lesion.kind,
    "body site": lambda lesion: lesion.site,
    "skin tone": lambda lesion: lesion.skin_tone,
}


def measure_groups(judge: Judge, lesions: Sequence[SettledLesion], grouping: str) -> dict[str, Agreement]:
    """Group -> the judge's agreement in it, by name, UNKNOWN last; grouping: a key of GROUPINGS."""
    groups: dict[str, list[SettledLesion]] = {}
    for lesion in lesions:
        groups.setdefault(GROUPINGS[grouping](lesion) or UNKNOWN, []).append(lesion)
    names = sorted(groups, key=lambda name: (name == UNKNOWN, name))
    return {name: measure_agreement(judge, groups[name]) for name in names}


def list_answered(
    lesions: Sequence[SettledLesion], network_sha256: str, operating_point: str, kind: str
) -> list[SettledLesion]:
    """Those that one network has answered, at one operating point, from photos of one kind: as test photos were."""
    return [
        one
        for one in lesions
        if (one.network_sha256, one.operating_point, one.kind) == (network_sha256, operating_point, kind)
    ]


def compare_with_test(clinic: Agreement, test: Rates) -> tuple[str, ...]:
    """A sentence for each of the network's rates in this clinic that lies outside its 95 % interval on test photos."""
    pairs = (
        ("sensitivity", clinic.sensitivity, test.sensitivity),
        ("specificity", clinic.specificity, test.specificity),
    )
    return tuple(
        _write_departure(name, here, there)
        for name, here, there in pairs
        if here and there and not there.low <= here.value <= there.high
    )


def _write_departure(name: str, here: Estimate, there: Estimate) -> str:
    """Whether chance may explain it: where the two intervals overlap."""
    side = "below" if here.value < there.low else "above"
    apart = here.high < there.low or here.low > there.high
    cause = (
        "The two intervals do not overlap: chance hardly explains it. Find out why before you rely on the network."
        if apart
        else "The two intervals overlap: it may be chance."
    )
    return (
        f"The network's {name} here is {here.percent()}, {side} what it was on test photos, {there.percent()}. {cause}"
    )


def describe_agreement(agreement: Agreement) -> str:
    """The counts in one sentence, and the shares where there are enough lesions."""
    parts = [
        f"{agreement.found} of {agreement.malignant} malignant lesions referred",
        f"{agreement.spared} of {agreement.benign} benign ones not referred",
    ]
    if agreement.named:
        parts.append(f"{agreement.right} of {agreement.named} diagnoses right")
    return f"{agreement.judge[0].upper()}{agreement.judge[1:]}: {enumerate_words(parts)}."
