"""The faithfulness report of evaluation.json: tables to draw, and what they say in sentences."""

from __future__ import annotations

import pandas as pd

from melanoma.documents.findings import frame, row
from melanoma.estimates import is_figure
from melanoma.evaluation.tables import listed
from melanoma.explain.heatmaps import DEFAULT_METHOD, Method

SPOT = "centre spot"
MAP, CHANCE = "heatmap", "chance"
UP, DOWN, NIL = "↑", "↓", "→ 0"  # which way is better
FIGURES = (  # heading, where the figure is, where its chance level is
    (f"Evidence inside the lesion {UP}", "all/energy_inside", "all/energy_inside_chance"),
    (f"Strongest place in the lesion {UP}", "all/pointing_game", "all/pointing_game_chance"),
    (f"Insertion {UP}", "insertion/auc", "insertion/auc_random_map"),
    (f"Deletion {DOWN}", "deletion/auc", "deletion/auc_random_map"),
    (f"Turns with the photo {UP}", "stability/spearman", "stability/spearman_another_photo"),
    (f"Shuffled network {NIL}", "randomised/all_layers", None),
    (f"Shuffled last layer {NIL}", "randomised/last_layer", None),
)
ON_LESION = tuple(group for group, *_ in FIGURES[:2])  # where a map lies; the others: what it has to do with the answer
EXPLAINED = (
    f"{UP} higher is better, {DOWN} lower is better, {NIL} nearer to 0 is better. Insertion and deletion: mean "
    "probability of the likeliest diagnosis while the marked places are shown or blurred, the most marked first. "
    "Turns with the photo: rank correlation of the map before and after small turns and shifts. Shuffled: its "
    "correlation with the map of a network whose weights were shuffled; a map that stays has nothing to do with "
    "what the network learned."
)
PARTS = {
    "all": "all photos",
    "right": "right answers",
    "wrong": "wrong answers",
    "small_lesions": "small lesions",
    "expert_masks": "expert masks",
}


def method_name(method: str) -> str:
    """A method of evaluation.json as it is written on screen."""
    return Method(method).facts.label if method in set(Method) else method


def by_method(report: dict) -> pd.DataFrame:
    """Each figure of each method beside its chance level and, where it was measured, the centre spot."""
    methods = report.get("methods", {})
    spot = methods.get(SPOT, {})
    rows = []
    for group, path, chance in FIGURES:
        for method, found in methods.items():
            if method == SPOT or not is_figure(at(found, path)):
                continue
            name = method_name(method)
            rows.append(row(group, name, MAP, at(found, path)))
            rows += [row(group, name, CHANCE, at(found, chance))] if chance and is_figure(at(found, chance)) else []
            rows += [row(group, name, SPOT, at(spot, path))] if is_figure(at(spot, path)) else []
    return frame(rows)


def at(found: dict, path: str) -> dict | None:
    """The entry at `a/b` of a nested report, None where there is none."""
    for key in path.split("/"):
        found = (found or {}).get(key)
    return found


def by_answer(report: dict, method: str) -> pd.DataFrame:
    """Evidence inside the lesion and the strongest place, for right and wrong answers and small lesions."""
    methods = report.get("methods", {})
    own, spot = methods.get(method, {}), methods.get(SPOT, {})
    rows = []
    for group, path, _ in FIGURES[:2]:
        key = path.split("/")[1]
        for part, label in PARTS.items():
            found = own.get(part, {})
            if not is_figure(found.get(key)):
                continue
            line = f"{label} ({found['photos']})"
            rows += [row(group, line, MAP, found[key]), row(group, line, CHANCE, found[f"{key}_chance"])]
            rows += [row(group, line, SPOT, spot[part][key])] if is_figure(spot.get(part, {}).get(key)) else []
    return frame(rows)


def default_method(report: dict) -> str | None:
    """The method that the app shows first, if it was measured; else the first that was."""
    measured = [m for m in report.get("methods", {}) if m != SPOT]
    return DEFAULT_METHOD.value if DEFAULT_METHOD.value in measured else next(iter(measured), None)


def sentences(report: dict) -> list[str]:
    """Which map is the default and why, what it beats, and what it does not."""
    method = default_method(report)
    if method is None:
        return []
    table, name = by_method(report), method_name(method)
    measured = [m for m in report["methods"] if m != SPOT]
    why = "where the network ends in average pooling it comes with the probabilities at no extra cost"
    said = [f"{name} is the default: {why}."] if method == DEFAULT_METHOD.value else []
    if len(measured) == 1:
        said.append(f"Only {name} has been measured on this run.")
    else:
        better = []
        for group, rows in table[(table["series"] == MAP)].groupby("group", sort=False):
            own = rows[rows["line"] == name]
            if len(own) and (group_best := best(group, rows)) != name:
                better.append(f"{group_best} ({short(group)})")
        said.append(
            f"Others have the better value: {', '.join(better)}." if better else "It has the best value throughout."
        )
    own = table[table["line"] == name]
    for series, what in ((CHANCE, "chance"), (SPOT, "a round spot in the middle of every photo")):
        verdicts = {"better": [], "no better": [], "worse": []}
        for group, rows in own.groupby("group", sort=False):
            pair = rows.set_index("series")
            if series in pair.index:
                verdicts[beats(group, pair.loc[MAP], pair.loc[series])].append(short(group))
        parts = [f"{verdict} at {listed(names)}" for verdict, names in verdicts.items() if names]
        if parts:
            said.append(f"Against {what} it is {'; '.join(parts)}.")
    return said


def short(group: str) -> str:
    """The name of a figure without its explanation."""
    return group.rstrip(UP + DOWN + NIL).strip().lower()


def beats(group: str, own: pd.Series, other: pd.Series) -> str:
    """`better`, `worse`, or `no better` where the intervals overlap."""
    if group.endswith(DOWN):
        own, other = other, own
    if own["low"] > other["high"]:
        return "better"
    return "worse" if own["high"] < other["low"] else "no better"


def best(group: str, rows: pd.DataFrame) -> str:
    """The line with the best value of a figure."""
    value = rows["value"].abs() if group.endswith(NIL) else rows["value"]
    return rows.loc[value.idxmax() if group.endswith(UP) else value.idxmin(), "line"]
