"""A log in JSON (Keras, Hugging Face, pandas, TensorBoard's export, one object a line) as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from melanoma.run.half_written import ROW_LEFT_OUT
from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.table import LIMIT_CELLS, LIMIT_ROWS, LogTable, check_size, table_of_rows
from melanoma.run.imported_logs.tensorboard_exports import read_points

NO_HISTORY = "is no History.history: it should map each metric to its list of values."
LIMIT_PARTS = 2 * LIMIT_ROWS  # objects and lists of a JSON text: each takes memory before it can be looked at
# Of a row that sums the whole training up, as Hugging Face's trainer writes at the end.
SUMMARY = ("train_runtime", "total_flos")


def read_json(path: str, text: str, notes: list[str]) -> LogTable:
    """The table of a text that begins with { or [. notes: gets what was left out. Raises LogError."""
    if text.count("{") + text.count("[") > LIMIT_PARTS or text.count(",") > 2 * LIMIT_CELLS:
        raise LogError(f"{path} has more than {LIMIT_ROWS:,} rows or {LIMIT_CELLS:,} values: save one row an epoch.")
    value = _parse(path, text, notes)
    if isinstance(value, dict) and isinstance(value.get("log_history"), list):
        rows = [row for row in value["log_history"] if isinstance(row, dict) and not any(k in row for k in SUMMARY)]
        if not rows:
            raise LogError(f"{path} has an empty log_history: open it again after the first epoch.")
        return table_of_rows(path, rows, f"a Hugging Face trainer's state, {path}", certain=True, progress=True)
    if isinstance(value, dict) and isinstance(value.get("history"), (dict, list)):
        value = value["history"]
    if isinstance(value, dict) and isinstance(value.get("data"), list):  # pandas: orient "split" or "table"
        value = _rows_of_split(value)
    if isinstance(value, list) and value and all(isinstance(row, list) and len(row) == 3 for row in value):
        return read_points(path, value, notes)
    if isinstance(value, dict) and value and all(name.isdigit() and isinstance(v, dict) for name, v in value.items()):
        value = [{"epoch": name, **row} for name, row in value.items()]
    if isinstance(value, dict) and {"epoch", "step"} & set(value) and not any(map(_holds_values, value.values())):
        value = [value]  # one object a line, after the first epoch
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        rows = [_flat(row) for row in value if not any(name in row for name in SUMMARY)]
        # What is measured by `eval_` beside a step is a Hugging Face log_history that was saved alone.
        progress = any("step" in row and "epoch" in row and any(k.startswith("eval_") for k in row) for row in rows)
        return table_of_rows(path, rows, f"a JSON log, {path}", progress=progress)
    if not isinstance(value, dict):
        raise LogError(f"{path} {NO_HISTORY}")
    return _table_of_lists(path, value, notes)


def _parse(path: str, text: str, notes: list[str]) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.split("\n") if line.strip()]
        if not _is_row(lines[0]):
            raise LogError(f"{path} is not valid JSON: if it is still being written, open it again later.") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            if number < len(lines):
                raise LogError(f"{path} is not valid JSON in row {number}: remove that row.") from error
            notes.append(ROW_LEFT_OUT)
    return rows


def _is_row(line: str) -> bool:
    """Whether a line is an object by itself, so that the file has one a line."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _holds_values(cell: object) -> bool:
    return isinstance(cell, (dict, list))


def _rows_of_split(value: dict) -> object:
    names, rows = value.get("columns"), value["data"]
    if isinstance(names, list) and all(isinstance(row, list) for row in rows):
        return [dict(zip(map(str, names), row, strict=False)) for row in rows]
    return rows


def _flat(row: dict) -> dict[str, object]:
    """A row without the level of `{"train": {"loss": 1}, "val": {"loss": 2}}`."""
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}/{inner}": cell for inner, cell in value.items()}
        else:
            flat[name] = value
    return flat


def _table_of_lists(path: str, value: dict, notes: list[str]) -> LogTable:
    """The table of `History.history`: the longest lists are the epochs."""
    by_name: dict[str, object] = {}
    for name, values in value.items():
        if isinstance(values, dict) and all(key.isdigit() for key in values):
            by_name[name] = list(values.values())  # pandas writes {"loss": {"0": 0.9, "1": 0.7}}
        elif isinstance(values, dict):
            by_name |= _flat({name: values})
        else:
            by_name[name] = values
    lists: dict[str, Sequence[object]] = {name: v for name, v in by_name.items() if isinstance(v, list)}
    longest = max(map(len, lists.values()), default=0)
    if not longest:
        raise LogError(f"{path} {NO_HISTORY}")
    check_size(path, longest, len(lists))
    short = [name for name, values in lists.items() if 0 < len(values) < longest]
    if short:
        notes.append(f"left out, for it has fewer values than epochs: {', '.join(short)}")
    columns = tuple((name, values) for name, values in lists.items() if len(values) == longest)
    return LogTable(f"a Keras history, {path}", columns)
