"""Settings -> a Keras network ready to train: where its weights start, what stays as it is, losses, optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from melanoma.diagnoses import CODES
from melanoma.run import TrainingSettings
from melanoma.serving.engines import KIND, LOGITS
from melanoma.serving.keras_outputs import load_network
from melanoma.training.architectures import add_kind_head, build_network, has_kind_head, name_outputs
from melanoma.training.lesion_attention import MAPS, LesionAttentionLoss, add_maps


def compile_network(settings: TrainingSettings, steps: int, initial: Sequence[Path] = ()) -> keras.Model:
    """A fresh network with its optimiser; `steps` are batches an epoch."""
    network = start_network(settings, initial)
    freeze_layers(network, settings)
    diagnosis = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    losses: dict[str, keras.losses.Loss] = {LOGITS: diagnosis}
    weights, metrics = {LOGITS: 1.0}, {LOGITS: [keras.metrics.CategoricalAccuracy(name="accuracy")]}
    if settings.kind_weight:
        losses[KIND], weights[KIND] = keras.losses.CategoricalCrossentropy(from_logits=True), settings.kind_weight
        metrics[KIND] = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    if settings.lesion_attention_weight:
        network = add_maps(network)
        losses[MAPS], weights[MAPS] = LesionAttentionLoss(), settings.lesion_attention_weight
    elif settings.kind_weight:
        network = keras.Model(network.input, name_outputs(network), name=network.name)
    single = len(losses) == 1
    network.compile(
        optimizer=make_optimizer(settings, steps),
        loss=diagnosis if single else losses,
        loss_weights=None if single else weights,
        metrics=metrics[LOGITS] if single else metrics,
        jit_compile=False,  # XLA makes depthwise convolutions ten times slower on a CPU
    )
    return network


def start_network(settings: TrainingSettings, initial: Sequence[Path]) -> keras.Model:
    """The network that training starts with; `initial` files that all have a kind head give that too."""
    parents = [load_network(path) for path in initial]
    network = build_network(
        settings.architecture,
        input_size=settings.fitted_size,
        classes=len(CODES),
        dropout=settings.dropout,
        imagenet=not parents,
    )
    inherits = bool(parents and settings.kind_weight and all(has_kind_head(parent) for parent in parents))
    if settings.kind_weight and inherits:
        network = add_kind_head(network)
    if parents:
        network.set_weights(average_weights_of(parents if inherits else [drop_kind(parent) for parent in parents]))
    return add_kind_head(network) if settings.kind_weight and not inherits else network


def make_optimizer(settings: TrainingSettings, steps: int) -> keras.optimizers.Optimizer:
    """AdamW with a warm-up of one epoch, at most a tenth of the training, and then a cosine to a hundredth."""
    total = steps * settings.epochs
    warm = min(steps, total // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20, total - warm, alpha=0.01, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, global_clipnorm=settings.clipnorm or None)


def average_weights_of(networks: Sequence[keras.Model]) -> list[np.ndarray]:
    """The mean of the weights of networks of one architecture, in Keras's order.

    Of networks that were trained from one another it is often better than each: Wortsman 2022, arXiv:2203.05482.
    """
    each = [network.get_weights() for network in networks]
    return [np.mean(values, axis=0) for values in zip(*each, strict=True)]


def freeze_layers(network: keras.Model, settings: TrainingSettings) -> None:
    """Set which layers of `network` keep the values they have."""
    lower = int(len(network.layers) * settings.frozen_share)
    for place, layer in enumerate(network.layers):
        normalises = settings.freeze_batch_norm and isinstance(layer, keras.layers.BatchNormalization)
        if place < lower or normalises:
            layer.trainable = False  # for batch normalisation: it works as in use, its statistics stay


def keep_heads(network: keras.Model) -> keras.Model:
    """A network in training as it is stored: logits and, if it says it, the kind of photo, over the same layers.

    A second Model also leaves the optimiser behind: `include_optimizer=False` does not reach .keras files.
    """
    outputs = network.output if isinstance(network.output, dict) else name_outputs(network)
    heads = [outputs[name] for name in (LOGITS, KIND) if name in outputs]
    return keras.Model(network.input, heads if len(heads) > 1 else heads[0], name=network.name)


def resize_network(network: keras.Model, settings: TrainingSettings) -> keras.Model:
    """A stored network with an input of `settings.input_size`; itself where it has that.

    A network sees lesions larger in training, where photos are zoomed into, than in use: it does best at a size
    somewhat larger than that of its training (Touvron 2019, arXiv:1906.06423).
    """
    if network.input_shape[1] == settings.input_size:
        return network
    resized = build_network(
        settings.architecture, input_size=settings.input_size, classes=len(CODES), dropout=settings.dropout,
        imagenet=False,
    )  # fmt: skip
    resized = add_kind_head(resized) if has_kind_head(network) else resized
    resized.set_weights(network.get_weights())
    return resized


def drop_kind(network: keras.Model) -> keras.Model:
    """A stored network without its kind head, over the same layers."""
    return keras.Model(network.input, network.outputs[0], name=network.name)
