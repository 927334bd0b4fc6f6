"""What TensorBoard's own page saves: one curve a file, CSV or JSON, of wall time, step and value."""

from __future__ import annotations

import math
import re
from pathlib import PurePosixPath

from melanoma.run.imported_logs.names import TRAINING_WORDS, VALIDATION_WORDS, canonical
from melanoma.run.imported_logs.numbers import read_number
from melanoma.run.imported_logs.table import LogTable, check_size

HEADER = ("wall time", "step", "value")
NAME = re.compile(r"(?:run-?_?(?P<run>.*?)[-_])?tag-(?P<tag>.+?)(?:\s*\(\d+\))?$", re.IGNORECASE)
METRIC_WORDS = {"loss", "accuracy", "auc", "f1", "precision", "recall", "error"}


def is_export(header: list[str]) -> bool:
    """Whether a CSV's columns are those of TensorBoard's export."""
    return tuple(name.strip().lower() for name in header) == HEADER


def metric_of(path: str) -> str | None:
    """The metric that a file's name tells: TensorBoard's `run-validation-tag-epoch_loss.csv`, or `val_loss.csv`."""
    stem = PurePosixPath(path).stem
    if match := NAME.search(stem):
        words = set(re.split(r"[^a-z]+", (match["run"] or "").lower()))
        part = "val/" if words & VALIDATION_WORDS else "train/" if words & TRAINING_WORDS else ""
        return part + match["tag"]
    return stem if METRIC_WORDS & set(canonical(stem).split("_")) else None


def join_curves(tables: list[LogTable]) -> LogTable:
    """Exported curves of one training as one table by step; of two curves with one name the last counts."""
    series = {}
    for table in tables:
        (_, steps), (metric, values) = table.columns
        by_step = {read_number(step): value for step, value in zip(steps, values, strict=True)}
        series[metric] = by_step
    steps = sorted({step for by_step in series.values() for step in by_step if not math.isnan(step)})
    curves = tuple((metric, [by_step.get(step) for step in steps]) for metric, by_step in series.items())
    return LogTable(f"TensorBoard's export of {len(curves)} curves", (("step", steps), *curves), certain=True)


def read_points(path: str, points: list, notes: list[str]) -> LogTable:
    """The table of one exported curve. points: (wall time, step, value) each."""
    check_size(path, len(points), 2)
    metric = metric_of(path)
    if metric is None:
        metric = "value"
        notes.append(
            "TensorBoard's export does not say which metric it holds: "
            "name the file as TensorBoard does, such as run-validation-tag-epoch_loss.csv"
        )
    columns = (("step", [point[1] for point in points]), (metric, [point[2] for point in points]))
    return LogTable(f"TensorBoard's export of one curve, {path}", columns, certain=True)
