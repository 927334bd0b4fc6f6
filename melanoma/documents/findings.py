"""The reports on robustness, out-of-distribution photos and sources: tables to draw, and what they say in sentences.

Every table has the columns of ROWS: one dot a row, lines with the same `line` share a row of the picture,
under the heading `group`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from melanoma.diagnoses import NAMES
from melanoma.documents.wording import is_measured
from melanoma.estimates import Estimate, enumerate_words, percent
from melanoma.run.evaluation import Change, Confidence, Control, OutOfDistribution, Robustness, SourceProbe, Variation
from melanoma.sources import name_source

ROWS = ["group", "line", "series", "value", "low", "high"]
CHANGES = {
    "decision": "decision changed",
    "refer_to_routine": "from refer to routine",
    "top": "likeliest diagnosis changed",
}
FAMILIES = {
    "artefact": "Artefacts added",
    "turn and flip": "Turned and flipped",
    "JPEG": "Saved again as JPEG",
    "resize": "Resized",
    "light": "Brightness and colour",
}
CONTROLS = {"patch": "plain patch of the same size", "noise": "same pixels, shuffled"}
CHANGED_PHOTO = "changed photo"
KINDS = {
    "clean": "unchanged lesion photos",
    "blurred": "far out of focus",
    "channels swapped": "red and blue swapped",
    "badly framed": "one corner of the frame",
    "everyday": "everyday photos",
}
CONFIDENCE = {
    "refer": "share referred",
    "mean_top": "mean probability of the likeliest diagnosis",
    "above_90": "share with a diagnosis above 90 %",
}


class Row(NamedTuple):
    """One dot: its heading, its line, what it belongs to, and the estimate."""

    group: str
    line: str
    series: str
    value: float
    low: float
    high: float


def make_rows(group: str, line: str, series: str, estimate: Estimate | None) -> list[Row]:
    """One row, or none for what was not measured."""
    if estimate is None or not is_measured(estimate):
        return []
    return [Row(group, line, series, estimate.value, estimate.low, estimate.high)]


def make_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows -> a table that has the columns of ROWS even when it is empty."""
    return pd.DataFrame(list(rows), columns=ROWS)


def describe_rows(table: pd.DataFrame, *, shares: bool) -> str:
    """Every dot in words. shares: whether the values are shares, to be written in per cent."""
    parts = []
    for (group, line), rows in table.groupby(["group", "line"], sort=False):
        estimates = ((row.series, Estimate(row.value, row.low, row.high)) for row in rows.itertuples())
        values = [f"{series} {value.percent() if shares else value.text()}" for series, value in estimates]
        parts.append(f"{group + ', ' if group else ''}{line}: {', '.join(values)}")
    return "; ".join(parts) + "."


# Robustness


def tabulate_robustness(report: Robustness, change: str = "decision") -> pd.DataFrame:
    """Share of photos whose answer changes (`change` is one of CHANGES), with the controls of artefacts."""
    rows: list[Row] = []
    for family, variations in report.changes.items():
        for name, variation in variations.items():
            line = name.split(" (")[0]
            series: dict[str, Change] = {CHANGED_PHOTO: variation}
            series |= {CONTROLS.get(control, control): part for control, part in variation.controls.items()}
            for label, part in series.items():
                rows += make_rows(FAMILIES.get(family, family), line, label, getattr(part, change))
    return make_table(rows)


def describe_robustness(report: Robustness) -> list[str]:
    """The largest changes, turns and flips, artefacts against their controls."""
    table = tabulate_robustness(report)
    if table.empty:
        return []
    own = table[table["series"] == CHANGED_PHOTO].sort_values("value", ascending=False)
    largest = [
        f"{_name_variation(row.group, row.line)}, {Estimate(row.value, row.low, row.high).percent()}"
        for row in own.head(3).itertuples()
    ]
    sentences = [f"Decisions change most with: {'; '.join(largest)}."]
    turned = own[own["group"] == FAMILIES["turn and flip"]]
    if len(turned):
        sentences.append(
            f"Turning or flipping a photo changes {percent(turned['value'].mean())} of decisions on average. "
            "It should change none."
        )
    return [*sentences, *_compare_artefacts(report.changes.get("artefact", {}))]


def _compare_artefacts(variations: dict[str, Variation]) -> list[str]:
    """Each kind of artefact against what changes as many pixels without meaning anything."""
    sentences = []
    for name, variation in variations.items():
        parts = [
            f"{comparison} with {phrase}"
            for control, phrase in (("patch", "a plain patch of the same size"), ("noise", "the same pixels shuffled"))
            if (comparison := _compare_with(variation.controls.get(control)))
        ]
        if parts:
            sentences.append(f"With {'a ruler' if name == 'ruler' else name}, {enumerate_words(parts)}.")
    return sentences


def _compare_with(control: Control | None) -> str | None:
    """A paired difference as a comparison; None where it was not measured."""
    excess = control.excess.decision if control else None
    if excess is None:
        return None
    if excess.low > 0:
        return "more decisions change than"
    return "fewer decisions change than" if excess.high < 0 else "about as many decisions change as"


def _name_variation(family: str, name: str) -> str:
    """A variation as it is called inside a sentence."""
    return {FAMILIES["JPEG"]: f"JPEG {name}", FAMILIES["resize"]: f"resizing {name}"}.get(family, name)


# Out-of-distribution photos


def tabulate_out_of_distribution(report: OutOfDistribution) -> pd.DataFrame:
    """Confidence for each kind of photo, and the share referred."""
    kinds = [*(kind for kind in KINDS if kind in report.photos), *(kind for kind in report.photos if kind not in KINDS)]
    return make_table(
        row
        for kind in kinds
        for field, label in CONFIDENCE.items()
        for row in make_rows("", KINDS.get(kind, kind), label, getattr(report.photos[kind], field))
    )


def describe_out_of_distribution(report: OutOfDistribution) -> list[str]:
    """Whether the network is less sure where it should be, and what it refers."""
    photos = {name: report.photos[kind] for kind, name in KINDS.items() if kind in report.photos}
    clean = photos.pop(KINDS["clean"], None)
    if clean is None or clean.mean_top is None:
        return []
    groups: dict[str, list[str]] = {"more": [], "as": [], "less": []}
    for name, confidence in photos.items():
        if confidence.mean_top is not None:
            groups[_compare(confidence.mean_top, clean.mean_top)].append(
                f"{name} ({percent(confidence.mean_top.value)})"
            )
    sentences = [
        f"Mean probability of the likeliest diagnosis on {KINDS['clean']}: {percent(clean.mean_top.value)}.",
        *(
            f"{beginning} {enumerate_words(groups[key])}."
            for key, beginning in (
                ("more", "It is higher, where it should be lower, on:"),
                ("as", "It is about the same on:"),
                ("less", "It is lower on:"),
            )
            if groups[key]
        ),
    ]
    return [
        *sentences,
        *_describe_referred({KINDS["clean"]: clean} | photos),
        "A high probability does not show that a photo was fit.",
    ]


def _compare(own: Estimate, other: Estimate) -> str:
    if own.low > other.high:
        return "more"
    return "less" if own.high < other.low else "as"


def _describe_referred(photos: dict[str, Confidence]) -> list[str]:
    shares = [f"{name} {percent(part.refer.value)}" for name, part in photos.items() if part.refer]
    return [f"Share referred: {', '.join(shares)}."] if shares else []


# Source probe

PROBES = {"answer": "the nine answers", "colours": "the mean colours"}  # beside the features
FEATURES = "the network's features"


def tabulate_source_probe(report: SourceProbe) -> pd.DataFrame:
    """How well two sources are told apart within one diagnosis: from the features, the answers, the mean colours."""
    return make_table(
        row
        for code, probe in report.diagnoses.items()
        if probe is not None
        for series, estimate in _list_probes(report, code).items()
        for row in make_rows("", probe.diagnosis or NAMES[code], series, estimate)
    )


def _list_probes(report: SourceProbe, code: str) -> dict[str, Estimate]:
    """AUC by what the probe reads, of one diagnosis; what was not measured is left out."""
    probe = report.diagnoses[code]
    if probe is None:
        return {}
    parts = {FEATURES: probe, **{words: getattr(probe, field) for field, words in PROBES.items()}}
    return {words: part.auc for words, part in parts.items() if part is not None and part.auc is not None}


def describe_source_probe(report: SourceProbe) -> list[str]:
    """What the probe says, for each diagnosis."""
    sentences = []
    for code, probe in report.diagnoses.items():
        if probe is None or not (aucs := _list_probes(report, code)):
            continue
        photos = enumerate_words([f"{name_source(source)} ({n:,} photos)" for source, n in probe.photos.items()])
        values = enumerate_words([f"{auc.text()} from {words}" for words, auc in aucs.items()])
        sentences.append(f"{NAMES[code].capitalize()}: AUC for telling {photos} apart is {values}.")
    return sentences
