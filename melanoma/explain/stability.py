"""Whether a heatmap moves with the lesion when the view changes a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.explain.heatmaps import PLACES, find_cell_centres, resample


@dataclass(frozen=True)
class Nudge:
    """A small change of the view that leaves the lesion what it is. turn: degrees; shift: share of the side."""

    turn: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def to_original(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the nudged view's places (0 to 1) lie in the view before."""
        cos, sin = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        u, v = x - 0.5, y - 0.5
        return cos * u - sin * v + 0.5 + self.shift[0], sin * u + cos * v + 0.5 + self.shift[1]

    def from_original(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the places (0 to 1) of the view before lie in the nudged one."""
        cos, sin = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        u, v = x - 0.5 - self.shift[0], y - 0.5 - self.shift[1]
        return cos * u + sin * v + 0.5, cos * v - sin * u + 0.5

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (s, s, 3) uint8 -> the nudged view; what comes in from outside is the mirrored border."""
        from scipy.ndimage import map_coordinates

        side = len(pixels)
        centres = find_cell_centres(side)
        x, y = self.to_original(centres[None, :], centres[:, None])
        at = np.stack([y, x]) * side - 0.5
        bands = [
            map_coordinates(band.astype(np.float32), at, order=1, mode="reflect") for band in pixels.transpose(2, 0, 1)
        ]
        return np.stack(bands, axis=-1).round().astype(np.uint8)


NUDGES = {
    "turn 10 degrees": Nudge(turn=10),
    "turn back 10 degrees": Nudge(turn=-10),
    "shift 5 % across": Nudge(shift=(0.05, 0.0)),
    "shift 5 % down": Nudge(shift=(0.0, 0.05)),
}


def measure_stability(before: np.ndarray, after: np.ndarray, nudge: Nudge) -> float:
    """Spearman correlation, -1 to 1, of a map (h, w) with the nudged view's map (h, w), laid back in place.

    Over the places, PLACES a side, that both views show. NaN when either map is the same everywhere. Chance: the
    nudged map of another photo.
    """
    from scipy.ndimage import map_coordinates
    from scipy.stats import spearmanr

    centres = find_cell_centres(PLACES)
    x, y = (a.ravel() for a in np.meshgrid(centres, centres))
    u, v = nudge.from_original(x, y)
    in_view = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    first = resample(before, centres, centres).ravel()[in_view]
    at = np.stack([v * after.shape[0], u * after.shape[1]])[:, in_view] - 0.5
    second = map_coordinates(after.astype(np.float32), at, order=1, mode="nearest")
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
