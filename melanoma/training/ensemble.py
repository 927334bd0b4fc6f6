"""Several trained networks side by side as one, for use: their last features together, one dense layer.

What one network misses another often sees, and their mean answer is better than each (Lakshminarayanan 2017,
arXiv:1612.01474). Put together before the pooling they stay one network with one forward pass, whose nine Grad-CAM maps
keep their closed form. Its logits are the mean of the members' logits, each over its own temperature.

An ensemble is not trained any further, so batch normalisation is folded into the convolutions, and every
weight is rounded to what half precision can hold: the files are half as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from melanoma.dataset.batches import NO_DIAGNOSIS
from melanoma.evaluation.calibration import fit_temperature
from melanoma.evaluation.metrics import softmax
from melanoma.serving.engines import KIND, LOGITS
from melanoma.serving.keras_outputs import load_network, predict_logits
from melanoma.training.architectures import (
    FEATURES,
    LITES,
    add_head,
    add_kind_head,
    build_network,
    extract_lite_features,
    has_kind_head,
)
from melanoma.training.half_precision import round_to_half
from melanoma.training.photo_set import PhotoSet


@dataclass(frozen=True)
class FittedMember:
    """A trained EfficientNet-Lite, which sees the photo at its own input size; temperature: of its own answer."""

    network: keras.Model
    temperature: float

    @property
    def input_size(self) -> int:
        """Side of its input, pixels."""
        return self.network.input_shape[1]

    @property
    def name(self) -> str:
        """Architecture and size, as in `efficientnet-lite0@288`."""
        return f"{self.network.name}@{self.input_size}"


def name_architecture(members: Sequence[FittedMember]) -> str:
    """The ensemble's name: those of its members, as in `efficientnet-lite0@288+efficientnet-lite2@272`."""
    return "+".join(member.name for member in members)


def join_networks(members: Sequence[FittedMember]) -> keras.Model:
    """One network of all members; its input is as large as the largest member's.

    A smaller member's input is the photo resized bilinearly, and its features are resized to the largest member's grid.
    The ensemble says the kind of photo where every member does.
    Raises ValueError for a member that is no EfficientNet-Lite.
    """
    for member in members:
        if member.network.name not in LITES:
            raise ValueError(f"{member.network.name} is no EfficientNet-Lite")
    size = max(member.input_size for member in members)
    grid = max(member.network.get_layer(FEATURES).output.shape[1] for member in members)
    inputs = layers.Input((size, size, 3), name="pixels")
    features = []
    for number, member in enumerate(members, 1):
        prefix = f"member{number}_"
        pixels = resize_maps(inputs, member.input_size, f"{prefix}pixels")
        own = extract_lite_features(pixels, member.network.name, prefix, fold_batch_norm=True)
        features.append(resize_maps(own, grid, f"{prefix}grid"))
    together = layers.Concatenate(name=FEATURES)(features)
    network = add_head(inputs, together, members[0].network.outputs[0].shape[-1], 0.0, "ensemble")
    for number, member in enumerate(members, 1):
        for layer, values in fold_batch_norms(member.network).items():
            set_rounded(network.get_layer(f"member{number}_{layer}"), values)
    temperatures = [member.temperature for member in members]
    set_rounded(network.get_layer(LOGITS), average_dense_layers(members, LOGITS, temperatures))
    if all(has_kind_head(member.network) for member in members):
        network = add_kind_head(network)
        set_rounded(network.get_layer(KIND), average_dense_layers(members, KIND, [1.0] * len(members)))
    return network


def set_rounded(layer: keras.Layer, values: Sequence[np.ndarray]) -> None:
    """Set a layer's weights to the nearest that half precision holds."""
    layer.set_weights([round_to_half(value) for value in values])


def fit_member(path: Path, validation: PhotoSet) -> FittedMember:
    """The EfficientNet-Lite in a network file, at the size of the validation photos and with the best temperature."""
    source = load_network(path)
    size = validation.images.shape[1]
    network = build_network(source.name, input_size=size, classes=source.outputs[0].shape[-1], imagenet=False)
    if has_kind_head(source):
        network = add_kind_head(network)
    network.set_weights(source.get_weights())
    labelled = validation.labels != NO_DIAGNOSIS
    answers = softmax(predict_logits(network, validation.images[labelled]))
    return FittedMember(network, fit_temperature(validation.labels[labelled], answers))


def resize_maps(x, side: int, name: str):
    """Maps (n, h, h, c) as (n, side, side, c), bilinear; `x` itself where they are that large."""
    return x if x.shape[1] == side else layers.Resizing(side, side, name=name)(x)


def fold_batch_norms(network: keras.Model) -> dict[str, list[np.ndarray]]:
    """Name of each convolution of an EfficientNet-Lite -> kernel and bias that do what it and its normalisation did."""
    folded = {}
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            normalisation = network.get_layer(layer.name.removesuffix("conv") + "bn")
            gamma, beta, mean, variance = normalisation.get_weights()
            scale = gamma / np.sqrt(variance + normalisation.epsilon)
            each = scale[:, None] if isinstance(layer, layers.DepthwiseConv2D) else scale
            folded[layer.name] = [layer.get_weights()[0] * each, beta - mean * scale]
    return folded


def average_dense_layers(members: Sequence[FittedMember], name: str, temperatures: Sequence[float]) -> list[np.ndarray]:
    """Kernel and bias of the mean of what the members' dense layers of that name give, each over its temperature."""
    each = [member.network.get_layer(name).get_weights() for member in members]
    shares = [1 / (len(members) * temperature) for temperature in temperatures]
    kernel = np.concatenate([share * kernel for share, (kernel, _) in zip(shares, each, strict=True)])
    bias = np.sum([share * bias for share, (_, bias) in zip(shares, each, strict=True)], axis=0)
    return [kernel, bias]
