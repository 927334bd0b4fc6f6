"""Cells of a CSV that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import os

import pandas as pd

# With what a spreadsheet's formula begins, behind blanks; the last four are of East Asian keyboards.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    """A name as a cell that no spreadsheet takes for a formula, and that stays on one line."""
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    is_formula = text.startswith("\t") or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_formula else text


def plain_text(cell: str) -> str:
    """A cell as valid Unicode: what a file name holds that is none is written as `\\xe9`."""
    return cell if cell.isascii() else os.fsencode(cell).decode("utf-8", "backslashreplace")


def encode_csv(table: pd.DataFrame) -> str:
    """A table as CSV, each text of it as a plain cell."""
    return table.map(lambda value: plain_cell(value) if isinstance(value, str) else value).to_csv(index=False)
