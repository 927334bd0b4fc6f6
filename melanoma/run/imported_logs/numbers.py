"""Cells of a log as numbers: decimal commas, thousands separators, per cents, clock times, words for nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

ENOUGH = 1_000  # cells of a column that show which decimal mark a table has, and whether a column has numbers
UNITS = {
    "%": 0.01,
    "percent": 0.01,
    "pct": 0.01,
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "mins": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}
NUMBER = re.compile(rf"([+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?)\s*({'|'.join(UNITS)})?", re.IGNORECASE)
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{2}(?:[.,]\d+)?)")  # h:mm:ss or mm:ss, as fastai writes
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1,234: a decimal mark or a thousands separator
GROUPS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")  # 1,234,567
SPACED = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")  # 1 234 and 1'234
PRINTED = re.compile(r"(?:tensor|array|(?:np|numpy)\.float\d+)\(\[?([^,()\]]*).*\)")  # PyTorch and NumPy, as printed


def read_number(cell: object, decimal: str = ".", factor: float = 1.0) -> float:
    """A cell's number; NaN for text, for nothing and for infinity.

    decimal: the mark `.` or `,` that a cell such as 1,234 has by `find_decimal_mark`; others say it themselves.
    factor: of the column's unit (0.01 for %, 60 for min); a unit in the cell goes before it.
    """
    if isinstance(cell, bool) or cell is None:
        return math.nan
    if isinstance(cell, str):
        return _read_text(cell, decimal, factor)
    try:
        number = float(cell) * factor  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def read_numbers(cells: Sequence[object], decimal: str = ".", factor: float = 1.0) -> np.ndarray:
    """The numbers (n,) float64 of a column's n cells, as `read_number` reads them; NaN where its start is text."""
    start = list(islice((cell for cell in cells if cell not in (None, "")), ENOUGH))
    if all(math.isnan(read_number(cell, decimal)) for cell in start) and len(start) == ENOUGH:
        return np.full(len(cells), np.nan)
    return np.array([read_number(cell, decimal, factor) for cell in cells], dtype=float)


def find_decimal_mark(columns: Iterable[Sequence[object]], separator: str) -> tuple[str, str | None]:
    """The decimal mark of a table, and a note where that is not certain. separator: what is between its columns."""
    texts = [cell for cells in columns for cell in islice(cells, ENOUGH) if isinstance(cell, str)]
    marks = [mark for text in texts if (mark := _certain_mark(_clean(text)))]
    commas, points = marks.count(","), marks.count(".")
    if commas and points:
        decimal = "," if commas > points else "."
        return decimal, "it has decimal commas and decimal points; each is read by itself"
    if commas or points:
        return ("," if commas else "."), None
    unclear = [text for text in texts if GROUPED.fullmatch(_clean(text))]
    if not unclear or any("." in text for text in unclear):
        return ".", None
    if separator == ",":
        return ".", f"a comma in its numbers, such as {unclear[0].strip()}, is read as a thousands separator"
    return ",", f"a comma in its numbers, such as {unclear[0].strip()}, is read as a decimal comma"


def _read_text(cell: str, decimal: str, factor: float) -> float:
    """Most cells are plain numbers, so that is tried first."""
    plain = cell.replace(",", ".") if decimal == "," and "." not in cell and cell.count(",") == 1 else cell
    if decimal == "." or "." not in cell:
        try:
            number = float(plain) * factor
        except ValueError:
            pass
        else:
            return number if math.isfinite(number) else math.nan
    text = _clean(cell)
    if clock := CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups(default="0")
        return 3600 * float(hours) + 60 * float(minutes) + float(seconds.replace(",", "."))
    match = NUMBER.fullmatch(text)
    if not match:
        return math.nan
    digits, unit = match.groups(default="")
    try:
        number = float(_with_point(digits, decimal)) * UNITS.get(unit.lower(), factor)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _clean(cell: str) -> str:
    """Without quotation marks, spaces and apostrophes between thousands, and what PyTorch and NumPy print around."""
    text = cell.strip().strip("\"'").strip()
    if len(text) > 60 or not any("0" <= character <= "9" for character in text):
        return ""
    if match := PRINTED.fullmatch(text):
        text = match[1]
    return SPACED.sub("", text.replace("−", "-"))


def _with_point(digits: str, decimal: str) -> str:
    """Digits as `float` reads them."""
    mark = _certain_mark(digits) or decimal
    return digits.replace("," if mark == "." else ".", "").replace(",", ".")


def _certain_mark(text: str) -> str | None:
    """Which mark is the decimal one in a number that has marks, if that is sure; None where it is not."""
    match = NUMBER.fullmatch(text)
    digits = match[1] if match else ""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma == point or GROUPED.fullmatch(digits):  # both -1: no mark
        return None
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    if groups := GROUPS.fullmatch(digits):
        return "." if groups[1] == "," else ","
    return "," if comma >= 0 else "."
