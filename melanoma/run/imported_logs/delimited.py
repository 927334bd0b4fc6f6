"""A log in lines of cells (CSV, whatever is between its columns) as a table."""

from __future__ import annotations

import csv
import math
import re

from melanoma.run.half_written import NUMBER_LEFT_OUT, ROW_LEFT_OUT
from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.numbers import read_number
from melanoma.run.imported_logs.table import LIMIT_CELLS, LogTable, check_size

SEPARATORS = ",;\t|"
SPACES = ""  # columns set apart by spaces, as a printed table has them
SAMPLE = 50  # lines that show what is between the columns
TWO = 2  # cells of a row, of which one says which epoch it is
FEW = 0.1  # share of rows that may be left out
MANY_NAMES = 5_000
LONG_LINE = 200_000  # characters
MANY_CELLS = 2 * LIMIT_CELLS  # with the spaces of a printed table


def read_delimited(path: str, text: str, notes: list[str]) -> LogTable:
    """The table of a text with one header line. Rows that do not fit, and what is half written, are left out.

    notes: gets a sentence's part for each thing that was left out or is not certain. Raises LogError.
    """
    check_size(path, text.count("\n"), 1)
    separator, lines = _without_preamble(text)
    is_cut = not text.endswith("\n")
    if not lines:
        raise LogError(f"{path} is empty: open it again after the first epoch.")
    if max(map(len, lines)) > LONG_LINE:
        raise LogError(
            f"{path} has a line of more than {LONG_LINE:,} characters: open a log with a line for each epoch."
        )
    if separator is None:
        separator = _find_separator(lines)
    if lines[0].count(separator or " ") > MANY_NAMES or text.count(separator or " ") > MANY_CELLS:
        raise LogError(f"{path} has too many columns: open a log with one row an epoch and a column for each metric.")
    header, *rows = _split(path, lines, separator)
    header = [name.strip() for name in header]
    check_size(path, len(rows), len(header))
    if header and all(not math.isnan(read_number(name)) for name in header):
        raise LogError(f"{path} has no header line: add one that names its columns, such as epoch,loss,val_loss.")
    rows = _fitting(path, header, rows, notes, is_cut=is_cut)
    if not rows:
        raise LogError(f"{path} has a header line and no whole row yet: open it again after the first epoch.")
    columns = tuple((name, [row[place] for row in rows]) for place, name in enumerate(header) if name)
    return LogTable(f"a CSV log, {path}", columns, separator)


def _without_preamble(text: str) -> tuple[str | None, list[str]]:
    """What Excel's first line `sep=;` says, and the lines from the header on, without comments and empty ones."""
    lines = [line for line in text.split("\n") if line.strip()]
    separator = None
    if lines and (match := re.fullmatch(r'"?sep=(.)"?', lines[0].strip("\ufeff "), re.IGNORECASE)):
        separator, lines = match[1], lines[1:]
    comments = next((n for n, line in enumerate(lines) if not line.lstrip().startswith("#")), len(lines))
    if comments and comments < len(lines) and re.match(r"\W*\d", lines[comments]):
        # NumPy's savetxt writes the header as the last comment.
        return separator, [lines[comments - 1].lstrip("# "), *lines[comments:]]
    return separator, lines[comments:]


def _find_separator(lines: list[str]) -> str:
    """The character that splits the header and, of several, the one by which most rows have its number of cells."""
    sample = lines[:SAMPLE]

    def fit(separator: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=separator, skipinitialspace=True)]
        except csv.Error:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    candidates = [separator for separator in SEPARATORS if separator in lines[0]]
    if candidates:
        return max(candidates, key=fit)
    return SPACES if len(lines[0].split()) > 1 and all(len(line.split()) > 1 for line in sample) else ","


def _split(path: str, lines: list[str], separator: str) -> list[list[str]]:
    if separator == SPACES:
        return [line.split() for line in lines]
    try:
        rows = list(csv.reader([f"{line}\n" for line in lines], delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise LogError(f"{path} cannot be read as a table with one header line: save it as CSV again.") from error
    if len(rows) != len(lines) and any(cell.count("\n") > 1 for row in rows for cell in row):
        raise LogError(f"{path} has a quotation mark that is not closed: save it as CSV again.")
    return rows


def _fitting(path: str, header: list[str], rows: list[list[str]], notes: list[str], *, is_cut: bool) -> list[list[str]]:
    """Rows as wide as the header, without repeated headers, rules of a printed table and what is half written."""
    width = len(header)
    fitting: list[list[str]] = []
    short: list[int] = []  # places in `fitting`
    wide: list[int] = []  # numbers of rows
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if cells == header or not re.search(r"[^\W_]", "".join(cells)):
            continue
        if len(cells) > width:
            wide.append(number)
            continue
        if len(cells) < width:
            short.append(len(fitting))
        fitting.append(cells + [""] * (width - len(cells)))
    if len(wide) > FEW * len(rows):
        raise LogError(
            f"{path} has rows with more values than its header has names: name every column, "
            "and where numbers have a decimal comma, put a semicolon between the columns."
        )
    if wide:
        notes.append(f"left out, for they have more values than the header: {len(wide)} of its {len(rows)} rows")
    last, is_cut = len(fitting) - 1, is_cut and bool(fitting) and wide[-1:] != [len(rows)]
    if short == [last] or (is_cut and (last in short or width <= TWO)):
        notes.append(ROW_LEFT_OUT)
        fitting.pop()
    elif is_cut:
        notes.append(NUMBER_LEFT_OUT)
        fitting[-1][-1] = ""
    return fitting
