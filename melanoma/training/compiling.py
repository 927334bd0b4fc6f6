"""Settings -> a Keras network ready to train: where its weights start, what stays as it is, losses, optimiser."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from melanoma.diagnoses import CODES
from melanoma.training import architectures as networks
from melanoma.training import lesion_loss as focus
from melanoma.training.settings import Settings


def compiled(settings: Settings, steps: int, initial: Sequence[Path] = ()) -> keras.Model:
    """A fresh network with its optimiser; `steps` are batches an epoch."""
    network = networks.build(
        settings.architecture,
        size=settings.size,
        classes=len(CODES),
        dropout=settings.dropout,
        imagenet=not initial,
    )
    if initial:
        network.set_weights(mean_weights(initial))
    freeze(network, settings)
    total = steps * settings.epochs
    warm = min(steps, total // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20, total - warm, alpha=0.01, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    diagnosis = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    if settings.focus:
        network = focus.focused(network)
        losses = {networks.LOGITS: diagnosis, focus.MAPS: focus.OutsideLesion()}
        weights, metrics = {networks.LOGITS: 1.0, focus.MAPS: settings.focus}, {networks.LOGITS: [accuracy]}
    else:
        losses, weights, metrics = diagnosis, None, [accuracy]
    network.compile(
        optimizer=keras.optimizers.AdamW(
            rate, weight_decay=settings.weight_decay, global_clipnorm=settings.clip or None
        ),
        loss=losses,
        loss_weights=weights,
        metrics=metrics,
        jit_compile=False,  # XLA makes depthwise convolutions ten times slower on a CPU
    )
    return network


def mean_weights(paths: Sequence[Path]) -> list[np.ndarray]:
    """The mean of the weights of network files of one architecture, in Keras's order.

    Of networks that were trained from one another it is often better than each: Wortsman 2022, arXiv:2203.05482.
    """
    each = [keras.saving.load_model(path, compile=False).get_weights() for path in paths]
    return [np.mean(values, axis=0) for values in zip(*each, strict=True)]


def freeze(network: keras.Model, settings: Settings) -> None:
    """Set which layers of `network` keep the values they have."""
    lower = int(len(network.layers) * settings.frozen)
    for place, layer in enumerate(network.layers):
        steady = settings.steady and isinstance(layer, keras.layers.BatchNormalization)
        if place < lower or steady:
            layer.trainable = False  # for batch normalisation: it works as in use, its statistics stay


def bare(network: keras.Model) -> keras.Model:
    """The network that gives logits alone, over the same layers.

    A second Model also leaves the optimiser behind: `include_optimizer=False` does not reach .keras files.
    """
    output = network.output[networks.LOGITS] if isinstance(network.output, dict) else network.output
    return keras.Model(network.input, output, name=network.name)


def save_packed(network: keras.Model, path: Path) -> None:
    """Write a .keras file as Keras does and then deflate it, which Keras reads as well: a tenth smaller."""
    network.save(path)
    with zipfile.ZipFile(path) as stored:
        parts = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
