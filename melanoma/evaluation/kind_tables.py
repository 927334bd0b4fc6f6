"""Stored estimates of the kinds of photo as tables: two photos against one, and whether the kinds are told apart."""

from __future__ import annotations

import pandas as pd

from melanoma.estimates import Estimate
from melanoma.evaluation.tables import name_estimate, write_estimate
from melanoma.run.evaluation import Gate, KindRecognition, PairEvaluation
from melanoma.sources import CLINICAL, DERMOSCOPIC, OTHER

PAIR_ESTIMATES = (
    "balanced_accuracy_7",
    "balanced_accuracy_9",
    "malignant_auc",
    "melanoma_auc",
    "specificity_at_95_sensitivity",
    "sensitivity",
    "specificity",
    "ece",
)
WAYS = {"dermoscopic": "dermoscopic photo", "clinical": "clinical close-up", "pair": "both photos"}


def write_cell(key: str, value: Estimate | None) -> str:
    """An estimate by the name of its field, `–` where undefined."""
    return "–" if value is None else write_estimate(name_estimate(key), value)


def tabulate_pairs(pairs: PairEvaluation) -> pd.DataFrame:
    """A row an estimate: its name, and what each way to answer the same lesions reached, as text."""
    rows = [
        {
            "estimate": name_estimate(key),
            **{words: write_cell(key, getattr(getattr(pairs, way), key)) for way, words in WAYS.items()},
        }
        for key in PAIR_ESTIMATES
    ]
    return pd.DataFrame(rows)


def describe_pairs(pairs: PairEvaluation) -> str:
    """What two photos gain over the dermoscopic one alone, in a sentence."""
    parts = []
    for key in ("balanced_accuracy_7", "malignant_auc"):
        gain = pairs.gain.get(key)
        if gain is not None:
            parts.append(f"{name_estimate(key)} {gain.value:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})")
    return (
        f"{pairs.lesions:,} test lesions have a dermoscopic and a clinical photo. Both together, against the "
        f"dermoscopic photo alone: {', '.join(parts) or 'not measured'}."
    )


def tabulate_recognition(kinds: KindRecognition) -> pd.DataFrame:
    """A row for what photos show: how many, the share told rightly, and counts of what they were taken for."""
    taken_for = {DERMOSCOPIC: "dermoscopic", CLINICAL: "clinical", OTHER: "no lesion"}
    rows = [
        {
            "test photos": name,
            "number": sum(counts.values()),
            "told rightly": write_cell("sensitivity", kinds.recognised.get(name)),
            **{f"taken for {taken_for[kind]}": number for kind, number in counts.items()},
        }
        for name, counts in kinds.counts.items()
    ]
    return pd.DataFrame(rows)


def write_tenths(share: Estimate | None) -> str:
    """A share in per cent with one decimal, for those that are small; `–` where undefined."""
    return "–" if share is None else share.percent(1)


def tabulate_gate(gate: Gate) -> pd.DataFrame:
    """A row a kind of photo: how many, which shares get no answer or a warning, and what is decided."""
    rows = [
        {
            "test photos": kind,
            "number": figures.photos,
            "refused": write_tenths(figures.refused),
            "flagged, or refused": write_tenths(figures.flagged),
            "taken for the other kind": write_tenths(figures.misread),
            **figures.decisions,
        }
        for kind, figures in gate.kinds.items()
    ]
    return pd.DataFrame(rows)
