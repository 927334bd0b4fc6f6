"""Weights that half precision holds: a network file that is a third smaller."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from melanoma.training.checkpoint import save_deflated

KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)


def round_network(path: Path) -> None:
    """Give the kernels of a network file the nearest weights that half precision holds; others stay as they are.

    Probabilities move by about 0.0001, at most by some 0.001. What is measured and served is the rounded network.
    """
    network = keras.saving.load_model(path, compile=False)
    for layer in network.layers:
        if isinstance(layer, KERNELS):
            layer.set_weights([round_to_half(weights) for weights in layer.get_weights()])
    save_deflated(network, path)


def round_to_half(values: np.ndarray) -> np.ndarray:
    """float32 -> the nearest numbers that half precision holds, as float32. ValueError where one is too large."""
    with np.errstate(over="ignore"):  # said below
        nearest = values.astype(np.float16).astype(np.float32)
    if not np.isfinite(nearest).all():
        raise ValueError("a weight is too large for half precision")
    return nearest
