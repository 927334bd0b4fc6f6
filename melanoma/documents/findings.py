"""The robustness, unfamiliar and source reports of evaluation.json: tables to draw, and what they say in sentences.

Every table has the columns of ROWS: one dot a row, lines with the same `line` share a row of the picture,
under the heading `group`.
"""

from __future__ import annotations

import pandas as pd

from melanoma.estimates import Interval, is_figure
from melanoma.evaluation.tables import listed

ROWS = ["group", "line", "series", "value", "low", "high"]
CHANGES = {
    "decision": "decision changed",
    "refer_to_routine": "from refer to routine",
    "top": "likeliest diagnosis changed",
}
FAMILIES = {
    "artefact": "Real artefacts laid on",
    "turn and flip": "Turned and flipped",
    "JPEG": "Saved again as JPEG",
    "resize": "Resized",
    "light": "Brightness and colour",
}
CONTROLS = {"patch": "even patch of the same size", "noise": "same pixels, shuffled"}
CHANGED = "changed photo"
KINDS = {
    "clean": "lesion photos, untouched",
    "blurred": "the same, far out of focus",
    "channels swapped": "the same, red and blue swapped",
    "badly framed": "the same, one corner of the frame",
    "everyday": "everyday photos without skin",
}
PHRASES = {
    "clean": "untouched lesion photos",
    "blurred": "lesion photos far out of focus",
    "channels swapped": "lesion photos with red and blue swapped",
    "badly framed": "corners cut from lesion photos",
    "everyday": "everyday photos",
}
CONFIDENCE = {
    "refer": "share referred",
    "mean_top": "mean probability of the likeliest diagnosis",
    "above_90": "share stated above 90 %",
}
ARCHIVES = {"ham10000": "HAM10000", "isic2017": "ISIC 2017"}


def row(group: str, line: str, series: str, figure: dict) -> dict:
    """One row of a table, from a stored figure."""
    return dict(zip(ROWS, (group, line, series, figure["value"], figure["low"], figure["high"]), strict=True))


def frame(rows: list[dict]) -> pd.DataFrame:
    """Rows -> a table that has the columns of ROWS even when it is empty."""
    return pd.DataFrame(rows, columns=ROWS)


def percent(figure: dict) -> str:
    """`12.7 %, 10.3–15.1`."""
    return "{:.1f} %, {:.1f}–{:.1f}".format(*(100 * figure[k] for k in ("value", "low", "high")))


def row_words(table: pd.DataFrame) -> str:
    """Every dot in words."""
    parts = []
    for (group, line), rows in table.groupby(["group", "line"], sort=False):
        values = [f"{r.series} {Interval(r.value, r.low, r.high).words()}" for r in rows.itertuples()]
        parts.append(f"{group + ', ' if group else ''}{line}: {', '.join(values)}")
    return "; ".join(parts) + "."


# Robustness


def robustness(report: dict, change: str = "decision") -> pd.DataFrame:
    """Share of photos whose answer changes (`change` is one of CHANGES), with the controls of artefacts."""
    rows = []
    for family, variants in report.get("changes", {}).items():
        for name, figures in variants.items():
            for series, found in ((CHANGED, figures), *figures.get("controls", {}).items()):
                if is_figure(found.get(change)):
                    name = name.split(" (")[0]
                    rows.append(row(FAMILIES.get(family, family), name, CONTROLS.get(series, series), found[change]))
    return frame(rows)


def robustness_sentences(report: dict) -> list[str]:
    """What the robustness report says: the worst changes, turns and flips, artefacts against their controls."""
    table = robustness(report)
    if table.empty:
        return []
    own = table[table["series"] == CHANGED].sort_values("value", ascending=False)
    worst = [f"{variant(r.group, r.line)} ({percent(r._asdict())})" for r in own.head(3).itertuples()]
    sentences = [f"Decisions change most with {listed(worst)}."]
    turned = own[own["group"] == FAMILIES["turn and flip"]]
    if len(turned):
        sentences.append(
            f"A lesion has no upper side, and yet turning or flipping the photo changes "
            f"{100 * turned['value'].mean():.1f} % of decisions on average."
        )
    return [*sentences, *artefact_sentences(report)]


def artefact_sentences(report: dict) -> list[str]:
    """Each kind of artefact against what changes as many pixels without meaning anything."""
    sentences = []
    for name, figures in report["changes"].get("artefact", {}).items():
        parts = [
            f"{against(found['excess']['decision'])} with {what}"
            for control, what in (("patch", "an even patch as large"), ("noise", "the same pixels shuffled"))
            if is_figure((found := figures.get("controls", {}).get(control, {})).get("excess", {}).get("decision"))
        ]
        if parts:
            sentences.append(f"With {'a ruler' if name == 'ruler' else name}, {listed(parts)}.")
    return sentences


def against(excess: dict) -> str:
    """A paired difference with its interval, as a comparison."""
    if excess["low"] > 0:
        return "more decisions change than"
    return "fewer decisions change than" if excess["high"] < 0 else "about as many decisions change as"


def variant(family: str, name: str) -> str:
    """A variation as it is called inside a sentence."""
    return {FAMILIES["JPEG"]: f"JPEG {name}", FAMILIES["resize"]: f"resizing {name}"}.get(family, name)


# Photos unlike the training photos


def unfamiliar(report: dict) -> pd.DataFrame:
    """Confidence for each kind of photo, and the share referred."""
    kinds = [*[k for k in KINDS if k in report], *[k for k in report if k not in KINDS]]
    return frame(
        [
            row("", KINDS.get(kind, kind), label, report[kind][key])
            for kind in kinds
            if isinstance(report[kind], dict)
            for key, label in CONFIDENCE.items()
            if is_figure(report[kind].get(key))
        ]
    )


def unfamiliar_sentences(report: dict) -> list[str]:
    """Whether the network is less sure where it should be, and what it would refer."""
    clean = report.get("clean")
    if not clean:
        return []
    surer, unchanged, less = [], [], []
    for kind, name in PHRASES.items():
        if kind == "clean" or not report.get(kind):
            continue
        own = report[kind]
        group = surer if own["mean_top"]["low"] > clean["mean_top"]["high"] else (
            less if own["mean_top"]["high"] < clean["mean_top"]["low"] else unchanged
        )  # fmt: skip
        group.append(f"{name} ({own['mean_top']['value']:.2f})")
    stated = f"{clean['mean_top']['value']:.2f} is the mean probability of the likeliest diagnosis on untouched photos"
    sentences = [f"How sure the network is: {stated}."]
    if surer:
        sentences.append(f"It is surer, where it should not be, on {listed(surer)}.")
    if unchanged:
        sentences.append(f"It is as sure on {listed(unchanged)}.")
    if less:
        sentences.append(f"It is less sure on {listed(less)}.")
    referred = [
        f"{100 * report[kind]['refer']['value']:.1f} % of {name}" for kind, name in PHRASES.items() if report.get(kind)
    ]
    return [*sentences, f"It would refer {listed(referred)}.", "A sure answer is no sign that a photo was fit."]


# Source probe

PROBED = ("answer", "the nine answers"), ("colours", "colours alone")  # beside the features


def source_probe(report: dict) -> pd.DataFrame:
    """How well two archives are told apart within one diagnosis: from the features, the answers, the mean colours."""
    rows = []
    for found in report.values():
        if isinstance(found, dict) and is_figure(found.get("auc")):
            rows.append(row("", found["diagnosis"], "the network's features", found["auc"]))
            rows += [row("", found["diagnosis"], words, found[key]["auc"]) for key, words in PROBED if key in found]
    return frame(rows)


def source_sentences(report: dict) -> list[str]:
    """What the probe says, for each diagnosis."""
    sentences = []
    for found in report.values():
        if not isinstance(found, dict) or not is_figure(found.get("auc")):
            continue
        archives = listed([f"{n:,} of {ARCHIVES.get(source, source)}" for source, n in found["photos"].items()])
        from_what = {"the network's features": found, **{words: found[key] for key, words in PROBED if key in found}}
        told = listed([f"{Interval.of(value['auc']).words()} from {words}" for words, value in from_what.items()])
        sentences.append(f"Photos of {found['diagnosis']} ({archives}) are told apart with an AUC of {told}.")
    return sentences
