"""Test results as tables: what the performance page shows, from a run's saved predictions and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.metrics import auc, average_precision_score, confusion_matrix, precision_recall_curve, roc_curve

from melanoma.diagnoses import CODES, MALIGNANT, MERGED_CODES, NAMES, index, merged
from melanoma.runs import Run

SCORES = {"malignant": "malignant sum", "MEL": "melanoma"}
RESAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, figure: dict) -> Interval:
        """From the form in which runs store figures: {"value", "low", "high"}."""
        return cls(float(figure["value"]), float(figure["low"]), float(figure["high"]))

    def words(self, digits: int = 2) -> str:
        return f"{self.value:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"

    def scaled(self, factor: float) -> Interval:
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    def remainder(self) -> Interval:
        """Of a share: what is left to 1."""
        return Interval(1 - self.value, 1 - self.high, 1 - self.low)


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
        if name == "malignant":
            return self.probabilities[:, [index(c) for c in MALIGNANT]].sum(axis=1)
        return self.probabilities[:, index(name)]

    def positive(self, name: str) -> np.ndarray:
        """(n,) bool: what `score` should find."""
        return np.isin(self.diagnoses, MALIGNANT if name == "malignant" else [name])

    @property
    def top(self) -> np.ndarray:
        """(n,) most likely codes."""
        return np.array(CODES)[self.probabilities.argmax(axis=1)]

    @cached_property
    def resampling(self) -> tuple[np.ndarray, np.ndarray]:
        """How often each lesion is drawn, (RESAMPLES, lesions), and each photo's lesion number, (n,)."""
        lesions, numbers = np.unique(self.lesions.astype(str), return_inverse=True)
        count = len(lesions)
        draws = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
        return draws.astype(np.float32), numbers


def answers(run: Run, split: str) -> Answers | None:
    """Saved answers on `split` (validation or test), calibrated where the run has a temperature."""
    if run.predictions is None:
        return None
    table = run.predictions[run.predictions["split"] == split]
    if run.split is not None:
        table = table.merge(run.split[["image_id", "group"]].drop_duplicates("image_id"), on="image_id", how="left")
    lesions = table["group"].fillna(table["image_id"]) if "group" in table else table["image_id"]
    raw = table[[f"p_{code}" for code in CODES]].to_numpy(np.float64)
    temperature = (run.calibration or {}).get("temperature", 1.0)
    return Answers(
        table["image_id"].to_numpy(str),
        table["diagnosis"].to_numpy(str),
        table["source"].to_numpy(str),
        lesions.to_numpy(str),
        tempered(raw, temperature),
    )


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax probabilities (n, 9) as if their logits had been divided by `temperature` (Guo 2017)."""
    powered = np.power(np.maximum(probabilities, 1e-12), 1 / temperature)
    return powered / powered.sum(axis=1, keepdims=True)


def rates(given: Answers, score: str, threshold: float) -> tuple[Interval, Interval]:
    """Sensitivity and specificity of `score >= threshold`; intervals by resampling lesions."""
    draws, lesion = given.resampling
    positive, flagged = given.positive(score), given.score(score) >= threshold
    counts = [flagged & positive, positive, ~flagged & ~positive, ~positive]
    drawn = draws @ np.stack([np.bincount(lesion, c, draws.shape[1]) for c in counts], axis=1).astype(np.float32)
    return (
        share(flagged[positive], drawn[:, 0], drawn[:, 1]),
        share(~flagged[~positive], drawn[:, 2], drawn[:, 3]),
    )


def share(right: np.ndarray, hits: np.ndarray, of: np.ndarray) -> Interval:
    """Share of `right` (bool) with the 95 % interval of the resampled shares hits / of."""
    if not len(right):
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(hits[of > 0] / of[of > 0], [0.025, 0.975])
    return Interval(float(right.mean()), float(low), float(high))


def threshold_for(given: Answers, score: str, sensitivity: float) -> float:
    """The highest threshold whose sensitivity on these answers is at least `sensitivity` (0 to 1)."""
    ranked = np.sort(given.score(score)[given.positive(score)])[::-1]
    return float(ranked[max(int(np.ceil(sensitivity * len(ranked) - 1e-9)), 1) - 1])


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


def confusion(given: Answers, merge: bool = False) -> pd.DataFrame:
    """Counts: a row a true diagnosis, a column a top answer; nine classes, or seven as public benchmarks."""
    true, top = given.diagnoses, given.top
    if merge:
        true, top = np.array([merged(c) for c in true]), np.array([merged(c) for c in top])
    codes = MERGED_CODES if merge else CODES
    return pd.DataFrame(confusion_matrix(true, top, labels=codes), index=codes, columns=codes)


def row_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Each row of a confusion matrix as shares of its true diagnosis, 0 to 1."""
    return counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)


def photos_in_cell(given: Answers, true: str, top: str) -> pd.DataFrame:
    """The photos in one cell of the confusion matrix (codes, or merged codes), most certain first."""
    inside = np.isin(given.diagnoses, true.split("+")) & np.isin(given.top, top.split("+"))
    table = pd.DataFrame(
        {
            "image_id": given.image_ids[inside],
            "source": given.sources[inside],
            "diagnosis": given.diagnoses[inside],
            "answer": given.top[inside],
            "probability": given.probabilities.max(axis=1)[inside].round(3),
        }
    )
    return table.sort_values("probability", ascending=False, ignore_index=True)


def headline(evaluation: dict) -> list[tuple[str, Interval]]:
    """Figures of evaluation.json in the order in which they are read, with their names in words."""
    names = {
        "balanced_accuracy_9": "Balanced accuracy, nine classes",
        "balanced_accuracy_7": "Balanced accuracy, seven classes",
        "melanoma_auc": "Melanoma AUC",
        "malignant_auc": "Malignant AUC",
        "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
        "accuracy": "Accuracy",
        "ece": "Calibration error, after",
        "ece_before": "Calibration error, before",
    }
    figures = evaluation.get("figures", {})
    ordered = [*[n for n in names if n in figures], *[n for n in figures if n not in names]]
    return [(names.get(n, n.replace("_", " ").capitalize()), Interval.of(figures[n])) for n in ordered if is_figure(figures[n])]


def is_figure(value: object) -> bool:
    return isinstance(value, dict) and {"value", "low", "high"} <= set(value)


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


def point_words(name: str) -> str:
    """An operating point's name in words: `high-sensitivity` -> high sensitivity."""
    return {"melanoma-95": "melanoma 95 %"}.get(name, name.replace("-", " "))


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
