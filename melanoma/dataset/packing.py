"""Photos of a table as one array in memory: decoded once, in the geometry that serving uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import centre_crop, network_input

PACKED_SIZE = 224  # most training photos are no sharper than this
MASK_SIZE = 96


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


def pack_masks(table: pd.DataFrame) -> np.ndarray:
    """Lesion masks of `table` (column mask: path, None or NaN) -> (n, MASK_SIZE, MASK_SIZE) uint8, 255 on the lesion.

    Where there is no mask, or an empty one, the lesion may be anywhere: 255 throughout.
    """
    masks = np.full((len(table), MASK_SIZE, MASK_SIZE), 255, np.uint8)
    for i, path in enumerate(table["mask"]):
        if isinstance(path, str):
            with Image.open(path) as image:
                mask = np.asarray(centre_crop(image.convert("L"), MASK_SIZE))
            if mask.any():
                masks[i] = mask
    return masks
