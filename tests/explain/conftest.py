"""Small networks of known shape: what is true of them is true of the large ones, and costs seconds less."""

import numpy as np
import pytest

from melanoma.diagnoses import CODES
from melanoma.photo import draw_example, network_input

SIDE = 32  # of the small networks' input, pixels


@pytest.fixture(scope="session")
def crops() -> np.ndarray:
    """(3, 32, 32, 3) uint8: synthetic examples as the small networks take them."""
    return np.stack([network_input(draw_example(seed), SIDE) for seed in range(3)])


def small_branch(pixels, filters: int, prefix: str = ""):
    """Two convolutions, 16 and then 8 places a side; the second one's activations are the features."""
    import keras

    first = keras.layers.Conv2D(6, 3, 2, "same", activation="relu", name=f"{prefix}first")(pixels)
    return keras.layers.Conv2D(filters, 3, 2, "same", activation="relu", name=f"{prefix}features")(first)


def finish(pixels, features):
    """Average pooling, dropout and one dense layer of nine logits."""
    import keras

    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(features)
    logits = keras.layers.Dense(len(CODES), name="logits", bias_initializer="random_normal")
    return keras.Model(pixels, logits(keras.layers.Dropout(0.5)(pooled)))


@pytest.fixture(scope="session")
def network():
    """One network: 8 x 8 places of 12 features before the pooling."""
    import keras

    keras.utils.set_random_seed(7)
    pixels = keras.Input((SIDE, SIDE, 3))
    return finish(pixels, small_branch(keras.layers.Rescaling(1 / 128, -1)(pixels), 12))


@pytest.fixture(scope="session")
def ensemble():
    """Two networks side by side, as `melanoma.training.ensemble` joins them: the second sees a smaller photo."""
    import keras

    keras.utils.set_random_seed(8)
    pixels = keras.Input((SIDE, SIDE, 3))
    scaled = keras.layers.Rescaling(1 / 128, -1)(pixels)
    smaller = keras.layers.Resizing(24, 24, name="two_pixels")(scaled)
    second = keras.layers.Resizing(8, 8, name="two_grid")(small_branch(smaller, 7, "two_"))
    joint = keras.layers.Concatenate(name="features")([small_branch(scaled, 5, "one_"), second])
    return finish(pixels, joint)


@pytest.fixture(scope="session")
def explainer(network):
    """Of the one network."""
    from melanoma.explain.explainer import Explainer

    return Explainer(network, CODES, temperature=1.5)


@pytest.fixture(scope="session")
def ensemble_explainer(ensemble):
    """Of the two networks side by side."""
    from melanoma.explain.explainer import Explainer

    return Explainer(ensemble, CODES, temperature=1.5)
