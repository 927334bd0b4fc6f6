"""Seams: straight edges, one pixel wide, along a good part of a row or column, where what was decoded is out of place.

Behind a lost bit a JPEG goes on lighter, darker or in another colour, from some block to the end; behind a lost byte an
uncompressed picture swaps its colours. A lens draws no edge as sharp: what steps between two rows steps between the
next ones too. Hairs step twice.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

STRIPS = 8  # side by side, over each of which a row is averaged
ENOUGH = 400  # pixels of a row; of longer ones only so many, and up to twice, are looked at
# How many neighbouring strips step together, and by how much of 255. Of 2,147 validation photos none steps by more than
# 4 over four strips, or by more than 13 over three.
STEPS = {4: 6.0, 3: 15.0}
SHARPNESS = 3  # how many times larger a seam's step is than those beside it
RIM = 0.02  # share at either end where a seam is the edge of a slide or a frame
DARK, WHITE = 40, 240  # of 255: a line that is darker, or lighter, may be part of a frame


def find_seam(pixels: np.ndarray) -> bool:
    """pixels: (H, W, 3) uint8 -> whether a seam runs along its rows or columns."""
    return any(_list_seams(side).any() for side in (pixels, pixels.transpose(1, 0, 2)))


def _list_seams(pixels: np.ndarray) -> np.ndarray:
    """pixels: (n, m, 3) uint8 -> (n - 1,) bool, whether a seam lies below each row."""
    rows = _average_strips(pixels)
    steps = np.diff(rows, axis=0)
    sizes = np.pad(np.abs(steps), ((1, 1), (0, 0), (0, 0)))
    beside = np.maximum(sizes[:-2], sizes[2:])
    inside = (rows.max(axis=2) > DARK) & (rows.min(axis=2) < WHITE)
    sharp = (sizes[1:-1] > SHARPNESS * beside) & (inside[1:] & inside[:-1])[..., None]
    rim = int(RIM * len(pixels))
    sharp[:rim] = sharp[len(sharp) - rim :] = False
    alike = np.stack([np.where(sharp, steps, 0), np.where(sharp, -steps, 0)])  # those up, and those down
    windows = {count: np.lib.stride_tricks.sliding_window_view(alike, count, axis=2) for count in STEPS}
    return np.any([(windows[count].min(axis=-1) > step).any(axis=(0, 2, 3)) for count, step in STEPS.items()], axis=0)


def _average_strips(pixels: np.ndarray) -> np.ndarray:
    """pixels: (n, m, 3) uint8 -> (n, STRIPS, 3) float32."""
    pixels = pixels[:, :: max(1, pixels.shape[1] // ENOUGH)]
    edges = np.linspace(0, pixels.shape[1], STRIPS + 1).astype(int)
    strips = (pixels[:, start:end] for start, end in pairwise(edges))
    return np.stack([strip.mean(axis=1, dtype=np.float32) for strip in strips], axis=1)
