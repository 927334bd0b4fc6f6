"""How far a heatmap may be believed: measured on one map at a time, against what chance would give.

Localisation asks whether the map lies on the lesion; deletion and insertion ask the network itself. A map
can pass one and fail the other, and passing both is no proof that the diagnosis is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from melanoma.explain.heatmaps import Heatmap, resample

STEPS = 10  # of deletion and insertion; each asks the network once
BLUR = 0.1  # standard deviation of what replaces the photo, as a share of the crop's side
PLACES = 112  # places a side at which a map is laid on a lesion mask

Answer = Callable[[np.ndarray], np.ndarray]  # (n, s, s, 3) uint8 -> (n, 9) probabilities


def energy_inside(values: np.ndarray, mask: np.ndarray) -> float:
    """Share of a map's sum that lies on the lesion (Wang 2020, arXiv:1910.01279, section 4.3).

    values: (h, w) >= 0; mask: (m, m) bool, the same crop -> 0 to 1; NaN for a map that is 0 everywhere.
    Chance: the lesion's share of the crop, `mask.mean()`.
    """
    z = laid_on(values, mask)
    total = z.sum(dtype=np.float64)
    return float(z[mask].sum(dtype=np.float64) / total) if total > 0 else float("nan")


def pointing_hit(values: np.ndarray, mask: np.ndarray) -> bool:
    """Whether a map's highest place lies on the lesion (Zhang 2018, arXiv:1608.00507), without any tolerance.

    The highest place is the centre of the highest cell; interpolation puts no place above it. A map that is 0
    everywhere points nowhere and misses. Chance: the lesion's share of the crop.
    """
    cell = np.array(np.unravel_index(values.argmax(), values.shape))
    row, column = ((cell + 0.5) / values.shape * mask.shape).astype(int)
    return bool(values.max() > 0 and mask[row, column])


def laid_on(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A map of the crop read at the places of a mask: (h, w) -> (m, n) float32."""
    rows, columns = ((np.arange(n) + 0.5) / n for n in mask.shape)
    return resample(values, columns, rows)


@dataclass(frozen=True)
class Curve:
    """Probability of one diagnosis while the crop is taken away or given back, most marked places first.

    shares: (STEPS + 1,) of the crop that has changed, 0 to 1; probabilities: as long; auc: their mean
    over the shares (trapezoids), 0 to 1.
    """

    shares: np.ndarray
    probabilities: np.ndarray

    @property
    def auc(self) -> float:
        """Area under the curve: low is good for deletion, high for insertion."""
        return float(np.trapezoid(self.probabilities, self.shares))


def deletion(answer: Answer, pixels: np.ndarray, values: np.ndarray, index: int) -> Curve:
    """Blur the crop, the map's highest places first (Petsiuk 2018, arXiv:1806.07421, with blur instead of grey).

    pixels: (s, s, 3) uint8, the network's input; values: (h, w), any grid; index: the diagnosis among the nine.
    """
    return _replaced(answer, pixels, blurred(pixels), values, index)


def insertion(answer: Answer, pixels: np.ndarray, values: np.ndarray, index: int) -> Curve:
    """The other way round: sharpen a blurred crop, the map's highest places first."""
    return _replaced(answer, blurred(pixels), pixels, values, index)


def _replaced(answer: Answer, first: np.ndarray, last: np.ndarray, values: np.ndarray, index: int) -> Curve:
    shares = np.linspace(0, 1, STEPS + 1)
    pictures = np.stack([replaced(first, last, values, share) for share in shares])
    return Curve(shares, answer(pictures)[:, index])


def replaced(first: np.ndarray, last: np.ndarray, values: np.ndarray, share: float) -> np.ndarray:
    """`first`, (s, s, 3) uint8, with `last` in the `share` (0 to 1) of its pixels where the map is highest."""
    return _exchanged(first, last, order_of(values, len(first)), share)


def order_of(values: np.ndarray, side: int) -> np.ndarray:
    """Pixels of a crop of `side` x `side`, (side * side,) int, the highest places of a map (h, w) first."""
    places = (np.arange(side) + 0.5) / side
    return np.argsort(-resample(values, places, places).ravel(), kind="stable")


def _exchanged(first: np.ndarray, last: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    picture = first.copy()
    changed = order[: round(share * len(order))]
    picture.reshape(-1, 3)[changed] = last.reshape(-1, 3)[changed]
    return picture


def areas(answer: Answer, pixels: np.ndarray, maps: Sequence[np.ndarray], index: int) -> np.ndarray:
    """Areas under `deletion` and `insertion` of several maps of one photo, asked at once: (maps, 2) float64.

    The whole photo and the blurred one, with which all curves begin and end, are asked once for all of them.
    """
    blur = blurred(pixels)
    shares = np.linspace(0, 1, STEPS + 1)
    orders = [order_of(values, len(pixels)) for values in maps]
    between = [
        _exchanged(*pair, order, share)
        for order in orders
        for pair in ((pixels, blur), (blur, pixels))
        for share in shares[1:-1]
    ]
    whole, none, *inner = answer(np.stack([pixels, blur, *between]))[:, index]
    curves = np.empty((len(maps), 2, len(shares)))
    curves[:, 0, 0] = curves[:, 1, -1] = whole
    curves[:, 0, -1] = curves[:, 1, 0] = none
    curves[:, :, 1:-1] = np.reshape(inner, (len(maps), 2, STEPS - 1))
    return np.trapezoid(curves, shares, axis=-1)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> the same so far out of focus that no structure is left, only colour."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * len(pixels))))


def random_map(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """A map (h, w) float32 of no meaning, as coarse as the one that it is compared with."""
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def centre_spot(side: int = 28) -> np.ndarray:
    """A round spot in the middle of the crop, (side, side) float32: what a map that looks at nothing could guess.

    Lesions are photographed in the middle, so chance alone is too easy a rival. Standard deviation: a
    fifth of the crop's side.
    """
    at = ((np.arange(side) + 0.5) / side - 0.5) / 0.2
    return np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / 2).astype(np.float32)


@dataclass(frozen=True)
class Nudge:
    """A small change of the view that leaves the lesion what it is. turn: degrees; shift: share of the side."""

    turn: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def places(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the nudged view's places (0 to 1) lie in the view before."""
        cos, sin = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        u, v = x - 0.5, y - 0.5
        return cos * u - sin * v + 0.5 + self.shift[0], sin * u + cos * v + 0.5 + self.shift[1]

    def back(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the places (0 to 1) of the view before lie in the nudged one."""
        cos, sin = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        u, v = x - 0.5 - self.shift[0], y - 0.5 - self.shift[1]
        return cos * u + sin * v + 0.5, cos * v - sin * u + 0.5

    def view(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (s, s, 3) uint8 -> the nudged view; what comes in from outside is the mirrored border."""
        from scipy.ndimage import map_coordinates

        side = len(pixels)
        centres = (np.arange(side) + 0.5) / side
        x, y = self.places(centres[None, :], centres[:, None])
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


def steadiness(before: np.ndarray, after: np.ndarray, nudge: Nudge, side: int = 28) -> float:
    """Spearman correlation, -1 to 1, of a map (h, w) with the nudged view's map (h, w), laid back in place.

    Over the places that both views show. NaN when either map is the same everywhere. Chance: see `NUDGES` with
    the map of another photo.
    """
    from scipy.ndimage import map_coordinates
    from scipy.stats import spearmanr

    centres = (np.arange(side) + 0.5) / side
    x, y = (a.ravel() for a in np.meshgrid(centres, centres))
    u, v = nudge.back(x, y)
    seen = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    first = resample(before, centres, centres).ravel()[seen]
    at = np.stack([v * after.shape[0], u * after.shape[1]])[:, seen] - 0.5
    second = map_coordinates(after.astype(np.float32), at, order=1, mode="nearest")
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)


def agreement_table(maps: dict[str, Heatmap]) -> np.ndarray:
    """Spearman correlation of each map with each, (n, n) float64, ones on the diagonal."""
    from melanoma.explain.heatmaps import agreement

    every = list(maps.values())
    table = np.eye(len(every))
    for i, first in enumerate(every):
        for j in range(i):
            table[i, j] = table[j, i] = agreement(first, every[j])
    return table
