"""Broken texts of runs, training logs and public tables, the same for the same number.

A file is spoiled as a disk, an editor or a stranger would: bytes, values of a JSON file, cells of a table.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Random = np.random.Generator

# What stands in for a value of a JSON file
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 3, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf")),
    *("", "x", "MEL", "../../x", "1.5", "\0", "a\nb", "é" * 3000, [], [[]], [1, "x"], {}, {"x": 1}, {"": None}),
)
CELLS = ("", "x", "nan", "inf", "-1", "0", "1e999", "99999999999999999999", '"', "MEL", "é", "1,5", " ", "0.5", "\0")


def cut_text(data: bytes, random: Random) -> bytes:
    """The end is missing."""
    return data[: random.integers(len(data))]


def garble_bytes(data: bytes, random: Random) -> bytes:
    """Up to ten bytes are others."""
    spoiled = bytearray(data)
    for _ in range(random.integers(1, 11)):
        spoiled[random.integers(len(spoiled))] = random.integers(256)
    return bytes(spoiled)


def scramble_bytes(data: bytes, random: Random) -> bytes:
    """A stretch of noise, or nothing but noise."""
    if random.random() < 0.3:
        return random.bytes(int(random.integers(400)))
    at = random.integers(len(data))
    return data[:at] + random.bytes(50) + data[at + 50 :]


def repeat_bytes(data: bytes, random: Random) -> bytes:
    """A stretch stands there twice, or is missing."""
    at, length = int(random.integers(len(data))), int(random.integers(1, 500))
    return data[: at + length] + data[at:] if random.random() < 0.5 else data[:at] + data[at + length :]


def recode_text(data: bytes, random: Random) -> bytes:
    """Written by another program: another encoding, other line ends, a mark before it."""
    text = data.decode()
    ways = (text.encode("utf-16"), b"\xef\xbb\xbf" + data, text.replace("\n", "\r").encode(), text.encode("utf-32"))
    return ways[random.integers(len(ways))]


TEXT_KINDS = (cut_text, garble_bytes, scramble_bytes, repeat_bytes, recode_text)


def list_places(value: Any, place: tuple = ()) -> list[tuple]:
    """The path of every value in nested lists and objects."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(path for key, each in inside for path in list_places(each, (*place, key)))]


def spoil_json(data: bytes, random: Random) -> bytes:
    """One to three values are others, missing, moved, renamed or too many."""
    whole = json.loads(data)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        places = [place for place in list_places(whole) if place]
        if not places:
            break
        # The uppermost keys as often as all that is below them
        short = [place for place in places if len(place) == random.integers(1, 4)] or places
        *above, key = short[random.integers(len(short))]
        parent = whole
        for step in above:
            parent = parent[step]
        spoil_value(parent, key, random)
    return json.dumps(whole).encode()


def spoil_value(parent: Any, key: Any, random: Random) -> None:
    """Another value at a key, or no such key."""
    way = random.integers(6)
    if way == 0:
        del parent[key]
    elif way == 1 and isinstance(parent, dict):
        parent["x" + key] = parent.pop(key)
    elif way == 2 and isinstance(parent[key], list):
        parent[key] = parent[key] * 2 + parent[key][:1]
    elif way == 3 and isinstance(parent[key], int | float):
        parent[key] = parent[key] * float(random.choice([-1, 0, 1000, 1e300]))
    elif way == 4 and isinstance(parent, dict) and len(parent) > 1:
        parent[key] = parent[list(parent)[random.integers(len(parent))]]
    else:
        parent[key] = VALUES[random.integers(len(VALUES))]


def spoil_cells(data: bytes, random: Random) -> bytes:
    """A few cells of a table hold something else; now and then in every row of a column."""
    rows = [line.split(",") for line in data.decode().splitlines()]
    for _ in range(random.integers(1, 6)):
        row = rows[random.integers(len(rows))]
        row[random.integers(len(row))] = CELLS[random.integers(len(CELLS))]
    if random.random() < 0.3:
        column, cell = random.integers(len(rows[0])), CELLS[random.integers(len(CELLS))]
        for row in rows[1:]:
            if column < len(row):
                row[column] = cell
    return "\n".join(",".join(row) for row in rows).encode()


def spoil_columns(data: bytes, random: Random) -> bytes:
    """A column is missing, has another name, stands there twice or changes places; or rows are missing or doubled."""
    table = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    names = list(table.columns)
    name, other = (names[i] for i in random.integers(len(names), size=2))
    changed = (
        lambda: table.drop(columns=name),
        lambda: table.rename(columns={name: name.upper() + "x"}),
        lambda: table.rename(columns={name: other}),
        lambda: table.rename(columns={name: other, other: name}),
        lambda: table.iloc[:0],
        lambda: table.iloc[:1],
        lambda: pd.concat([table, table]),
        lambda: table.iloc[:, :1],
    )
    return changed[random.integers(len(changed))]().to_csv(index=False).encode()


JSON_KINDS = (*TEXT_KINDS, *[spoil_json] * 15)
TABLE_KINDS = (*TEXT_KINDS, *[spoil_cells] * 4, *[spoil_columns] * 4)

Kind = Callable[[bytes, Random], bytes]


def spoil(name: str, data: bytes, random: Random) -> bytes:
    """A file of this name spoiled in one way; binary files in their bytes alone."""
    if name.endswith(".json"):
        kinds: tuple[Kind, ...] = JSON_KINDS
    elif name.endswith(".csv"):
        kinds = TABLE_KINDS
    else:
        kinds = TEXT_KINDS[:4]
    return kinds[random.integers(len(kinds))](data, random)
