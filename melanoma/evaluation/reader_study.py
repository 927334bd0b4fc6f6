"""Readers alone and with support: what they found, what they switched, how they agreed; intervals over both.

A study's readers and its cases are both samples: other readers would answer otherwise, and other cases would be harder.
Each draw of the bootstrap takes readers and cases, each with replacement, and an answer counts as often as its reader
times its case (the pigeonhole bootstrap: Owen 2007, doi:10.1214/07-AOAS122). Every statistic of a draw, alone and with
support, is of the same readers and cases. Simulated with 3, 5 and 8 readers of 40 cases, the 95 % interval of a
sensitivity held what other readers do on other cases in 93, 93 and 94 % of studies, that of a gain in 99 % or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from melanoma.diagnoses import CODES, MALIGNANT
from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import DRAWS, SEED, Resamples, estimate
from melanoma.evaluation.kappa import cohen_kappa, fleiss_kappa
from melanoma.evaluation.metrics import balanced_accuracy

FEW = 5  # readers: from fewer, the interval says little about others
NONE_OF_THE_NINE = len(CODES)  # an answer that no reference diagnosis equals


@dataclass(frozen=True)
class StudyAnswer:
    """What one reader said to one case, once. truth and diagnosis: codes; diagnosis is "" for none of the nine.

    refers: whether the reader would have it excised, biopsied or seen by another; seconds: until the answer.
    """

    reader: str
    case: str
    truth: str
    supported: bool
    diagnosis: str
    refers: bool
    seconds: float


@dataclass(frozen=True)
class Contrast:
    """One statistic of the readers alone, with support, and with support less alone; None where undefined."""

    alone: Estimate | None
    supported: Estimate | None
    difference: Estimate | None


@dataclass(frozen=True)
class Switches:
    """Share of paired readings that are wrong alone and right with support, and the reverse."""

    to_right: Estimate | None
    to_wrong: Estimate | None


@dataclass(frozen=True)
class StudyAnalysis:
    """What a study found, from the pairs of readings: one reader, one case, alone and with support.

    readers, cases, pairs: that entered; unpaired: answers left out since the reader has not given the other one.
    sensitivity and specificity: of the referral, for malignant cases; balanced_accuracy: of the diagnosis, mean over
    the reference diagnoses; seconds: the median; cohen_kappa: of the diagnosis with the reference, mean over readers;
    fleiss_kappa: of the readers' diagnoses with one another.
    """

    readers: int
    cases: int
    pairs: int
    unpaired: int
    sensitivity: Contrast
    specificity: Contrast
    balanced_accuracy: Contrast
    seconds: Contrast
    cohen_kappa: Contrast
    fleiss_kappa: Contrast
    referral_switches: Switches
    diagnosis_switches: Switches


@dataclass(frozen=True)
class PairedReadings:
    """Pairs of readings, n of them. reader, case, truth: (n,) int; diagnosis, refers, seconds: (2, n), alone first."""

    reader: np.ndarray
    case: np.ndarray
    truth: np.ndarray
    diagnosis: np.ndarray
    refers: np.ndarray
    seconds: np.ndarray

    def table(self, way: int) -> np.ndarray:
        """(readers, cases) int: the diagnoses of one way to read, -1 where there is none."""
        answers = np.full((self.reader.max() + 1, self.case.max() + 1), -1)
        answers[self.reader, self.case] = self.diagnosis[way]
        return answers

    @property
    def reference(self) -> np.ndarray:
        """(cases,) int, the true diagnosis of each."""
        truth = np.empty(self.case.max() + 1, int)
        truth[self.case] = self.truth
        return truth


def pair_readings(answers: Sequence[StudyAnswer]) -> PairedReadings | None:
    """The answers of each reader to each case both alone and with support; None where there is no such pair.

    Raises ValueError where a reader answered a case twice in one way, or a case has two true diagnoses.
    """
    table = pd.DataFrame([vars(answer) for answer in answers], columns=[field.name for field in fields(StudyAnswer)])
    if table.duplicated(["reader", "case", "supported"]).any():
        raise ValueError("A reader answered a case twice in one way.")
    if (table.groupby("case")["truth"].nunique() > 1).any():
        raise ValueError("A case has two reference diagnoses.")
    supported = table["supported"].astype(bool)
    pairs = table[~supported].merge(table[supported], on=["reader", "case", "truth"])
    if pairs.empty:
        return None
    numbers = {code: place for place, code in enumerate(CODES)} | {"": NONE_OF_THE_NINE}

    def both(name: str) -> np.ndarray:
        return pairs[[f"{name}_x", f"{name}_y"]].to_numpy().T

    return PairedReadings(
        np.unique(pairs["reader"], return_inverse=True)[1],
        np.unique(pairs["case"], return_inverse=True)[1],
        pairs["truth"].map(numbers).to_numpy(),
        np.vectorize(numbers.__getitem__)(both("diagnosis")),
        both("refers").astype(bool),
        both("seconds").astype(float),
    )


def analyse_study(answers: Sequence[StudyAnswer], draws: int = DRAWS, seed: int = SEED) -> StudyAnalysis | None:
    """The analysis of a study, finished or not; None while no reader has read a case both ways."""
    pairs = pair_readings(answers)
    if pairs is None:
        return None
    readers = draw_weights(int(pairs.reader.max()) + 1, draws, seed)
    cases = draw_weights(int(pairs.case.max()) + 1, draws, seed + 1)
    weights = readers[:, pairs.reader] * cases[:, pairs.case]
    # Two seeds: where all readings are right both ways, the exact bounds of the two are drawn apart.
    resamples = [Resamples(weights, pairs.case, seed + way) for way in (0, 1)]
    malignant = np.isin(pairs.truth, [CODES.index(code) for code in MALIGNANT])
    right = pairs.diagnosis == pairs.truth
    proper = pairs.refers == malignant
    return StudyAnalysis(
        readers=readers.shape[1],
        cases=cases.shape[1],
        pairs=len(pairs.reader),
        unpaired=len(answers) - 2 * len(pairs.reader),
        sensitivity=contrast(*(r.share(pairs.refers[way], malignant) for way, r in enumerate(resamples))),
        specificity=contrast(*(r.share(~pairs.refers[way], ~malignant) for way, r in enumerate(resamples))),
        balanced_accuracy=contrast(
            *(balanced_accuracy(r, pairs.truth, pairs.diagnosis[way]) for way, r in enumerate(resamples))
        ),
        seconds=contrast(*(r.median(pairs.seconds[way]) for way, r in enumerate(resamples))),
        cohen_kappa=contrast(*(cohen_kappa(pairs.table(way), pairs.reference, readers, cases) for way in (0, 1))),
        fleiss_kappa=contrast(*(fleiss_kappa(pairs.table(way), readers, cases) for way in (0, 1))),
        referral_switches=count_switches(resamples[0], proper),
        diagnosis_switches=count_switches(resamples[0], right),
    )


def draw_weights(number: int, draws: int, seed: int) -> np.ndarray:
    """(1 + draws, number) float: how often each of `number` readers or cases is drawn; the first row is all ones."""
    counts = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), size=draws)
    return np.concatenate([np.ones((1, number)), counts])


def contrast(alone: np.ndarray, supported: np.ndarray) -> Contrast:
    """A statistic of each resample, (1 + draws,), both ways."""
    return Contrast(estimate(alone), estimate(supported), estimate(supported - alone))


def count_switches(resamples: Resamples, right: np.ndarray) -> Switches:
    """right: (2, n) bool, whether each reading is right, alone first."""
    alone, supported = right
    return Switches(estimate(resamples.share(~alone & supported)), estimate(resamples.share(alone & ~supported)))
