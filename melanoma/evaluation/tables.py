"""Test results as tables: what the performance page shows, from a run's saved predictions and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.metrics import auc, average_precision_score, confusion_matrix, precision_recall_curve, roc_curve

from melanoma.diagnoses import CODES, MALIGNANT, MERGED_CODES, NAMES, index, merged
from melanoma.estimates import SCORES, UNDEFINED, Interval, is_figure, point_words
from melanoma.evaluation.bootstrap import Resamples, figure
from melanoma.evaluation.calibration import tempered, threshold_for_sensitivity
from melanoma.evaluation.metrics import malignant_scores, merge, probabilities_of
from melanoma.run.folder import Run


@dataclass(frozen=True)
class Answers:
    """A run's saved answers on one split.

    probabilities: (n, 9) calibrated, in the order of CODES; the others have n entries; `lesions` are
    group ids, the unit that intervals resample.
    """

    image_ids: np.ndarray
    diagnoses: np.ndarray
    sources: np.ndarray
    lesions: np.ndarray
    probabilities: np.ndarray

    def score(self, name: str) -> np.ndarray:
        """(n,) the malignant sum, or the probability of one code."""
        return malignant_scores(self.probabilities) if name == "malignant" else self.probabilities[:, index(name)]

    def positive(self, name: str) -> np.ndarray:
        """(n,) bool: what `score` should find."""
        return np.isin(self.diagnoses, MALIGNANT if name == "malignant" else [name])

    def top(self, merged: bool = False) -> np.ndarray:
        """(n,) most likely codes, or merged codes by the sum of their probabilities."""
        if merged:
            return np.array(MERGED_CODES)[merge(self.probabilities).argmax(axis=1)]
        return np.array(CODES)[self.probabilities.argmax(axis=1)]

    @cached_property
    def resamples(self) -> Resamples:
        """The draws that the figures in evaluation.json rest on too."""
        return Resamples.of_lesions(self.lesions)


def answers(run: Run, split: str) -> Answers | None:
    """Saved answers on `split` (validation or test), calibrated where the run has a temperature."""
    if run.predictions is None:
        return None
    table = run.predictions[run.predictions["split"] == split]
    if run.split is not None:
        table = table.merge(run.split[["image_id", "group"]].drop_duplicates("image_id"), on="image_id", how="left")
    lesions = table["group"].fillna(table["image_id"]) if "group" in table else table["image_id"]
    return Answers(
        table["image_id"].to_numpy(str),
        table["diagnosis"].to_numpy(str),
        table["source"].to_numpy(str),
        lesions.to_numpy(str),
        tempered(probabilities_of(table), (run.calibration or {}).get("temperature", 1.0)),
    )


def rates(given: Answers, score: str, threshold: float) -> tuple[Interval, Interval]:
    """Sensitivity and specificity of `score >= threshold`; intervals by resampling lesions."""
    positive, flagged = given.positive(score), given.score(score) >= threshold
    shares = (given.resamples.share(flagged, positive), given.resamples.share(~flagged, ~positive))
    return tuple(Interval.of(figure(s) or UNDEFINED) for s in shares)


def threshold_for(given: Answers, score: str, sensitivity: float) -> float:
    """The highest threshold whose sensitivity on these answers is at least `sensitivity` (0 to 1)."""
    return threshold_for_sensitivity(given.score(score)[given.positive(score)], sensitivity)


def roc(given: Answers, score: str) -> tuple[pd.DataFrame, float]:
    """ROC points (specificity, sensitivity, threshold) and the area under them."""
    false_positive, sensitivity, thresholds = roc_curve(given.positive(score), given.score(score))
    table = pd.DataFrame({"specificity": 1 - false_positive, "sensitivity": sensitivity, "threshold": thresholds})
    return table, float(auc(false_positive, sensitivity))


def precision_recall(given: Answers, score: str) -> tuple[pd.DataFrame, float]:
    """Precision-recall points and the average precision."""
    precision, recall, thresholds = precision_recall_curve(given.positive(score), given.score(score))
    table = pd.DataFrame({"sensitivity": recall, "precision": precision, "threshold": [*thresholds, 1.0]})
    return table, float(average_precision_score(given.positive(score), given.score(score)))


def confusion(given: Answers, merge_classes: bool = False) -> pd.DataFrame:
    """Counts: a row a true diagnosis, a column a top answer; nine classes, or seven as public benchmarks."""
    codes = MERGED_CODES if merge_classes else CODES
    true = [merged(c) for c in given.diagnoses] if merge_classes else given.diagnoses
    return pd.DataFrame(confusion_matrix(true, given.top(merge_classes), labels=codes), index=codes, columns=codes)


def row_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Each row of a confusion matrix as shares of its true diagnosis, 0 to 1."""
    return counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)


def photos_in_cell(given: Answers, true: str, top: str, merge_classes: bool = False) -> pd.DataFrame:
    """The photos in one cell of the confusion matrix (codes, or merged codes), the most certain first."""
    answered = given.top(merge_classes)
    inside = np.isin(given.diagnoses, true.split("+")) & (answered == top)
    table = pd.DataFrame(
        {
            "image_id": given.image_ids[inside],
            "source": given.sources[inside],
            "diagnosis": given.diagnoses[inside],
            "answer": given.top()[inside],
            "probability": given.probabilities.max(axis=1)[inside].round(3),
        }
    )
    return table.sort_values("probability", ascending=False, ignore_index=True)


def headline(evaluation: dict) -> list[tuple[str, Interval]]:
    """Figures of evaluation.json in the order in which they are read, with their names in words."""
    names = {
        "balanced_accuracy_9": "Balanced accuracy, 9 classes",
        "balanced_accuracy_7": "Balanced accuracy, 7 classes",
        "melanoma_auc": "Melanoma AUC",
        "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
        "ece": "Calibration error",
        "malignant_auc": "Malignant AUC",
        "melanoma_sensitivity": "Melanomas called melanoma",
        "accuracy": "Accuracy",
        "ece_before": "Calibration error before temperature",
    }
    figures = evaluation.get("figures", {})
    ordered = [*[n for n in names if n in figures], *[n for n in figures if n not in names]]
    return [
        (names.get(n, n.replace("_", " ").capitalize()), Interval.of(figures[n]))
        for n in ordered
        if is_figure(figures[n])
    ]


def figure_table(nested: dict, first_column: str) -> pd.DataFrame:
    """{row: {figure: F or number}} -> a table; each F gives its value, and columns ` low` and ` high`."""
    rows = []
    for name, figures in nested.items():
        row = {first_column: name}
        for key, value in figures.items():
            label = key.replace("_", " ")
            if is_figure(value):
                row |= {label: value["value"], f"{label} low": value["low"], f"{label} high": value["high"]}
            elif isinstance(value, int | float | str):
                row[label] = value
        rows.append(row)
    return pd.DataFrame(rows)


def figure_words(table: pd.DataFrame) -> pd.DataFrame:
    """A `figure_table` for reading: each figure and its interval in one cell."""
    shown = pd.DataFrame(index=table.index)
    for column in table.columns:
        if column.endswith((" low", " high")):
            continue
        if f"{column} low" in table:
            triples = zip(table[column], table[f"{column} low"], table[f"{column} high"], strict=True)
            shown[column] = [Interval(*t).words() if pd.notna(t[0]) else "–" for t in triples]
        else:
            shown[column] = table[column]
    return shown


def per_class(evaluation: dict) -> pd.DataFrame:
    """Per diagnosis: support, sensitivity, specificity, AUC, with intervals."""
    named = {f"{NAMES.get(code, code)} ({code})": v for code, v in evaluation.get("per_class", {}).items()}
    return figure_table(named, "diagnosis")


GROUPINGS = {"per_source": "Source", "per_age": "Age", "per_sex": "Sex", "per_site": "Body site"}
FIRST = ["sensitivity", "specificity", "melanoma auc", "balanced accuracy 9"]  # figures of groups, the asked ones first


def per_group(evaluation: dict) -> pd.DataFrame:
    """Test figures of each source, age group, sex and body site that was measured: a row a group.

    Columns: by (of GROUPINGS), group, photos, malignant (a count; NaN where not kept), lesions, figures with intervals.
    """
    tables = [
        figure_table(evaluation[key], "group").assign(by=by) for key, by in GROUPINGS.items() if evaluation.get(key)
    ]
    if not tables:
        return pd.DataFrame(columns=["by", "group", "photos"])
    table = pd.concat(tables, ignore_index=True)
    asked = [f"{name}{end}" for name in FIRST for end in ("", " low", " high")]
    order = ["by", "group", *(c for c in ("photos", "malignant", "lesions", *asked) if c in table)]
    return table[[*order, *(c for c in table if c not in order)]]


def counted(groups: pd.DataFrame, figure_name: str) -> pd.Series:
    """How many photos a figure of each group is of: malignant for sensitivity, benign for specificity, else all."""
    if "malignant" in groups and figure_name in ("sensitivity", "specificity"):
        malignant = groups["malignant"].fillna(groups["photos"] if figure_name == "sensitivity" else 0)
        return malignant if figure_name == "sensitivity" else groups["photos"] - malignant
    return groups["photos"]


def weakest(groups: pd.DataFrame, figure_name: str, fewest: int) -> str:
    """In words, the group with the worst value of a figure, of those that rest on `fewest` photos or more; or `""`."""
    large = groups[(counted(groups, figure_name) >= fewest) & groups[figure_name].notna()]
    if large.empty:
        return ""
    error = figure_name.startswith("ece")
    row = large.loc[large[figure_name].idxmax() if error else large[figure_name].idxmin()]
    value = Interval(*row[[figure_name, f"{figure_name} low", f"{figure_name} high"]])
    worst = "Highest" if error else "Lowest"
    where = f"{row['by'].lower()} {row['group']}, {row['photos']:.0f} photos"
    return f"{worst} {figure_name}: {value.words()}, {where}."


def group_words(groups: pd.DataFrame, figure_name: str) -> list[str]:
    """A figure of every group in words: `age under 30 0.42 (0.33–0.52), 129 photos`."""
    ends = [figure_name, f"{figure_name} low", f"{figure_name} high"]
    return [
        f"{row['by'].lower()} {row['group']} {Interval(*row[ends]).words()}, {row['photos']:.0f} photos"
        for _, row in groups.dropna(subset=figure_name).iterrows()
    ]


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def operating_points(calibration: dict) -> pd.DataFrame:
    """Operating points: threshold, what it was chosen for, test sensitivity and specificity."""
    named = {
        point_words(name): {
            "score": SCORES.get(point["score"], point["score"]),
            "threshold": point["threshold"],
            "chosen for": point.get("target", ""),
            "test sensitivity": point["test"]["sensitivity"],
            "test specificity": point["test"]["specificity"],
        }
        for name, point in calibration.get("operating_points", {}).items()
    }
    return figure_table(named, "operating point")


def points_of(calibration: dict, score: str) -> dict[str, float]:
    """Operating points that compare this score: name -> threshold."""
    points = calibration.get("operating_points", {})
    return {name: float(point["threshold"]) for name, point in points.items() if point["score"] == score}


def flattened(report: dict, path: str = "") -> pd.DataFrame:
    """Any nested report of evaluation.json as rows (what, value, low, high); lists and words are kept as they are."""
    rows = []
    for key, value in report.items():
        what = f"{path}, {key}" if path else str(key)
        what = what.replace("_", " ")
        if is_figure(value):
            rows.append({"what": what, **{k: value[k] for k in ("value", "low", "high")}})
        elif isinstance(value, dict):
            rows += flattened(value, what).to_dict("records")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            rows.append({"what": what, "value": value})
        else:
            rows.append({"what": what, "note": str(value)})
    return pd.DataFrame(rows)
