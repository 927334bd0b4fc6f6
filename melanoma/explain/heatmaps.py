"""Heatmaps: which parts of the crop spoke for a diagnosis, and where that crop lies in the photo.

All maps explain LOGITS, not probabilities: a probability rises also when other diagnoses fall. Values are
raw (never stretched to 0..1), so that the nine maps of one photo can share one scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.explain.methods import Method
from melanoma.photo import centre_square

if TYPE_CHECKING:
    from melanoma.serving import Prediction

NEGLIGIBLE = 0.02  # a peak below this share of the strongest of the nine counts as no positive evidence
PLACES = 28  # places a side at which two maps are compared


@dataclass(frozen=True)
class Heatmap:
    """Evidence for one diagnosis over the crop that the network saw.

    values: (h, w) float32 >= 0, row 0 at the top of the crop, raw; peak: their maximum; layer: the name of
    the layer they were read at (`pixels` for SmoothGrad).
    """

    values: np.ndarray
    peak: float
    diagnosis: str
    method: Method
    layer: str

    @classmethod
    def of(cls, values: np.ndarray, diagnosis: str, method: Method, layer: str) -> Self:
        """From values (h, w) of any float type; the peak is theirs."""
        values = np.ascontiguousarray(values, dtype=np.float32)
        return cls(values, float(values.max()), diagnosis, method, layer)

    def has_evidence(self, scale_peak: float) -> bool:
        """False: there is no positive evidence, or less than NEGLIGIBLE of `scale_peak`, the strongest of the nine."""
        return self.peak > 0 and self.peak >= NEGLIGIBLE * scale_peak


@dataclass(frozen=True)
class Contrast:
    """Why one diagnosis rather than another: values (h, w) float32, > 0 for `diagnosis`, < 0 for `against`.

    Their sum is the difference of the two logits less that of the two biases (one dense layer after pooling).
    """

    values: np.ndarray
    peak: float  # largest magnitude
    diagnosis: str
    against: str
    layer: str

    @property
    def share_for(self) -> float:
        """Share of the crop, 0 to 1, that speaks for `diagnosis`."""
        return float((self.values > 0).mean())


def compute_gradcam(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Grad-CAM of every class from one forward pass: relu(sum_k kernel[k, c] / (h * w) * features[:, :, k]).

    features: (h, w, k), or (n, h, w, k), before global average pooling; kernel: (k, c) of the dense layer after
    it -> (c, h, w), or (n, c, h, w), float32 >= 0. Average pooling gives every place the gradient
    kernel / (h * w), whose mean over space is Grad-CAM's weight (Selvaraju 2017, section 3.1).
    """
    h, w = features.shape[-3:-1]
    maps = np.maximum(features @ (kernel / np.float32(h * w)), 0)
    return np.moveaxis(maps, -1, -3).astype(np.float32)


def read_heatmaps(prediction: Prediction) -> dict[str, Heatmap]:
    """Code -> Grad-CAM heatmap of each of the nine, free with the prediction.

    Empty when the network has no closed form (`prediction.maps` is None): `Explainer.make_heatmaps` makes them then.
    """
    if prediction.maps is None:
        return {}
    return {code: Heatmap.of(prediction.maps[i], code, Method.GRADCAM, "features") for i, code in enumerate(CODES)}


def find_scale_peak(maps: Mapping[str, Heatmap]) -> float:
    """The fixed scale of one photo's maps: the strongest peak among them; 0 when all are empty."""
    return max((heatmap.peak for heatmap in maps.values()), default=0.0)


def resample(values: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bilinear values at places of a grid of cells.

    values: (h, w); x: (m,), y: (n,), from 0 (left, top edge of the grid) to 1 -> (n, m) float32. Between the
    centres of cells values are interpolated; outside the outer centres they stay constant.
    """

    def weights(places: np.ndarray, cells: int) -> np.ndarray:
        at = np.clip(places * cells - 0.5, 0, cells - 1)
        return np.maximum(1 - np.abs(at[:, None] - np.arange(cells)), 0)

    h, w = values.shape
    return (weights(y, h) @ values @ weights(x, w).T).astype(np.float32)


def find_cell_centres(cells: int) -> np.ndarray:
    """Where the centres of so many cells lie on a side from 0 to 1: (cells,) float64."""
    return (np.arange(cells) + 0.5) / cells


def add_maps(maps: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of maps (h, w) of one crop, drawn out to the finest one's cells: (h, w) float32."""
    h, w = max(values.shape for values in maps)
    x, y = find_cell_centres(w), find_cell_centres(h)
    return np.sum([values if values.shape == (h, w) else resample(values, x, y) for values in maps], axis=0)


def place_in_photo(values: np.ndarray, width: int, height: int, aspect: float | None = None) -> np.ndarray:
    """A map of the crop, (h, w), in the frame of the whole upright photo: (height, width) float32.

    NaN where a pixel's centre lies outside the crop. `aspect` is as in `preprocessing.centre_square`.
    """
    left, top, right, bottom = centre_square(width, height, aspect)
    x = (np.arange(width) + 0.5 - left) / (right - left)
    y = (np.arange(height) + 0.5 - top) / (bottom - top)
    columns, rows = (x >= 0) & (x <= 1), (y >= 0) & (y <= 1)
    frame = np.full((height, width), np.nan, np.float32)
    frame[np.ix_(rows, columns)] = resample(values, x[columns], y[rows])
    return frame


def correlate(first: Heatmap, second: Heatmap) -> float:
    """Spearman correlation of two maps of one crop, both read at PLACES x PLACES places; -1 to 1.

    0 when a map is the same everywhere: it ranks nothing.
    """
    from scipy.stats import spearmanr

    at = find_cell_centres(PLACES)
    a, b = (resample(heatmap.values, at, at).ravel() for heatmap in (first, second))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(spearmanr(a, b).statistic)


def correlate_all(maps: Iterable[Heatmap]) -> np.ndarray:
    """`correlate` of each map with each, (n, n) float64, ones on the diagonal."""
    maps = list(maps)
    table = np.eye(len(maps))
    for i, first in enumerate(maps):
        for j in range(i):
            table[i, j] = table[j, i] = correlate(first, maps[j])
    return table
