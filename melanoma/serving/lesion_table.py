"""A CSV that says which photos show the same lesion: a column of files, and one of lesions."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import PurePosixPath

MAX_TABLE = 2**20  # bytes
FILES = ("file", "file name", "filename", "photo", "image", "image id", "isic id", "name")
LESIONS = ("lesion", "lesion id", "lesion name", "lesion number")
WHAT_IT_NEEDS = "It needs a column `file` and a column `lesion`, as in `photo.jpg,left arm`."


class LesionTableError(ValueError):
    """A table that cannot be used; the message is one plain sentence for the user."""


def read_lesion_table(data: bytes) -> dict[str, str]:
    """File, as it is written in the table -> name of its lesion. Raises LesionTableError, saying what to do."""
    if len(data) > MAX_TABLE:
        raise LesionTableError(f"The table is larger than {MAX_TABLE // 2**20} MB. {WHAT_IT_NEEDS}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LesionTableError("The table is not text in UTF-8: save it again as CSV in UTF-8.") from error
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if _has_semicolons(text) else ",")
        named = {_plain(name): name for name in reader.fieldnames or ()}
        file = next((named[name] for name in FILES if name in named), None)
        lesion = next((named[name] for name in LESIONS if name in named), None)
        if file is None or lesion is None:
            raise LesionTableError(f"The table is not used. {WHAT_IT_NEEDS}")
        rows = [((row[file] or "").strip(), (row[lesion] or "").strip()) for row in reader]
    except csv.Error as error:
        raise LesionTableError(f"The table cannot be read as CSV. {WHAT_IT_NEEDS}") from error
    return {name: lesion for name, lesion in rows if name and lesion}


def find_lesion(table: Mapping[str, str], name: str) -> str | None:
    """Of a file's name: as it stands, else without its folder, else without its suffix as well."""
    path = PurePosixPath(name.replace("\\", "/"))
    return next((table[key] for key in (str(path), path.name, path.stem) if key in table), None)


def _has_semicolons(text: str) -> bool:
    """Whether columns are parted by semicolons, as some languages' spreadsheets do."""
    header = text.partition("\n")[0]
    return header.count(";") > header.count(",")


def _plain(name: str | None) -> str:
    return (name or "").strip().lower().replace("_", " ").replace("-", " ")
