"""Whether two files show one picture: a fingerprint that survives another size, format and compression.

It does not survive another crop, and two exposures of one lesion have different ones.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from melanoma.photo.preprocessing import network_input

GRID = 12  # cells a side
SIDE = 64  # pixels of the square that is averaged into cells
BYTES = 2 * GRID * GRID // 8
NEAR = 0.1  # share of the bits that may differ in copies


def fingerprint_photo(pixels: np.ndarray, aspect: float | None = None) -> np.ndarray:
    """pixels: (H, W, 3) uint8 sRGB -> (BYTES,) uint8: which cells are lighter than the next one, across and down.

    aspect: as in `centre_square`. A difference hash (Krawetz 2013) of the centre square.
    """
    return fingerprint_square(network_input(pixels, SIDE, aspect))


def fingerprint_square(square: np.ndarray) -> np.ndarray:
    """As `fingerprint_photo`. square: (SIDE, SIDE, 3) uint8, the `network_input` of the photo at SIDE."""
    grey = Image.fromarray(square).convert("L")
    cells = np.asarray(grey.resize((GRID + 1, GRID + 1), Image.Resampling.BOX), np.int16)
    across, down = cells[:-1, 1:] > cells[:-1, :-1], cells[1:, :-1] > cells[:-1, :-1]
    return np.packbits(np.concatenate([across.ravel(), down.ravel()]))


def is_copy(fingerprint: np.ndarray, others: np.ndarray) -> bool:
    """fingerprint: (BYTES,) uint8; others: (n, BYTES) uint8 -> whether it is near one of them."""
    if not len(others):
        return False
    words = others.view(np.uint32) ^ fingerprint.view(np.uint32)  # nine at a time, instead of 36 bytes
    bits = np.einsum("ij->i", np.bitwise_count(words), dtype=np.uint16, casting="unsafe")  # far faster than `sum` here
    return bool(bits.min() <= NEAR * 8 * BYTES)
