"""Photos of a table as one array in memory: decoded once, in the geometry that serving uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.photo.limits import PhotoError, read_file
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import centre_crop, centre_square, network_input

PACKED_SIZE = 224  # most training photos are no sharper than this
MASK_SIZE = 96


class UnreadablePhotoError(OSError):
    """A photo of a table that cannot be read; the message is one plain sentence."""


def pack(table: pd.DataFrame, size: int, progress: Callable[[Iterable, int], Iterable] = lambda x, _: x) -> np.ndarray:
    """Photos of `table` (columns path, aspect, and crop if there is one) -> (n, size, size, 3) uint8.

    They come through the serving path. crop: (left, top, side) in shares of the centre square, None for all of it.
    Raises UnreadablePhotoError.
    """
    images, read = pack_readable(table, size, progress)
    if not read.all():
        path = table["path"].to_numpy()[~read][0]
        raise UnreadablePhotoError(f"{path} cannot be read as a photo: restore it, or move it out.")
    return images


def pack_readable(
    table: pd.DataFrame, size: int, progress: Callable[[Iterable, int], Iterable] = lambda x, _: x
) -> tuple[np.ndarray, np.ndarray]:
    """As `pack`, and (n,) bool: whether each photo could be read; one that could not is black."""

    def load(row) -> np.ndarray | None:
        aspect = None if pd.isna(row.aspect) else float(row.aspect)
        try:
            pixels = read_photo(read_file(Path(row.path))).pixels
        except (PhotoError, OSError):
            return None
        if isinstance(row.crop, tuple):
            pixels, aspect = cut_square(pixels, row.crop, aspect), 1.0
        return network_input(pixels, size, aspect)

    images, read = np.zeros((len(table), size, size, 3), np.uint8), np.zeros(len(table), bool)
    with ThreadPoolExecutor(2) as pool:
        rows = table.reindex(columns=["path", "aspect", "crop"]).itertuples(index=False)
        for i, image in enumerate(progress(pool.map(load, rows), len(table))):
            if image is not None:
                images[i], read[i] = image, True
    return images, read


def cut_square(pixels: np.ndarray, crop: tuple[float, float, float], aspect: float | None = None) -> np.ndarray:
    """pixels: (H, W, 3) uint8 -> a square part of the frame's centre square, (h, w, 3) uint8.

    crop: (left, top, side) in shares of the centre square; aspect: as in `centre_square`, of a squashed photo, whose
    part is squashed as well.
    """
    left, top, right, bottom = centre_square(pixels.shape[1], pixels.shape[0], aspect)
    width, height = right - left, bottom - top
    x, y = round(left + crop[0] * width), round(top + crop[1] * height)
    return pixels[y : y + round(crop[2] * height), x : x + round(crop[2] * width)]


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
