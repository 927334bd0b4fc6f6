"""A log's table as a run's history: our names, numbers, one row an epoch from 1, seconds an epoch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from melanoma.run.imported_logs.epochs import merge_epochs, seconds_by_epoch
from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.names import (
    COUNTERS,
    TEST_WORDS,
    TRAINING_WORDS,
    VALIDATION_WORDS,
    canonical,
    is_by_batch,
    names_part,
    unit_factor,
)
from melanoma.run.imported_logs.numbers import find_decimal_mark, read_numbers
from melanoma.run.imported_logs.table import LogTable, check_size

Cells = Sequence[object]
PART_COLUMNS = {"phase", "split", "mode", "part", "stage", "subset", "set", "partition"}
METRIC_COLUMNS = {"metric", "metric_name", "key", "tag", "name", "variable"}
SHARES = {"accuracy", "auc", "precision", "recall", "f1", "sensitivity", "specificity", "dice", "iou"}
NOT_METRICS = {"learning_rate", "seconds", "epoch", "step"}
SLACK = 1.5  # a share above it can only be per cent


def build_history(path: str, table: LogTable, notes: list[str]) -> pd.DataFrame:
    """Columns epoch (from 1), metrics and their val_ twins, learning_rate, seconds of each epoch; NaN for none.

    notes: gets a sentence's part for each thing that was left out or is not certain.
    Raises LogError where nothing is a metric.
    """
    table = _without_run_names(table)
    wide = _spread_parts(path, _spread_metrics(path, table))
    in_order = wide is table
    decimal, unclear = find_decimal_mark((cells for _, cells in table.columns), table.separator)
    notes += [unclear] if unclear else []
    numbers, labels = _read_columns(wide, decimal, notes)
    numbers = _validation_under_other_names(numbers, labels, notes)
    epoch, step = numbers.pop("epoch", None), numbers.pop("step", None)
    metrics = [name for name in numbers if name not in NOT_METRICS]
    usual = any({"loss", "accuracy"} & set(name.split("_")) for name in metrics)
    if not metrics or not (usual or table.certain or epoch is not None):
        raise LogError(
            f"{path} is no training log: it has no column of a metric by epoch, such as loss or val_loss. "
            "Name its columns so if it is one."
        )
    _divide_percent(numbers, notes)
    if epoch is not None and step is not None:
        epoch = _fill_epochs(epoch, wide, labels)
    history = merge_epochs(pd.DataFrame(numbers), epoch, step, table.progress, in_order, notes)
    if "seconds" in history:
        history["seconds"] = seconds_by_epoch(history, labels["seconds"], notes)
    return history.drop(columns=[name for name in history if name != "epoch" and history[name].isna().all()])


def _without_run_names(table: LogTable) -> LogTable:
    """`run - val_loss`, as Weights & Biases exports it, without the run; its __MIN and __MAX are left out."""
    columns = [(label, cells) for label, cells in table.columns if not label.endswith(("__MIN", "__MAX"))]
    runs = {label.rpartition(" - ")[0] for label, _ in columns if " - " in label}
    if len(runs) == 1:
        columns = [(label.rpartition(" - ")[2], cells) for label, cells in columns]
    return replace(table, columns=tuple(columns))


def _spread_parts(path: str, table: LogTable) -> LogTable:
    """A table with rows `train` and `val` in a column of their own, as columns of each part."""
    known = VALIDATION_WORDS | TRAINING_WORDS | TEST_WORDS
    for label, cells in table.columns:
        if label.strip().lower() not in PART_COLUMNS:
            continue
        parts = ["" if cell is None else str(cell).strip().lower() for cell in cells]
        if set(parts) - {""} <= known and len(set(parts) - {""}) > 1:
            return _by_group(path, table, label, parts, lambda part, name: f"{part}/{name}")
    return table


def _spread_metrics(path: str, table: LogTable) -> LogTable:
    """A table with the metric's name in a column and its value in another, as a column for each metric."""
    by_name = {label.strip().lower(): (label, cells) for label, cells in table.columns}
    value = by_name.get("value")
    for name in METRIC_COLUMNS & set(by_name):
        label, cells = by_name[name]
        metrics = ["" if cell is None else str(cell).strip() for cell in cells]
        if value and all(canonical(metric) for metric in metrics if metric):
            return _by_group(
                path, table, label, metrics, lambda metric, column: metric if column == value[0] else column
            )
    return table


def _by_group(path: str, table: LogTable, label: str, groups: list[str], rename: Callable[[str, str], str]) -> LogTable:
    """The table without its column `label`, and with each metric's cells in a column for each group."""
    names = [group for group in dict.fromkeys(groups) if group]
    check_size(path, len(groups), len(names) * len(table.columns))
    columns: list[tuple[str, Cells]] = []
    for name, cells in table.columns:
        if name == label:
            continue
        if canonical(name) in NOT_METRICS | COUNTERS and canonical(name) != "seconds":
            columns.append((name, cells))
            continue
        for group in names:
            own = [cell if of == group else None for cell, of in zip(cells, groups, strict=True)]
            columns.append((rename(group, name), own))
    return replace(table, columns=tuple(columns))


def _read_columns(table: LogTable, decimal: str, notes: list[str]) -> tuple[dict[str, pd.Series], dict[str, str]]:
    """Numbers by our names, and what each was called. Of columns with one name the first with a number is read."""
    numbers: dict[str, pd.Series] = {}
    labels: dict[str, str] = {}
    doubles, by_batch = [], []
    whole = {canonical(name) for name, _ in table.columns if not is_by_batch(name)}
    for label, cells in table.columns:
        name = canonical(label)
        if is_by_batch(label):
            name = name.removesuffix("_step")
            if name in whole:
                by_batch.append(label)
                continue
        if not name or (name in COUNTERS and name != "step"):
            continue
        values = pd.Series(read_numbers(cells, decimal, unit_factor(label)))
        if values.isna().all():
            continue
        if name in numbers:
            own = re.sub(r"\W+", "_", label.strip().lower())
            if values.equals(numbers[name]):
                continue
            if not (values.notna() & numbers[name].notna()).any():  # one metric under two names, in turn
                numbers[name] = numbers[name].combine_first(values)
                continue
            if own in numbers or name in NOT_METRICS:
                doubles.append(label)
                continue
            name = own  # such as acc beside categorical_accuracy
        numbers[name], labels[name] = values, label
    if doubles:
        notes.append(f"left out, for another column has its name: {', '.join(doubles)}")
    if by_batch:
        notes.append("what it logged by batch is left out")
    return numbers, labels


def _validation_under_other_names(
    numbers: dict[str, pd.Series], labels: dict[str, str], notes: list[str]
) -> dict[str, pd.Series]:
    """Validation that is not called so, by the habits of programs; what stays unclear is in the notes."""
    ours = {label.strip().lower(): name for name, label in labels.items()}
    metrics = {name for name in numbers if name not in NOT_METRICS}
    validation = {name for name in metrics if name.startswith("val_")}
    tests = {name for name in metrics if name.startswith("test_") and numbers[name].count() > 1}
    without_part = {name for name in metrics - validation - tests if not names_part(labels[name])}
    if any(label.startswith("metrics/") for label in ours) and any(label.startswith("val/") for label in ours):
        new_names = {name: _ultralytics(name) for label, name in ours.items() if label.startswith("metrics/")}
        notes.append("its columns metrics/... are taken for validation, as Ultralytics writes them")
    elif {"train_loss", "valid_loss"} <= set(ours) and without_part:
        new_names = {name: f"val_{name}" for name in without_part if f"val_{name}" not in numbers}
        notes.append(f"taken for validation, as fastai writes it: {', '.join(new_names)}")
    elif tests and not validation:
        new_names = {name: name.replace("test_", "val_", 1) for name in tests}
        notes.append("its test columns are taken for validation")
    else:
        new_names = {}
        if without_part and len(without_part) < len(metrics - validation) and validation:
            notes.append(f"taken for training, for they do not say on which photos: {', '.join(without_part)}")
    return {new_names.get(name, name): values for name, values in numbers.items()}


def _ultralytics(name: str) -> str:
    bare = name.removeprefix("val_").removeprefix("metrics_")
    return f"val_{canonical(bare)}"


def _divide_percent(numbers: dict[str, pd.Series], notes: list[str]) -> None:
    """Shares between 0 and 1, training and validation by the same measure."""
    percents = []
    for bare in dict.fromkeys(name.removeprefix("val_") for name in numbers):
        twins = [name for name in (bare, f"val_{bare}") if name in numbers]
        values = pd.concat([numbers[name] for name in twins]).dropna()
        if SHARES & set(bare.split("_")) and len(values) and values.min() >= 0 and SLACK < values.max() <= 100:
            percents.append(bare)
            numbers.update({name: numbers[name] / 100 for name in twins})
    if percents:
        notes.append(f"values above 1 are taken for per cent and divided by 100: {', '.join(percents)}")


def _fill_epochs(epoch: pd.Series, table: LogTable, labels: dict[str, str]) -> pd.Series:
    """Epochs of rows that name only their step, as Lightning writes learning rates: those of the next row."""
    cells = dict(table.columns)[labels["epoch"]]
    blank = np.array([cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells])
    return epoch.where(~blank, epoch.bfill().ffill())
