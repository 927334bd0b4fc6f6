"""The CSV tables of the public downloads, as they were published or as somebody's spreadsheet saved them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd


class TableError(OSError):
    """A table of a download that cannot be used; the message is one plain sentence: what was wrong, what to do."""


def read_public_csv(path: Path, key: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """A table by its column `key`, whose first row counts where several have it. Raises TableError.

    columns: others that it must have.
    """
    return read_ids(path, [key], columns).drop_duplicates(key).set_index(key)


def read_ids(path: Path, ids: Sequence[str], columns: Sequence[str] = ()) -> pd.DataFrame:
    """A table that has the columns `ids`, filled in every row that is kept, and `columns`. Raises TableError."""
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(ids, str))
    except ValueError as error:  # of pandas, whose own are of this kind
        raise TableError(f"{path} is no CSV table: download it again.") from error
    if missing := [name for name in (*ids, *columns) if name not in table]:
        raise TableError(f"{path} has no column {missing[0]}: download it again.")
    return table.dropna(subset=list(ids))
