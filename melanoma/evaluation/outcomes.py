"""What a threshold means for patients: found, missed and referred per 1,000, beside published readers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from melanoma.estimates import Estimate

PATIENTS = 1000


@dataclass(frozen=True)
class Reader:
    """A published sensitivity and specificity (0 to 1), for melanoma or skin cancer, on another test set."""

    name: str
    sensitivity: float
    specificity: float
    source: str
    label: str  # where the chart puts its name, in Plotly's words


READERS = (
    Reader("dermatologists, dermoscopy", 0.866, 0.713, "Haenssle 2018, doi:10.1093/annonc/mdy166", "middle right"),
    Reader("157 dermatologists", 0.741, 0.600, "Brinker 2019, doi:10.1016/j.ejca.2019.04.001", "middle right"),
    Reader(
        "meta-analysis",
        0.875,
        0.814,
        "a meta-analysis of 92 studies, as quoted elsewhere: the paper itself was not found",
        "top center",
    ),
    Reader("DermaSensor", 0.955, 0.207, "the device's pivotal study", "bottom center"),
)


@dataclass(frozen=True)
class Outcomes:
    """What happens to 1,000 patients, one lesion each; estimates in patients."""

    malignant_referred: Estimate
    malignant_routine: Estimate  # missed
    benign_referred: Estimate
    benign_routine: Estimate


@dataclass(frozen=True)
class PatientCounts:
    """The same four groups as whole patients that add up to 1,000."""

    malignant_referred: int
    malignant_routine: int
    benign_referred: int
    benign_routine: int


OUTCOME_NAMES = {
    "malignant_referred": "malignant, referred",
    "malignant_routine": "malignant, not referred",
    "benign_referred": "benign, referred",
    "benign_routine": "benign, not referred",
}


def estimate_outcomes(sensitivity: Estimate, specificity: Estimate, prevalence: float) -> Outcomes:
    """1,000 patients of whom a share `prevalence` (0 to 1) has a malignant lesion."""
    malignant, benign = PATIENTS * prevalence, PATIENTS * (1 - prevalence)
    return Outcomes(
        malignant_referred=sensitivity.times(malignant),
        malignant_routine=sensitivity.complement().times(malignant),
        benign_referred=specificity.complement().times(benign),
        benign_routine=specificity.times(benign),
    )


def count_patients(outcomes: Outcomes) -> PatientCounts:
    """The four groups as whole patients (largest remainders)."""
    values = {name: getattr(outcomes, name).value for name in OUTCOME_NAMES}
    counts = {name: int(np.floor(value)) for name, value in values.items()}
    short = PATIENTS - sum(counts.values())
    for name in sorted(values, key=lambda name: counts[name] - values[name])[:short]:
        counts[name] += 1
    return PatientCounts(**counts)


def tabulate_outcomes(outcomes: Outcomes) -> pd.DataFrame:
    """A row a group: patients, value, low, high."""
    rows = [{"patients": words, **vars(getattr(outcomes, name))} for name, words in OUTCOME_NAMES.items()]
    return pd.DataFrame(rows).round(1)


def tabulate_readers() -> pd.DataFrame:
    """The published readers, a row each: name, sensitivity, specificity, source."""
    columns = [field.name for field in fields(Reader) if field.name != "label"]
    return pd.DataFrame([{column: getattr(reader, column) for column in columns} for reader in READERS])
