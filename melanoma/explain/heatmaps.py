"""Heatmaps: which parts of the crop spoke for a diagnosis, and where that crop lies in the photo.

All maps explain LOGITS, not probabilities: a probability rises also when other diagnoses fall. Values are
raw (never stretched to 0..1), so that the nine maps of one photo can share one scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import numpy as np

from melanoma.diagnoses import CODES, index
from melanoma.photo.preprocessing import centre_square
from melanoma.run.folder import Run, RunError

if TYPE_CHECKING:
    from melanoma.serving.classifier import Prediction

NEGLIGIBLE = 0.02  # a peak below this share of the strongest of the nine counts as no positive evidence
SCORECAM_CHANNELS = 64  # Score-CAM asks the network once for each; those that vary most over the picture
SMOOTHGRAD_SAMPLES = 24
SMOOTHGRAD_NOISE = 0.1  # standard deviation, as a share of the picture's range of values


class Method(StrEnum):
    """How a heatmap is made. All but the closed form of Grad-CAM go through tf-keras-vis."""

    GRADCAM = "gradcam"
    GRADCAM_PP = "gradcam++"
    LAYERCAM = "layercam"
    LAYERCAM_FINE = "layercam-fine"
    SCORECAM = "scorecam"
    SMOOTHGRAD = "smoothgrad"

    @property
    def facts(self) -> MethodFacts:
        """Name for the screen, cost and what the map means."""
        return FACTS[self]


@dataclass(frozen=True)
class MethodFacts:
    """What a user should know of a method; `passes` counts runs of the network, a backward one as two."""

    label: str
    passes: int
    meaning: str
    source: str


FACTS = {
    Method.GRADCAM: MethodFacts(
        "Grad-CAM",
        3,
        "features weighted by how much each raises the diagnosis, kept where the sum is positive; where the network "
        "ends in average pooling it comes with the probabilities at no extra cost",
        "Selvaraju 2017, arXiv:1610.02391",
    ),
    Method.GRADCAM_PP: MethodFacts(
        "Grad-CAM++",
        3,
        "as Grad-CAM, from features that raise the diagnosis only",
        "Chattopadhay 2018, arXiv:1710.11063",
    ),
    Method.LAYERCAM: MethodFacts(
        "Layer-CAM",
        3,
        "each place of each feature with its own positive weight",
        "Jiang 2021, doi:10.1109/TIP.2021.3089943",
    ),
    Method.LAYERCAM_FINE: MethodFacts(
        "Layer-CAM, finer layer",
        3,
        "Layer-CAM on an earlier layer with at least twice the resolution: sharper, less tied to the diagnosis",
        "Jiang 2021, doi:10.1109/TIP.2021.3089943",
    ),
    Method.SCORECAM: MethodFacts(
        "Score-CAM",
        SCORECAM_CHANNELS + 2,
        f"the probability that is left when the photo is masked with one feature, for the {SCORECAM_CHANNELS} features "
        "that vary most; no gradient",
        "Wang 2020, arXiv:1910.01279",
    ),
    Method.SMOOTHGRAD: MethodFacts(
        "SmoothGrad",
        3 * SMOOTHGRAD_SAMPLES,
        f"sensitivity to each pixel, averaged over {SMOOTHGRAD_SAMPLES} noisy copies; without sign, so never empty",
        "Smilkov 2017, arXiv:1706.03825",
    ),
}


# What the app and the commands draw when nobody chooses. Decided here alone; `explain-check` measures every method
# against it and says so in its report.
DEFAULT_METHOD = Method.GRADCAM


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

    Their mean is the difference of the two logits less that of the two biases (one dense layer after pooling).
    """

    values: np.ndarray
    peak: float  # largest magnitude
    diagnosis: str
    against: str
    layer: str


def closed_form(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Grad-CAM of every class from one forward pass: relu(sum_k kernel[k, c] / (h * w) * features[:, :, k]).

    features: (h, w, k), or (n, h, w, k), before global average pooling; kernel: (k, c) of the dense layer after
    it -> (c, h, w), or (n, c, h, w), float32 >= 0. Average pooling gives every place the gradient
    kernel / (h * w), whose mean over space is Grad-CAM's weight (Selvaraju 2017, section 3.1).
    """
    h, w = features.shape[-3:-1]
    maps = np.maximum(features @ (kernel / np.float32(h * w)), 0)
    return np.moveaxis(maps, -1, -3).astype(np.float32)


def heatmaps(prediction: Prediction) -> dict[str, Heatmap]:
    """Code -> Grad-CAM heatmap of each of the nine, free with the prediction.

    Empty when the network has no closed form (`prediction.maps` is None): ask `Explainer.heatmaps` then.
    """
    if prediction.maps is None:
        return {}
    return {code: Heatmap.of(prediction.maps[i], code, Method.GRADCAM, "features") for i, code in enumerate(CODES)}


def scale_of(maps: Mapping[str, Heatmap]) -> float:
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


def together(maps: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of maps (h, w) of one crop, drawn out to the finest one's cells: (h, w) float32."""
    h, w = max(values.shape for values in maps)
    x, y = ((np.arange(cells) + 0.5) / cells for cells in (w, h))
    return sum(values if values.shape == (h, w) else resample(values, x, y) for values in maps)


def in_photo(values: np.ndarray, width: int, height: int, aspect: float | None = None) -> np.ndarray:
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


def agreement(first: Heatmap, second: Heatmap, side: int = 28) -> float:
    """Spearman correlation of two maps of one crop, both read at side x side places; -1 to 1.

    0 when a map is the same everywhere: it ranks nothing.
    """
    from scipy.stats import spearmanr

    places = (np.arange(side) + 0.5) / side
    a, b = (resample(m.values, places, places).ravel() for m in (first, second))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(spearmanr(a, b).statistic)


class Explainer:
    """Heatmaps of one network by any method. Built and traced once; then each photo costs its passes alone."""

    def __init__(self, network, classes: list[str], temperature: float = 1.0):
        """network: a functional, un-nested keras.Model that returns logits in the order of `classes`."""
        from melanoma.explain.split_network import SplitNetwork, branches, coarse_layer, finer_layers

        self.network, self.classes, self.temperature = network, classes, temperature
        self.layer = coarse_layer(network)
        self._split = SplitNetwork(network, self.layer)
        self._fine = [SplitNetwork(*at) for at in zip(branches(network), finer_layers(network), strict=True)]

    @classmethod
    def open(cls, run: Run) -> Self:
        """The explainer of a run. Raises RunError when the run has no network file."""
        import keras

        if run.network_path is None:
            raise RunError(f"{run.name} keeps figures only and has no network: choose another run.")
        network = keras.saving.load_model(run.network_path, compile=False)
        return cls(network, run.classes, (run.calibration or {}).get("temperature", 1.0))

    @property
    def kernel(self) -> np.ndarray | None:
        """(k, classes) of the dense layer after global average pooling; None: no closed form."""
        return self._split.kernel

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the last feature map, in cells."""
        return self._split.grid

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """inputs: (n, s, s, 3) from 0 to 255 -> logits (n, classes), features (n, h, w, k), float32."""
        return self._split.forward(inputs)

    def probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """inputs: (n, s, s, 3) from 0 to 255 -> (n, classes) float32 at the run's temperature, rows sum to 1."""
        scaled = self.forward(inputs)[0] / self.temperature
        shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)

    def heatmap(self, pixels: np.ndarray, diagnosis: str, method: Method = DEFAULT_METHOD) -> Heatmap:
        """pixels: (s, s, 3) from 0 to 255, the network's input -> the map of `diagnosis` by `method`.

        The same input gives the same map (SmoothGrad's noise has a fixed seed). ValueError: unknown code.
        """
        number = self.classes.index(diagnosis)
        if method == Method.LAYERCAM_FINE:
            layer = " and ".join(split.layer for split in self._fine)
            return Heatmap.of(
                together([split.values(method.value, pixels, number) for split in self._fine]), diagnosis, method, layer
            )
        values = self._split.values(method.value, pixels, number)
        return Heatmap.of(values, diagnosis, method, "pixels" if method == Method.SMOOTHGRAD else self.layer)

    def heatmaps(self, pixels: np.ndarray, method: Method = DEFAULT_METHOD) -> dict[str, Heatmap]:
        """The maps of all nine; Grad-CAM by its closed form where the network has one."""
        if method == Method.GRADCAM and self.kernel is not None:
            maps = closed_form(self.forward(pixels[None])[1][0], self.kernel)
            return {code: Heatmap.of(maps[i], code, method, self.layer) for i, code in enumerate(self.classes)}
        return {code: self.heatmap(pixels, code, method) for code in self.classes}

    def contrast(self, pixels: np.ndarray, diagnosis: str, against: str) -> Contrast:
        """Signed Grad-CAM of logit(diagnosis) - logit(against). ValueError: unknown code, or twice the same."""
        if diagnosis == against:
            raise ValueError(f"a contrast wants two different diagnoses, got {diagnosis} twice")
        pair = (index(diagnosis), index(against))
        values = self._split.contrast(pixels, *(self.classes.index(CODES[i]) for i in pair))
        return Contrast(values, float(np.abs(values).max()), diagnosis, against, self.layer)
