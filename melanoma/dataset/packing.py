"""Photos of a table as one array in memory: decoded once, in the geometry that serving uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.photos import read_photo
from melanoma.preprocessing import network_input

PACKED_SIZE = 224  # most training photos are no sharper than this


def pack(table: pd.DataFrame, size: int, progress: Callable[[Iterable, int], Iterable] = lambda x, _: x) -> np.ndarray:
    """Photos of `table` (columns path, aspect) -> (n, size, size, 3) uint8, through the serving path."""

    def load(row) -> np.ndarray:
        aspect = None if pd.isna(row.aspect) else float(row.aspect)
        with Path(row.path).open("rb") as file:
            return network_input(read_photo(file.read()).pixels, size, aspect)

    images = np.empty((len(table), size, size, 3), np.uint8)
    with ThreadPoolExecutor(2) as pool:
        rows = table[["path", "aspect"]].itertuples(index=False)
        for i, image in enumerate(progress(pool.map(load, rows), len(table))):
            images[i] = image
    return images
