"""What a log holds as it stands in its file: columns by their own names, before names and numbers are ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from melanoma.run.imported_logs.error import LogError

LIMIT_ROWS = 200_000
LIMIT_CELLS = 2_000_000


@dataclass(frozen=True, eq=False)
class LogTable:
    """Columns of one length; names may repeat."""

    program: str  # what wrote it, as the reader of a page reads it
    columns: tuple[tuple[str, Sequence[object]], ...]  # name and cells: texts, numbers, or None
    separator: str = ""  # what is between its columns, where that is a character
    certain: bool = False  # a training log by its format, whatever its columns are called
    progress: bool = False  # its epochs are how many have passed, such as 0.5, and are not counted from 0


def check_size(path: str, rows: int, columns: int) -> None:
    """Raises LogError where a table is larger than any training log."""
    if rows > LIMIT_ROWS:
        raise LogError(f"{path} has more than {LIMIT_ROWS:,} rows: open a log with one row an epoch.")
    if rows * columns > LIMIT_CELLS:
        raise LogError(f"{path} has more than {LIMIT_CELLS:,} values: open a log with one row an epoch.")


def table_of_rows(
    path: str, rows: Sequence[dict[str, object]], program: str, certain: bool = False, progress: bool = False
) -> LogTable:
    """A table of rows that name their values; a row need not have all. Raises LogError where it is too large."""
    check_size(path, len(rows), 1)
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_size(path, len(rows), len(names))
    return LogTable(
        program, tuple((name, [row.get(name) for row in rows]) for name in names), certain=certain, progress=progress
    )
