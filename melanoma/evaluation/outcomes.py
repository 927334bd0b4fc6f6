"""What a threshold means for patients: found, missed and referred per 1,000, beside published readers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from melanoma.estimates import Interval

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
class Thousand:
    """What happens to 1,000 patients; each an Interval in patients."""

    found: Interval
    missed: Interval
    referred: Interval  # benign, and referred all the same
    spared: Interval

    def table(self) -> pd.DataFrame:
        """A row a group: patients, value, low, high."""
        names = {
            "found": "malignant, referred",
            "missed": "malignant, not referred",
            "referred": "benign, referred",
            "spared": "benign, not referred",
        }
        rows = [{"patients": name, **vars(getattr(self, key))} for key, name in names.items()]
        return pd.DataFrame(rows).round(1)


def per_thousand(sensitivity: Interval, specificity: Interval, prevalence: float) -> Thousand:
    """1,000 patients of whom a share `prevalence` (0 to 1) is malignant."""
    malignant, benign = PATIENTS * prevalence, PATIENTS * (1 - prevalence)
    return Thousand(
        sensitivity.scaled(malignant),
        sensitivity.remainder().scaled(malignant),
        specificity.remainder().scaled(benign),
        specificity.scaled(benign),
    )


def whole_people(thousand: Thousand) -> dict[str, int]:
    """The four groups as whole people that add up to 1,000 (largest remainders)."""
    values = {key: getattr(thousand, key).value for key in ("found", "missed", "referred", "spared")}
    floors = {key: int(np.floor(value)) for key, value in values.items()}
    short = PATIENTS - sum(floors.values())
    for key in sorted(values, key=lambda k: floors[k] - values[k])[:short]:
        floors[key] += 1
    return floors


def readers_table() -> pd.DataFrame:
    """The published readers, a row each."""
    return pd.DataFrame([vars(reader) for reader in READERS]).drop(columns="label")
