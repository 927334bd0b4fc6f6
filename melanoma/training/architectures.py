"""Keras architectures, by name.

Every network takes `(n, size, size, 3)` float32 sRGB pixels from 0 to 255 (each brings its own
rescaling, so that no caller can forget it). Its first output is `(n, classes)` float32 logits; one with a kind head
has a second, `(n, 3)` float32 logits of the kinds of photo in the order of `melanoma.sources.KINDS`. All are
functional and un-nested: tf-keras-vis walks their layers by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers

from melanoma.serving.engines import KIND, LOGITS
from melanoma.sources import KINDS
from melanoma.training.imagenet import read_efficientnet_lite


@dataclass(frozen=True)
class Lite:
    """How one EfficientNet-Lite differs from Lite0 (Tan & Le 2019, the Lite variants of 2020)."""

    width: float
    depth: float


LITES = {
    "efficientnet-lite0": Lite(1.0, 1.0),
    "efficientnet-lite2": Lite(1.1, 1.2),
}

# kernel, stride, expansion, filters, repeats
LITE_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


class UnknownArchitectureError(ValueError):
    """No network of that name; the message says which there are."""


FEATURES = "features"  # name of the activation that the closed-form heatmap reads


def build_network(
    architecture: str, *, input_size: int, classes: int, dropout: float = 0.2, imagenet: bool = True
) -> keras.Model:
    """The network `architecture`: `baseline-cnn`, an EfficientNet-Lite, or a keras.applications name.

    input_size: side in pixels. With `imagenet` the network starts from ImageNet weights; `baseline-cnn` has none.
    Raises UnknownArchitectureError.
    """
    check_architecture(architecture)
    if architecture == "baseline-cnn":
        return build_baseline_cnn(input_size, classes, dropout)
    if architecture in LITES:
        return build_efficientnet_lite(architecture, input_size, classes, dropout, imagenet)
    return build_application(architecture, input_size, classes, dropout, imagenet)


def check_architecture(architecture: str) -> None:
    """Raises UnknownArchitectureError, saying what there is, for a name that `build_network` does not know."""
    if architecture == "baseline-cnn" or architecture in LITES:
        return
    if not architecture[:1].isupper() or not hasattr(keras.applications, architecture):
        known = ", ".join(["baseline-cnn", *LITES])
        raise UnknownArchitectureError(
            f"There is no architecture {architecture!r}: use {known}, or a name from keras.applications."
        )
    make_rescaling(architecture)


def build_baseline_cnn(size: int, classes: int, dropout: float) -> keras.Model:
    """The plain network of the original assignment: three convolutions with pooling, from scratch."""
    inputs = layers.Input((size, size, 3), name="pixels")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(classes, name=LOGITS)(x), name="baseline-cnn")


def build_efficientnet_lite(name: str, size: int, classes: int, dropout: float, imagenet: bool) -> keras.Model:
    """EfficientNet-Lite: no squeeze-and-excitation, ReLU6, stem and head never scaled."""
    inputs = layers.Input((size, size, 3), name="pixels")
    network = add_head(inputs, extract_lite_features(inputs, name), classes, dropout, name)
    if imagenet:
        load_parameters(network, read_efficientnet_lite(name))
    return network


def extract_lite_features(pixels, name: str, prefix: str = "", *, fold_batch_norm: bool = False):
    """An EfficientNet-Lite from pixels (n, s, s, 3), 0 to 255, to its last features (n, s/32, s/32, 1280).

    `prefix` goes before every layer's name. `fold_batch_norm`: convolutions carry a bias, and no normalisation follows.
    """
    lite, blocks = LITES[name], Blocks(prefix, fold_batch_norm)
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name=f"{prefix}rescaling")(pixels)
    x = blocks.activate(x, 32, 3, "stem", stride=2)
    block = 0
    for stage, (kernel, stride, expansion, filters, repeats) in enumerate(LITE_STAGES):
        fixed = stage in (0, len(LITE_STAGES) - 1)
        for repeat in range(repeats if fixed else math.ceil(repeats * lite.depth)):
            step = stride if repeat == 0 else 1
            width = round_filters(filters * lite.width)
            x = blocks.add_inverted_residual(x, width, kernel, step, expansion, f"block{block}")
            block += 1
    return blocks.activate(x, 1280, 1, "head", activation_name=FEATURES)


def round_filters(filters: float, divisor: int = 8) -> int:
    """Filters to the nearest multiple of `divisor`, never more than a tenth below."""
    new = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * filters else new


@dataclass(frozen=True)
class Blocks:
    """Makes an EfficientNet-Lite's layers; see `extract_lite_features`."""

    prefix: str
    fold_batch_norm: bool

    def activate(self, x, filters: int, kernel: int, name: str, stride: int = 1, activation_name: str | None = None):
        """Convolution, batch normalisation, ReLU6."""
        x = self.convolve(x, name, filters, kernel, stride)
        return layers.ReLU(max_value=6, name=f"{self.prefix}{activation_name or f'{name}_relu'}")(x)

    def convolve(self, x, name: str, filters: int | None, kernel: int, stride: int = 1):
        """Convolution, of each channel by itself where `filters` is None, and batch normalisation."""
        options = {"padding": "same", "use_bias": self.fold_batch_norm, "name": f"{self.prefix}{name}_conv"}
        if filters is None:
            x = layers.DepthwiseConv2D(kernel, stride, **options)(x)
        else:
            x = layers.Conv2D(filters, kernel, stride, **options)(x)
        return x if self.fold_batch_norm else layers.BatchNormalization(epsilon=1e-3, name=f"{self.prefix}{name}_bn")(x)

    def add_inverted_residual(self, x, filters: int, kernel: int, stride: int, expansion: int, name: str):
        """MobileNetV2's block: expand, depthwise convolution, project, add."""
        shortcut = x
        if expansion > 1:
            x = self.activate(x, shortcut.shape[-1] * expansion, 1, f"{name}_expand")
        x = self.convolve(x, f"{name}_depthwise", None, kernel, stride)
        x = layers.ReLU(max_value=6, name=f"{self.prefix}{name}_depthwise_relu")(x)
        x = self.convolve(x, f"{name}_project", filters, 1)
        if stride == 1 and shortcut.shape[-1] == filters:
            x = layers.Add(name=f"{self.prefix}{name}_add")([shortcut, x])
        return x


def add_head(inputs, features, classes: int, dropout: float, name: str) -> keras.Model:
    """Global average pooling, dropout and one dense layer: the head whose Grad-CAM has a closed form."""
    x = layers.GlobalAveragePooling2D(name="pool")(features)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(classes, name=LOGITS, dtype="float32")(x), name=name)


def add_kind_head(network: keras.Model) -> keras.Model:
    """`network`, sharing its layers, with a second output that says the kind of photo, from what `logits` reads."""
    kind = layers.Dense(len(KINDS), name=KIND, dtype="float32")(network.get_layer(LOGITS).input)
    return keras.Model(network.input, [network.outputs[0], kind], name=network.name)


def has_kind_head(network: keras.Model) -> bool:
    """Whether a network also says the kind of photo."""
    return any(layer.name == KIND for layer in network.layers)


def name_outputs(network: keras.Model) -> dict:
    """The outputs of a network as it is stored, by name: `logits`, and `kind` if it has that head."""
    return dict(zip((LOGITS, KIND), network.outputs, strict=False))


def load_parameters(network: keras.Model, parameters: dict[str, list]) -> None:
    """Set the weights of each named layer; every named layer must exist and fit."""
    for layer, values in parameters.items():
        network.get_layer(layer).set_weights(values)


def build_application(name: str, size: int, classes: int, dropout: float, imagenet: bool) -> keras.Model:
    """A keras.applications network by its class name, with a head of nine; weights are downloaded by Keras."""
    constructor: Callable = getattr(keras.applications, name)
    inputs = layers.Input((size, size, 3), name="pixels")
    x = make_rescaling(name)(inputs)
    backbone = constructor(include_top=False, weights="imagenet" if imagenet else None, input_tensor=x)
    features = layers.Activation("linear", name=FEATURES)(backbone.output)
    return add_head(inputs, features, classes, dropout, name.lower())


def make_rescaling(name: str) -> layers.Layer:
    """What keras.applications' `preprocess_input` does to pixels, as a layer, for network `name`."""
    if name.startswith(("EfficientNet", "MobileNetV3", "ConvNeXt")):
        return layers.Rescaling(1.0)  # they rescale by themselves
    if name.startswith(("MobileNet", "Inception", "Xception", "NASNet")) or name.endswith("V2"):
        return layers.Rescaling(1 / 127.5, offset=-1)
    if name.startswith("DenseNet"):
        mean, variance = (123.675, 116.28, 103.53), (58.395**2, 57.12**2, 57.375**2)
        return layers.Normalization(mean=mean, variance=variance)
    raise UnknownArchitectureError(f"{name} wants its colours swapped (caffe preprocessing), which is absent here")
