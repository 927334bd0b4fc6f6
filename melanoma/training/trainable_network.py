"""Settings -> a Keras network ready to train: where its weights start, what stays as it is, losses, optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from melanoma.diagnoses import CODES
from melanoma.run import TrainingSettings
from melanoma.training.architectures import LOGITS, build_network
from melanoma.training.lesion_attention import MAPS, LesionAttentionLoss, add_maps


def compile_network(settings: TrainingSettings, steps: int, initial: Sequence[Path] = ()) -> keras.Model:
    """A fresh network with its optimiser; `steps` are batches an epoch."""
    network = build_network(
        settings.architecture,
        input_size=settings.input_size,
        classes=len(CODES),
        dropout=settings.dropout,
        imagenet=not initial,
    )
    if initial:
        network.set_weights(average_network_files(initial))
    freeze_layers(network, settings)
    diagnosis = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    losses, weights = {LOGITS: diagnosis}, {LOGITS: 1.0}
    if settings.lesion_attention_weight:
        network = add_maps(network)
        losses[MAPS], weights[MAPS] = LesionAttentionLoss(), settings.lesion_attention_weight
    single = len(losses) == 1
    accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    network.compile(
        optimizer=make_optimizer(settings, steps),
        loss=diagnosis if single else losses,
        loss_weights=None if single else weights,
        metrics=[accuracy] if single else {LOGITS: [accuracy]},
        jit_compile=False,  # XLA makes depthwise convolutions ten times slower on a CPU
    )
    return network


def make_optimizer(settings: TrainingSettings, steps: int) -> keras.optimizers.Optimizer:
    """AdamW with a warm-up of one epoch, at most a tenth of the training, and then a cosine to a hundredth."""
    total = steps * settings.epochs
    warm = min(steps, total // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20, total - warm, alpha=0.01, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, global_clipnorm=settings.clipnorm or None)


def average_network_files(paths: Sequence[Path]) -> list[np.ndarray]:
    """The mean of the weights of network files of one architecture, in Keras's order.

    Of networks that were trained from one another it is often better than each: Wortsman 2022, arXiv:2203.05482.
    """
    each = [keras.saving.load_model(path, compile=False).get_weights() for path in paths]
    return [np.mean(values, axis=0) for values in zip(*each, strict=True)]


def freeze_layers(network: keras.Model, settings: TrainingSettings) -> None:
    """Set which layers of `network` keep the values they have."""
    lower = int(len(network.layers) * settings.frozen_share)
    for place, layer in enumerate(network.layers):
        normalises = settings.freeze_batch_norm and isinstance(layer, keras.layers.BatchNormalization)
        if place < lower or normalises:
            layer.trainable = False  # for batch normalisation: it works as in use, its statistics stay


def keep_logits(network: keras.Model) -> keras.Model:
    """The network that gives logits alone, over the same layers.

    A second Model also leaves the optimiser behind: `include_optimizer=False` does not reach .keras files.
    """
    output = network.output[LOGITS] if isinstance(network.output, dict) else network.output
    return keras.Model(network.input, output, name=network.name)
