"""Where weights start, which of them move, and how far."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from melanoma.training.architectures import build_network
from melanoma.training.trainable_network import compile_network

pytestmark = pytest.mark.slow


def weights_of(network, kind):
    layers = [layer for layer in network.layers if isinstance(layer, kind)]
    return [value for layer in layers for value in layer.get_weights()]


def test_frozen_batch_norm_and_frozen_layers_stay_as_they_were_and_the_rest_moves(settings):
    random = np.random.default_rng(0)
    settings = replace(
        settings, architecture="efficientnet-lite0", samples_per_epoch=8, frozen_share=0.5, freeze_batch_norm=True
    )
    network = compile_network(settings, steps=2)
    kinds = keras.layers.BatchNormalization, keras.layers.Conv2D
    before = [weights_of(network, kind) for kind in kinds]
    for _ in range(2):
        network.train_on_batch(random.uniform(0, 255, (8, 32, 32, 3)), np.eye(9)[random.integers(0, 9, 8)])
    after = [weights_of(network, kind) for kind in kinds]
    changed = [
        [not np.array_equal(a, b) for a, b in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)
    ]
    assert not any(changed[0])
    assert not changed[1][0], "the first layers are frozen"
    assert all(changed[1][-5:])


def test_training_from_two_networks_starts_at_the_mean_of_their_weights(tmp_path, settings):
    paths = [tmp_path / "one.keras", tmp_path / "two.keras"]
    networks = []
    for seed, path in enumerate(paths):
        keras.utils.set_random_seed(seed)
        network = build_network("baseline-cnn", input_size=32, classes=9)
        network.save(path)
        networks.append(network)
    start = compile_network(settings, steps=2, initial=paths).get_weights()
    for one, two, value in zip(*(network.get_weights() for network in networks), start, strict=True):
        np.testing.assert_allclose(value, (one + two) / 2, atol=1e-6)


def test_clipnorm_shortens_long_gradients_only(settings):
    """Adam's first step forgets the length of a gradient, so the optimiser is looked at by its own means."""
    long = [keras.ops.full((4,), 30.0)]
    clipped = compile_network(replace(settings, clipnorm=1.0), steps=2).optimizer
    assert float(keras.ops.norm(clipped._clip_gradients(long)[0])) == pytest.approx(1, abs=1e-5)
    assert compile_network(settings, steps=2).optimizer.global_clipnorm is None
