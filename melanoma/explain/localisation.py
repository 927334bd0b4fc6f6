"""Whether a heatmap lies on the lesion: one map at a time, against what chance would give.

A map can lie on the lesion and say nothing true of the network, see `deletion_test`; and no map proves that the
diagnosis is right.
"""

from __future__ import annotations

import numpy as np

from melanoma.explain.heatmaps import find_cell_centres, resample

MASK_PLACES = 112  # places a side at which a map is laid on a lesion mask


def measure_energy_inside(values: np.ndarray, mask: np.ndarray) -> float:
    """Share of a map's sum that lies on the lesion (Wang 2020, arXiv:1910.01279, section 4.3).

    values: (h, w) >= 0; mask: (m, n) bool, the same crop -> 0 to 1; NaN for a map that is 0 everywhere.
    Chance: the lesion's share of the crop, `mask.mean()`.
    """
    rows, columns = (find_cell_centres(n) for n in mask.shape)
    energy = resample(values, columns, rows)
    total = energy.sum(dtype=np.float64)
    return float(energy[mask].sum(dtype=np.float64) / total) if total > 0 else float("nan")


def points_at_lesion(values: np.ndarray, mask: np.ndarray) -> bool:
    """Whether a map's highest place lies on the lesion (Zhang 2018, arXiv:1608.00507), without any tolerance.

    The highest place is the centre of the highest cell; interpolation puts no place above it. A map that is 0
    everywhere points nowhere and misses. Chance: the lesion's share of the crop.
    """
    cell = np.array(np.unravel_index(values.argmax(), values.shape))
    row, column = ((cell + 0.5) / values.shape * mask.shape).astype(int)
    return bool(values.max() > 0 and mask[row, column])


def make_centre_spot(side: int = 28) -> np.ndarray:
    """A round spot in the middle of the crop, (side, side) float32: what a map that looks at nothing could guess.

    Lesions are photographed in the middle, so chance alone is too easy a rival. Standard deviation: a
    fifth of the crop's side.
    """
    at = (find_cell_centres(side) - 0.5) / 0.2
    return np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / 2).astype(np.float32)
