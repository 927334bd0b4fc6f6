"""The explainer of one network: heatmaps by any method. Imports TensorFlow; `heatmaps` holds what needs none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import keras
import numpy as np

from melanoma.explain.heatmaps import Contrast, Heatmap, add_maps, compute_gradcam
from melanoma.explain.methods import DEFAULT_METHOD, Method
from melanoma.explain.split_network import (
    SplitNetwork,
    find_coarse_layer,
    find_finer_layers,
    keep_diagnoses,
    split_branches,
)
from melanoma.run import Run, RunError
from melanoma.run.folder import NETWORK


class Explainer:
    """Heatmaps of one network by any method. Built and traced once; then each photo costs its passes alone."""

    def __init__(self, network: keras.Model, classes: Sequence[str], temperature: float = 1.0):
        """network: functional, un-nested, returns logits in the order of `classes`; temperature: of its answers."""
        network = keep_diagnoses(network)
        self.network, self.classes, self.temperature = network, tuple(classes), temperature
        self.layer = find_coarse_layer(network)
        self._split = SplitNetwork(network, self.layer)
        branches = split_branches(network)
        self._fine = [SplitNetwork(*at) for at in zip(branches, find_finer_layers(network), strict=True)]

    @classmethod
    def open(cls, run: Run) -> Self:
        """The explainer of a run. Raises RunError when the run has no network file, or one that cannot be opened."""
        if run.network_path is None:
            raise RunError(f"{run.name} keeps its history and results, no network. Choose another run.")
        try:
            network = keras.saving.load_model(run.network_path, compile=False)
        except Exception as error:  # Keras raises all kinds on broken files, and ValueError on code inside them
            raise RunError(f"{run.name}/{NETWORK} cannot be opened as a network. Choose another run.") from error
        return cls(network, run.classes, run.calibration.temperature if run.calibration else 1.0)

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

    def trace(self) -> None:
        """Have TensorFlow trace all that the maps run: the first map is then as quick as the next."""
        self._split.trace(to_pixels=True)
        for split in self._fine:
            split.trace(to_pixels=False)

    def make_heatmap(self, pixels: np.ndarray, diagnosis: str, method: Method = DEFAULT_METHOD) -> Heatmap:
        """pixels: (s, s, 3) from 0 to 255, the network's input -> the map of `diagnosis` by `method`.

        The same input gives the same map (SmoothGrad's noise has a fixed seed). ValueError: unknown code.
        """
        number = self.classes.index(diagnosis)
        if method == Method.LAYERCAM_FINE:
            values = add_maps([split.make_map(method, pixels, number) for split in self._fine])
            return Heatmap.of(values, diagnosis, method, " and ".join(split.layer for split in self._fine))
        values = self._split.make_map(method, pixels, number)
        return Heatmap.of(values, diagnosis, method, "pixels" if method == Method.SMOOTHGRAD else self.layer)

    def make_heatmaps(self, pixels: np.ndarray, method: Method = DEFAULT_METHOD) -> dict[str, Heatmap]:
        """The maps of all nine; Grad-CAM by its closed form where the network has one."""
        if method == Method.GRADCAM and self.kernel is not None:
            maps = compute_gradcam(self.forward(pixels[None])[1][0], self.kernel)
            return {code: Heatmap.of(maps[i], code, method, self.layer) for i, code in enumerate(self.classes)}
        return {code: self.make_heatmap(pixels, code, method) for code in self.classes}

    def make_contrast(self, pixels: np.ndarray, diagnosis: str, against: str) -> Contrast:
        """Signed Grad-CAM of logit(diagnosis) - logit(against). ValueError: unknown code, or twice the same."""
        if diagnosis == against:
            raise ValueError(f"a contrast wants two different diagnoses, got {diagnosis} twice")
        values = self._split.make_contrast(pixels, self.classes.index(diagnosis), self.classes.index(against))
        return Contrast(values, float(np.abs(values).max()), diagnosis, against, self.layer)
