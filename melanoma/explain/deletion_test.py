"""The deletion test: whether the places that a heatmap marks are those that the network uses.

Blurring them first should take the probability away (deletion); showing them first in a blurred crop should give it
back (insertion). Chance is a random map as coarse as the network's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from melanoma.diagnoses import index
from melanoma.explain.heatmaps import Heatmap, find_cell_centres, resample
from melanoma.explain.methods import Method

STEPS = 10  # of deletion and insertion; each asks the network once
BLUR = 0.1  # standard deviation of what replaces the photo, as a share of the crop's side
RANDOM_MAPS = 3
GRID = (7, 7)  # cells of a random map where the network has no grid of its own
BATCH = 8  # crops asked at once by `run_deletion_test`, so that it can say how far it is

Ask = Callable[[np.ndarray], np.ndarray]  # (n, s, s, 3) uint8 -> (n, 9) probabilities


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


@dataclass(frozen=True)
class Curves:
    """The curve of a heatmap, and those of random maps."""

    heatmap: Curve
    random: tuple[Curve, ...]

    @property
    def chance(self) -> float:
        """Mean area under the curves of the random maps."""
        return float(np.mean([curve.auc for curve in self.random]))


@dataclass(frozen=True)
class DeletionTest:
    """Deletion and insertion of one heatmap, beside random maps. The curves follow the probability of `diagnosis`."""

    diagnosis: str
    method: Method
    deletion: Curves
    insertion: Curves


@dataclass(frozen=True)
class BlurredCrop:
    """The crop with a share of it blurred, most marked places first, and a diagnosis's probability before and after.

    pixels: (s, s, 3) uint8; share: 0 to 1; before, after: 0 to 1.
    """

    diagnosis: str
    share: float
    pixels: np.ndarray
    before: float
    after: float


def run_deletion_test(
    ask: Ask,
    pixels: np.ndarray,
    heatmap: Heatmap,
    *,
    grid: tuple[int, int] = GRID,
    random_maps: int = RANDOM_MAPS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DeletionTest:
    """Deletion and insertion of one heatmap and of random maps, on one crop.

    pixels: (s, s, 3) uint8, the network's input; grid: cells of a random map, height and width, those of the
    network's own maps. `progress` is called with how many crops have been asked, and how many there are.
    """
    maps = [heatmap.values, *(make_random_map(grid, seed) for seed in range(random_maps))]

    def ask_in_parts(crops: np.ndarray) -> np.ndarray:
        answers = []
        for start in range(0, len(crops), BATCH):
            answers.append(ask(crops[start : start + BATCH]))
            progress(min(start + BATCH, len(crops)), len(crops))
        return np.concatenate(answers)

    deletion, insertion = zip(*trace_curves(ask_in_parts, pixels, maps, index(heatmap.diagnosis)), strict=True)
    return DeletionTest(
        heatmap.diagnosis,
        heatmap.method,
        deletion=Curves(deletion[0], deletion[1:]),
        insertion=Curves(insertion[0], insertion[1:]),
    )


def blur_crop(ask: Ask, pixels: np.ndarray, heatmap: Heatmap, share: float) -> BlurredCrop:
    """The crop (s, s, 3) uint8 with the most marked `share` (0 to 1) of it blurred, and what that does."""
    changed = replace_share(pixels, blur(pixels), rank_places(heatmap.values, len(pixels)), share)
    before, after = ask(np.stack([pixels, changed]))[:, index(heatmap.diagnosis)]
    return BlurredCrop(heatmap.diagnosis, share, changed, float(before), float(after))


def trace_curves(ask: Ask, pixels: np.ndarray, maps: Sequence[np.ndarray], number: int) -> list[tuple[Curve, Curve]]:
    """Deletion and insertion of each map (Petsiuk 2018, arXiv:1806.07421, with blur instead of grey).

    pixels: (s, s, 3) uint8, the network's input; maps: (h, w) each, any grid; number: the diagnosis among the nine.
    All is asked at once: the whole crop and the blurred one, with which every curve begins and ends, but once.
    """
    blurred = blur(pixels)
    shares = np.linspace(0, 1, STEPS + 1)
    orders = [rank_places(values, len(pixels)) for values in maps]
    between = [
        replace_share(first, last, order, share)
        for order in orders
        for first, last in ((pixels, blurred), (blurred, pixels))
        for share in shares[1:-1]
    ]
    whole, none, *inner = ask(np.stack([pixels, blurred, *between]))[:, number].astype(np.float64)
    return [
        (
            Curve(shares, np.array([whole, *deletion, none])),
            Curve(shares, np.array([none, *insertion, whole])),
        )
        for deletion, insertion in np.reshape(inner, (len(maps), 2, STEPS - 1))
    ]


def measure_areas(ask: Ask, pixels: np.ndarray, maps: Sequence[np.ndarray], number: int) -> np.ndarray:
    """Areas under the curves of deletion and insertion of several maps of one crop: (maps, 2) float64."""
    return np.array([[curve.auc for curve in pair] for pair in trace_curves(ask, pixels, maps, number)])


def rank_places(values: np.ndarray, side: int) -> np.ndarray:
    """Pixels of a crop of `side` x `side`, (side * side,) int, the highest places of a map (h, w) first."""
    at = find_cell_centres(side)
    return np.argsort(-resample(values, at, at).ravel(), kind="stable")


def replace_share(first: np.ndarray, last: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """`first`, (s, s, 3) uint8, with `last` in the `share` (0 to 1) of its pixels that come first in `order`."""
    picture = first.copy()
    changed = order[: round(share * len(order))]
    picture.reshape(-1, 3)[changed] = last.reshape(-1, 3)[changed]
    return picture


def blur(pixels: np.ndarray) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> the same so far out of focus that no structure is left, only colour."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * len(pixels))))


def make_random_map(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """A map (h, w) float32 of no meaning, as coarse as the one that it is compared with."""
    return np.random.default_rng(seed).random(shape, dtype=np.float32)
