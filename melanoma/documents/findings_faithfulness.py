"""The report on the faithfulness of heatmaps: tables to draw, and what they say in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from melanoma.documents.findings import Row, make_rows, make_table
from melanoma.estimates import Estimate, enumerate_words
from melanoma.explain import DEFAULT_METHOD, Method
from melanoma.run.faithfulness import Faithfulness, Localisation, MethodFaithfulness

SPOT = "centre spot"
MAP, CHANCE = "heatmap", "chance"
HIGHER, LOWER, ZERO = "↑", "↓", "→ 0"  # which way is better


@dataclass(frozen=True)
class Measure:
    """One measure of a map: `part` of a method's report, the field of its estimate, and that of chance."""

    label: str
    better: str
    part: str
    field: str
    chance: str | None = None

    @property
    def heading(self) -> str:
        """Above its lines in a picture."""
        return f"{self.label} {self.better}"

    def read(self, method: MethodFaithfulness | None, field: str | None = None) -> Estimate | None:
        """Its estimate of a method, or another field of the same part; None where it was not measured."""
        part = getattr(method, self.part, None)
        return getattr(part, field or self.field, None)


MEASURES = (
    Measure("Evidence inside the lesion", HIGHER, "all", "energy_inside", "energy_inside_chance"),
    Measure("Pointing game", HIGHER, "all", "pointing_game", "pointing_game_chance"),
    Measure("Insertion", HIGHER, "insertion", "auc", "auc_random_map"),
    Measure("Deletion", LOWER, "deletion", "auc", "auc_random_map"),
    Measure("Stability", HIGHER, "stability", "spearman", "spearman_another_photo"),
    Measure("All layers randomised", ZERO, "randomised", "all_layers"),
    Measure("Last layer randomised", ZERO, "randomised", "last_layer"),
)
LOCALISATION = MEASURES[:2]  # where a map lies; the others: what it has to do with the answer
ON_LESION = tuple(measure.heading for measure in LOCALISATION)
EXPLANATION = (
    f"{HIGHER} higher is better, {LOWER} lower is better, {ZERO} nearer to 0 is better. Pointing game: share of maps "
    "whose strongest place lies in the lesion. Insertion and deletion: mean probability of the likeliest diagnosis "
    "while the marked places are shown or blurred, the most marked first. Stability: rank correlation of the map "
    "before and after small turns and shifts. Randomised: rank correlation with the map of a network with random "
    "weights; a map that stays the same does not show what the network learned."
)
PARTS = {
    "all": "all photos",
    "right": "right answers",
    "wrong": "wrong answers",
    "small_lesions": "small lesions",
    "expert_masks": "expert masks",
}


def name_method(method: str) -> str:
    """A method of the report as it is written on screen; one that is not known here as it is."""
    return Method(method).facts.label if method in set(Method) else method


def list_methods(report: Faithfulness) -> list[str]:
    """The methods that were measured, without the centre spot that they are compared with."""
    return [method for method in report.methods if method != SPOT]


def find_default_method(report: Faithfulness) -> str | None:
    """The method that the app shows first, if it was measured; else the first that was; None without any."""
    methods = list_methods(report)
    return DEFAULT_METHOD.value if DEFAULT_METHOD.value in methods else next(iter(methods), None)


def tabulate_methods(report: Faithfulness) -> pd.DataFrame:
    """Each measure of each method beside its chance level and, where it was measured, the centre spot."""
    spot = report.methods.get(SPOT)
    rows: list[Row] = []
    for measure in MEASURES:
        for method in list_methods(report):
            own, line = report.methods[method], name_method(method)
            if measure.read(own) is None:
                continue
            rows += make_rows(measure.heading, line, MAP, measure.read(own))
            rows += (
                make_rows(measure.heading, line, CHANCE, measure.read(own, measure.chance)) if measure.chance else []
            )
            rows += make_rows(measure.heading, line, SPOT, measure.read(spot))
    return make_table(rows)


def write_methods(report: Faithfulness) -> pd.DataFrame:
    """The estimates of `tabulate_methods` in words: measure, method, and a column a series, such as `0.93 (0.93–0.94)`.

    Empty where something was not measured.
    """
    written: dict[tuple[str, str], dict[str, str]] = {}
    for row in tabulate_methods(report).itertuples():
        texts = written.setdefault((row.group, row.line), {})
        texts[row.series] = Estimate(row.value, row.low, row.high).text()
    rows = [{"measure": measure, "method": method, **texts} for (measure, method), texts in written.items()]
    return pd.DataFrame(rows, columns=["measure", "method", MAP, CHANCE, SPOT]).fillna("")


def tabulate_answers(report: Faithfulness, method: str) -> pd.DataFrame:
    """Evidence inside the lesion and the pointing game, for right and wrong answers and small lesions."""
    rows: list[Row] = []
    for measure in LOCALISATION:
        for part, label in PARTS.items():
            own, spot = (_read_localisation(report.methods.get(name), part) for name in (method, SPOT))
            if own is None or getattr(own, measure.field) is None:
                continue
            line = f"{label} ({own.photos})"
            rows += make_rows(measure.heading, line, MAP, getattr(own, measure.field))
            rows += make_rows(measure.heading, line, CHANCE, getattr(own, f"{measure.field}_chance"))
            rows += make_rows(measure.heading, line, SPOT, getattr(spot, measure.field, None))
    return make_table(rows)


def _read_localisation(method: MethodFaithfulness | None, part: str) -> Localisation | None:
    return getattr(method, part, None)


def describe_faithfulness(report: Faithfulness) -> list[str]:
    """Which map is the default, which others do better, and what it beats."""
    method = find_default_method(report)
    if method is None:
        return []
    table, name = tabulate_methods(report), name_method(method)
    sentences = []
    if method == DEFAULT_METHOD.value:
        sentences.append(f"{name} is the default. Most networks give it with the probabilities, at no extra cost.")
    sentences.append(_compare_methods(table, name) if len(list_methods(report)) > 1 else f"Only {name} was measured.")
    for series, phrase in ((CHANCE, "chance"), (SPOT, "a round spot in the middle of every photo")):
        if sentence := _compare_with(table[table["line"] == name], series, phrase):
            sentences.append(sentence)
    return sentences


def _compare_methods(table: pd.DataFrame, name: str) -> str:
    """Where another method has the better value."""
    maps = table[table["series"] == MAP]
    better = []
    for measure in MEASURES:
        rows = maps[maps["group"] == measure.heading]
        if name in set(rows["line"]) and (best := _find_best(measure, rows)) != name:
            better.append(f"{best} ({measure.label.lower()})")
    return (
        f"Others have the better value: {', '.join(better)}." if better else "It has the best value of every measure."
    )


def _compare_with(own: pd.DataFrame, series: str, phrase: str) -> str:
    """On which measures the default method is better than chance or the spot, and on which not."""
    verdicts: dict[str, list[str]] = {"better": [], "no better": [], "worse": []}
    for measure in MEASURES:
        values = {
            row.series: Estimate(row.value, row.low, row.high)
            for row in own[own["group"] == measure.heading].itertuples()
        }
        if series in values:
            verdicts[_judge(measure, values[MAP], values[series])].append(measure.label.lower())
    parts = [f"{verdict} in {enumerate_words(names)}" for verdict, names in verdicts.items() if names]
    return f"Compared with {phrase}, it is {'; '.join(parts)}." if parts else ""


def _judge(measure: Measure, own: Estimate, other: Estimate) -> str:
    """`better`, `worse`, or `no better` where the intervals overlap."""
    if measure.better == LOWER:
        own, other = other, own
    if own.low > other.high:
        return "better"
    return "worse" if own.high < other.low else "no better"


def _find_best(measure: Measure, rows: pd.DataFrame) -> str:
    """The line with the best value of a measure."""
    value = rows["value"].abs() if measure.better == ZERO else rows["value"]
    return str(rows.loc[value.idxmax() if measure.better == HIGHER else value.idxmin(), "line"])
