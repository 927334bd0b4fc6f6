"""Stored estimates as tables: what the performance page shows of a run's evaluation and calibration."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from melanoma.diagnoses import NAMES
from melanoma.estimates import UNDEFINED, Estimate
from melanoma.run import KindCalibration, KindEvaluation, operating_point_name
from melanoma.run.evaluation import Headline

# Field of an estimate -> its name on screen, in the order in which they are read; others are named by their field
ESTIMATE_NAMES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy_9": "balanced accuracy, 9 classes",
    "balanced_accuracy_7": "balanced accuracy, 7 classes",
    "melanoma_auc": "melanoma AUC",
    "auc": "AUC",
    "specificity_at_95_sensitivity": "specificity at 95 % sensitivity",
    "ece": "calibration error",
    "malignant_auc": "malignancy AUC",
    "melanoma_sensitivity": "melanomas called melanoma",
    "accuracy": "accuracy",
    "ece_before": "calibration error before temperature",
}
NO_SHARES = ("auc", "calibration error")  # in the names of what is written as 0.92, not as 92 %
GROUPINGS = {
    "per_source": "Source",
    "per_set": "Set",
    "per_age": "Age",
    "per_sex": "Sex",
    "per_site": "Body site",
    "per_skin_tone": "Skin tone",
    "per_artefact": "Over the lesion",
}


def name_estimate(key: str) -> str:
    """A field of a typed part in words: `melanoma_auc` -> melanoma AUC."""
    return ESTIMATE_NAMES.get(key, key.replace("_", " "))


def write_estimate(name: str, value: Estimate) -> str:
    """An estimate for reading, by what its name says it is: `0.92 (0.90–0.93)`, or `94 % (91–97 %)`."""
    return value.text() if any(words in name.lower() for words in NO_SHARES) else value.percent()


def list_headline(headline: Headline) -> list[tuple[str, Estimate]]:
    """The defined estimates of the headline in the order in which they are read, with their names."""
    values = [(name, getattr(headline, key, None)) for key, name in ESTIMATE_NAMES.items() if key in HEADLINE_FIELDS]
    return [(name[0].upper() + name[1:], value) for name, value in values if value is not None]


HEADLINE_FIELDS = tuple(field.name for field in dataclasses.fields(Headline))


def tabulate(parts: Mapping[str, object], first_column: str) -> pd.DataFrame:
    """Typed parts by name -> a row each: `first_column`, then their numbers, words and estimates.

    An estimate gives its value in a column of its name and columns `... low` and `... high`; NaN where undefined.
    """
    rows = []
    for name, part in parts.items():
        row: dict[str, object] = {first_column: name}
        for field in dataclasses.fields(part):  # type: ignore[arg-type]  # parts are dataclasses
            label, value = name_estimate(field.name), getattr(part, field.name)
            if isinstance(value, Estimate):
                row |= {label: value.value, f"{label} low": value.low, f"{label} high": value.high}
            elif isinstance(value, int | float | str):
                row[label] = value
        rows.append(row)
    table = pd.DataFrame(rows)
    first = [first_column, "photos", "malignant", "lesions", "support"]
    first += [f"{name}{end}" for name in ESTIMATE_NAMES.values() for end in ("", " low", " high")]
    return table[[*(c for c in first if c in table), *(c for c in table if c not in first)]]


def estimate_columns(table: pd.DataFrame) -> list[str]:
    """Columns of a `tabulate`d table that hold estimates."""
    return [column for column in table.columns if f"{column} low" in table]


def write_estimates(table: pd.DataFrame) -> pd.DataFrame:
    """A `tabulate`d table for reading: each estimate and its interval in one cell, `–` where undefined."""
    written = pd.DataFrame(index=table.index)
    for column in table.columns:
        if column.removesuffix(" low").removesuffix(" high") in estimate_columns(table):
            if column in estimate_columns(table):
                written[column] = [
                    "–" if pd.isna(value.value) else write_estimate(column, value)
                    for value in _estimates(table, column)
                ]
        else:
            written[column] = table[column]
    return written


def _estimates(table: pd.DataFrame, column: str) -> Iterator[Estimate]:
    for values in zip(table[column], table[f"{column} low"], table[f"{column} high"], strict=True):
        yield Estimate(*map(float, values))


def tabulate_classes(evaluation: KindEvaluation) -> pd.DataFrame:
    """A row a diagnosis: diagnosis, support, sensitivity, specificity, AUC, referred, with intervals."""
    return tabulate(
        {f"{NAMES.get(code, code)} ({code})": row for code, row in evaluation.per_class.items()}, "diagnosis"
    )


def tabulate_groups(evaluation: KindEvaluation) -> pd.DataFrame:
    """Test estimates of each source, set, group of patients and artefact that was measured: a row a group.

    Columns: by (of GROUPINGS), group, photos, malignant (a count; NaN where not kept), lesions, estimates.
    """
    tables = [
        tabulate(groups, "group").assign(by=by) for key, by in GROUPINGS.items() if (groups := getattr(evaluation, key))
    ]
    if not tables:
        return pd.DataFrame(columns=["by", "group", "photos"])
    table = pd.concat(tables, ignore_index=True)
    return table[["by", *(column for column in table if column != "by")]]


def describe_calibration(headline: Headline) -> str:
    """What calibration did to the calibration error on test photos, also where it hurt; empty where not measured."""
    before, after = headline.ece_before, headline.ece
    if before is None or after is None:
        return ""
    if after.high < before.low:
        change = "Calibration made stated probabilities truer"
    elif after.low > before.high:
        change = "Calibration made stated probabilities less true"
    else:
        change = "Calibration did not clearly change how true stated probabilities are"
    return f"{change}: the calibration error on test photos was {before.text()} before it and is {after.text()}."


def whole_estimate(evaluation: KindEvaluation, column: str) -> Estimate | None:
    """What the whole test split has in place of a column of `tabulate_groups`; None where it has nothing."""
    keys = [key for key in HEADLINE_FIELDS if name_estimate(key) == column]
    return getattr(evaluation.headline, keys[0]) if keys else None


def count_photos(groups: pd.DataFrame, column: str) -> pd.Series:
    """How many photos an estimate of each group is of: malignant for sensitivity, benign for specificity, else all."""
    if "malignant" in groups and column in ("sensitivity", "specificity"):
        malignant = groups["malignant"].fillna(groups["photos"] if column == "sensitivity" else 0)
        return malignant if column == "sensitivity" else groups["photos"] - malignant
    return groups["photos"]


def describe_weakest(groups: pd.DataFrame, column: str, fewest: int) -> str:
    """The group with the worst value of an estimate, in words; `""` where none rests on `fewest` photos or more."""
    if column not in groups:
        return ""
    large = groups[(count_photos(groups, column) >= fewest) & groups[column].notna()]
    if large.empty:
        return ""
    error = "calibration error" in column
    row = large.loc[large[column].idxmax() if error else large[column].idxmin()]
    return f"{'Highest' if error else 'Lowest'} {column}: {_describe_group(row, column, ': ')}."


def describe_groups(groups: pd.DataFrame, column: str) -> list[str]:
    """An estimate of every group in words: `age under 30: 42 % (33–52 %), 129 photos`."""
    return [_describe_group(row, column, ": ") for _, row in groups.dropna(subset=column).iterrows()]


def _describe_group(row: pd.Series, column: str, colon: str) -> str:
    value = Estimate(*(float(row[name]) for name in (column, f"{column} low", f"{column} high")))
    return f"{row['by'].lower()} {row['group']}{colon}{write_estimate(column, value)}, {row['photos']:.0f} photos"


def tabulate_operating_points(calibration: KindCalibration) -> pd.DataFrame:
    """Operating points: score, threshold, what it was chosen for, sensitivity and specificity on test."""
    rows = []
    for name, point in calibration.operating_points.items():
        row = {"operating point": operating_point_name(name), "score": point.score_name, "threshold": point.threshold}
        row["chosen for"] = point.target
        seen = point.abstention
        for label, value in (
            ("test sensitivity", point.test.sensitivity or UNDEFINED),
            ("test specificity", point.test.specificity or UNDEFINED),
            ("undecided", (seen and seen.undecided) or UNDEFINED),
            ("sensitivity, undecided seen", (seen and seen.sensitivity) or UNDEFINED),
            ("specificity, undecided seen", (seen and seen.specificity) or UNDEFINED),
        ):
            row |= {label: value.value, f"{label} low": value.low, f"{label} high": value.high}
        rows.append(row)
    return pd.DataFrame(rows)


def list_thresholds(calibration: KindCalibration | None, score: str) -> dict[str, float]:
    """Operating points that compare this score: name -> threshold; none of an uncalibrated run."""
    points = calibration.operating_points if calibration else {}
    return {name: point.threshold for name, point in points.items() if point.score == score}


def flatten(part: object, path: str = "") -> pd.DataFrame:
    """A typed part of evaluation.json as rows: what, value, low, high, and note for words and lists."""
    return pd.DataFrame(list(_rows(part, path)), columns=["what", "value", "low", "high", "note"])


def _rows(part: object, what: str) -> Iterator[dict[str, object]]:
    if isinstance(part, Estimate):
        yield {"what": what, "value": part.value, "low": part.low, "high": part.high}
        if extra := {f.name: getattr(part, f.name) for f in dataclasses.fields(part)[3:]}:
            yield from _rows(extra, what)
    elif dataclasses.is_dataclass(part) or isinstance(part, Mapping):
        items = part.items() if isinstance(part, Mapping) else vars(part).items()
        for key, value in items:
            if value is not None:
                yield from _rows(value, f"{what}, {key}".replace("_", " ") if what else str(key).replace("_", " "))
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield {"what": what, "value": part}
    elif isinstance(part, Sequence) and not isinstance(part, str) and part and dataclasses.is_dataclass(part[0]):
        for i, value in enumerate(part, 1):
            yield from _rows(value, f"{what} {i}")
    elif part not in ("", (), []):
        yield {"what": what, "note": str(part)}
