"""Several trained networks side by side as one, for use: their last features together, one dense layer.

What one network misses another often sees, and their mean answer is better than each (Lakshminarayanan 2017,
arXiv:1612.01474). Joined before the pooling they stay one network with one forward pass, whose nine Grad-CAM maps
keep their closed form. Its logits are the mean of the parts' logits, each over its own temperature.

A joined network is not trained any further, so batch normalisation is merged into the convolutions, and every
weight is rounded to what half precision can hold: the files are half as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from melanoma.evaluation.calibration import fit_temperature
from melanoma.evaluation.metrics import softmax
from melanoma.training import architectures as networks
from melanoma.training.architectures import FEATURES, LOGITS
from melanoma.training.fit import logits_of
from melanoma.training.settings import Material


@dataclass(frozen=True)
class Part:
    """One trained EfficientNet-Lite. It sees the photo at its own input size; temperature: of its own answer."""

    network: keras.Model
    temperature: float

    @property
    def size(self) -> int:
        """Side of its input, pixels."""
        return self.network.input_shape[1]

    @property
    def name(self) -> str:
        """Architecture and size, as in `efficientnet-lite0@288`."""
        return f"{self.network.name}@{self.size}"


def architecture(parts: Sequence[Part]) -> str:
    """The joined network's name: those of its parts."""
    return "+".join(part.name for part in parts)


def join(parts: Sequence[Part]) -> keras.Model:
    """One network of all parts; its input is as large as the largest part's.

    A smaller part's input is the photo resized bilinearly, and its features are resized to the largest part's grid.
    Raises ValueError for a part that is no EfficientNet-Lite.
    """
    for part in parts:
        if part.network.name not in networks.LITES:
            raise ValueError(f"{part.network.name} is no EfficientNet-Lite")
    size = max(part.size for part in parts)
    grid = max(part.network.get_layer(FEATURES).output.shape[1] for part in parts)
    inputs = layers.Input((size, size, 3), name="pixels")
    features = []
    for number, part in enumerate(parts, 1):
        prefix = f"part{number}_"
        pixels = resized(inputs, part.size, f"{prefix}pixels")
        own = networks.lite_features(pixels, part.network.name, prefix, merged=True)
        features.append(resized(own, grid, f"{prefix}grid"))
    together = layers.Concatenate(name=FEATURES)(features)
    network = networks.with_head(inputs, together, parts[0].network.output_shape[-1], 0.0, "joined")
    for number, part in enumerate(parts, 1):
        for layer, values in merged_parameters(part.network).items():
            network.get_layer(f"part{number}_{layer}").set_weights([halved(value) for value in values])
    network.get_layer(LOGITS).set_weights([halved(value) for value in dense_parameters(parts)])
    return network


def fitted(path: Path, validation: Material) -> Part:
    """The EfficientNet-Lite in a network file, at the size of the validation photos and with the best temperature."""
    stored = keras.saving.load_model(path, compile=False)
    size = validation.images.shape[1]
    network = networks.build(stored.name, size=size, classes=stored.output_shape[-1], imagenet=False)
    network.set_weights(stored.get_weights())
    answers = softmax(logits_of(network, validation.images))
    return Part(network, fit_temperature(validation.labels, answers))


def resized(x, side: int, name: str):
    """Maps (n, h, h, c) as (n, side, side, c), bilinear; `x` itself where they are that large."""
    return x if x.shape[1] == side else layers.Resizing(side, side, name=name)(x)


def merged_parameters(network: keras.Model) -> dict[str, list[np.ndarray]]:
    """Name of each convolution of an EfficientNet-Lite -> kernel and bias that do what it and its normalisation did."""
    found = {}
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            normalisation = network.get_layer(layer.name.removesuffix("conv") + "bn")
            gamma, beta, mean, variance = normalisation.get_weights()
            scale = gamma / np.sqrt(variance + normalisation.epsilon)
            each = scale[:, None] if isinstance(layer, layers.DepthwiseConv2D) else scale
            found[layer.name] = [layer.get_weights()[0] * each, beta - mean * scale]
    return found


def dense_parameters(parts: Sequence[Part]) -> list[np.ndarray]:
    """Kernel and bias of the mean of the parts' logits, each over its temperature."""
    each = [part.network.get_layer(LOGITS).get_weights() for part in parts]
    shares = [1 / (len(parts) * part.temperature) for part in parts]
    kernel = np.concatenate([share * kernel for share, (kernel, _) in zip(shares, each, strict=True)])
    return [kernel, sum(share * bias for share, (_, bias) in zip(shares, each, strict=True))]


def halved(values: np.ndarray) -> np.ndarray:
    """float32 -> the nearest numbers that half precision holds, as float32. ValueError where one is too large."""
    with np.errstate(over="ignore"):  # said below
        nearest = values.astype(np.float16).astype(np.float32)
    if not np.isfinite(nearest).all():
        raise ValueError("a weight is too large for half precision")
    return nearest
