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
WEIGHTS = 4_000_000  # of all draws together, 32 MB: a clinic with many patients is drawn less often, and needs it less
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
    return _measure_groups(JUDGES, {"": list_shared(lesions)})[""]


def list_shared(lesions: Sequence[SettledLesion]) -> list[SettledLesion]:
    """Those that the person alone, the network and the person with it have all judged."""
    return [lesion for lesion in lesions if all(judge.call(lesion) for judge in JUDGES)]


def measure_agreement(judge: Judge, lesions: Sequence[SettledLesion]) -> Agreement:
    """Of the lesions that the judge has judged. Intervals: 95 %, by bootstrap over patients."""
    return _measure_groups((judge,), {"": lesions})[""][0]


def _measure_groups(
    judges: Sequence[Judge], groups: dict[str, Sequence[SettledLesion]]
) -> dict[str, tuple[Agreement, ...]]:
    """Group -> the agreement of each judge in it. Patients are drawn once, for all groups and judges."""
    patients = sorted({lesion.patient for lesions in groups.values() for lesion in lesions})
    draws = min(DRAWS, max(WEIGHTS // max(len(patients), 1), 200))
    resamples = Resamples.of_lesions(np.array(patients), draws) if patients else None
    places = {patient: place for place, patient in enumerate(patients)}
    return {
        name: tuple(_measure(judge, lesions, resamples, places) for judge in judges) for name, lesions in groups.items()
    }


def _measure(
    judge: Judge, lesions: Sequence[SettledLesion], resamples: Resamples | None, places: dict[str, int]
) -> Agreement:
    """places: of patients in the resamples, which are None where there are no lesions."""
    pairs = [(lesion, call) for lesion in lesions if (call := judge.call(lesion)) is not None]
    refers = np.array([call.refers for _, call in pairs], bool)
    malignant = np.array([lesion.is_malignant for lesion, _ in pairs], bool)
    named = np.array([call.diagnosis is not None for _, call in pairs], bool)
    right = np.array([call.diagnosis == lesion.outcome for lesion, call in pairs], bool)
    sensitivity = specificity = both = diagnosis = None
    if pairs and resamples is not None:
        members, rows = np.unique([places[lesion.patient] for lesion, _ in pairs], return_inverse=True)
        own = Resamples(resamples.weights[:, members], members, resamples.seed)

        def draw(hits: np.ndarray, among: np.ndarray) -> np.ndarray:
            return own.share_of_counts(
                np.bincount(rows[hits & among], minlength=len(members)),
                np.bincount(rows[among], minlength=len(members)),
            )

        found, spared = draw(refers, malignant), draw(~refers, ~malignant)
        sensitivity = estimate(found) if malignant.sum() >= FEWEST else None
        specificity = estimate(spared) if (~malignant).sum() >= FEWEST else None
        diagnosis = estimate(draw(right, named)) if named.sum() >= FEWEST else None
        both = estimate((found + spared) / 2) if sensitivity and specificity else None
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


# What lesions are grouped by: name -> the group of a lesion
GROUPINGS: dict[str, Callable[[SettledLesion], str | None]] = {
    "quarter": lambda lesion: lesion.quarter,
    "kind of photo": lambda lesion: lesion.kind,
    "body site": lambda lesion: lesion.site,
    "skin tone": lambda lesion: lesion.skin_tone,
}


def measure_groups(
    judges: Sequence[Judge], lesions: Sequence[SettledLesion], grouping: str
) -> dict[str, tuple[Agreement, ...]]:
    """Group -> each judge's agreement in it, by name, UNKNOWN last; grouping: a key of GROUPINGS."""
    groups: dict[str, list[SettledLesion]] = {}
    for lesion in lesions:
        groups.setdefault(GROUPINGS[grouping](lesion) or UNKNOWN, []).append(lesion)
    names = sorted(groups, key=lambda name: (name == UNKNOWN, name))
    return _measure_groups(judges, {name: groups[name] for name in names})


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
