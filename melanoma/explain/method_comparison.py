"""One diagnosis's heatmap by every method: do they agree, and what does each cost?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from melanoma.explain.heatmaps import Heatmap, correlate_all
from melanoma.explain.methods import Method


class MapMaker(Protocol):
    """What makes heatmaps: an `explainer.Explainer`, without TensorFlow in the name."""

    def make_heatmap(self, pixels: np.ndarray, diagnosis: str, method: Method) -> Heatmap:
        """pixels: (s, s, 3) from 0 to 255, the network's input -> the map of `diagnosis` by `method`."""


@dataclass(frozen=True)
class MethodComparison:
    """Method -> heatmap of one diagnosis, and the seconds it took.

    agreement: (n, n) float64, Spearman correlation of each map with each, in the order of `heatmaps`.
    """

    diagnosis: str
    heatmaps: dict[Method, Heatmap]
    seconds: dict[Method, float]
    agreement: np.ndarray

    @property
    def methods(self) -> tuple[Method, ...]:
        """In the order of `agreement`."""
        return tuple(self.heatmaps)


def compare_methods(
    explainer: MapMaker,
    pixels: np.ndarray,
    diagnosis: str,
    methods: Sequence[Method] = tuple(Method),
    *,
    progress: Callable[[Method, int, int], None] = lambda method, done, total: None,
    made: Callable[[Heatmap], None] = lambda heatmap: None,
) -> MethodComparison:
    """The map of `diagnosis` by each method. pixels: (s, s, 3), the network's input. ValueError: unknown code.

    `progress` is called before each method, with it, how many are done and how many there are; `made` after it.
    """
    heatmaps, seconds = {}, {}
    for done, method in enumerate(methods):
        progress(method, done, len(methods))
        start = time.perf_counter()
        heatmaps[method] = explainer.make_heatmap(pixels, diagnosis, method)
        seconds[method] = time.perf_counter() - start
        made(heatmaps[method])
    return MethodComparison(diagnosis, heatmaps, seconds, correlate_all(heatmaps.values()))
