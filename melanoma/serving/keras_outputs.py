"""What a Keras network says about many photos at once, for measuring; training is its other caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from melanoma.run import RunError
from melanoma.serving.engines import KIND, LOGITS

if TYPE_CHECKING:
    import keras

BATCH = 64  # photos of one pass


def load_network(path: Path) -> keras.Model:
    """The Keras network in a run's file. Raises RunError for what is none, or has code of its own (safe mode)."""
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises all kinds on broken files, and ValueError on code inside them
        raise RunError(
            f"{path.parent.name}/{path.name} cannot be opened as a network. Restore it or choose another run."
        ) from error


def predict_logits(network: keras.Model, images: np.ndarray, batch_size: int = BATCH) -> np.ndarray:
    """images: (n, size, size, 3) uint8 -> (n, classes) float32 logits."""
    return predict_heads(network, images, batch_size)[LOGITS]


def predict_heads(network: keras.Model, images: np.ndarray, batch_size: int = BATCH) -> dict[str, np.ndarray]:
    """images: (n, size, size, 3) uint8 -> `logits`, (n, classes) float32, and `kind`, (n, 3), if it has that head."""
    parts = [
        list_outputs(network.predict_on_batch(images[i : i + batch_size].astype(np.float32)))
        for i in range(0, len(images), batch_size)
    ]
    return {
        name: np.concatenate(arrays) for name, arrays in zip((LOGITS, KIND), zip(*parts, strict=True), strict=False)
    }


def list_outputs(outputs: np.ndarray | list[np.ndarray]) -> list[np.ndarray]:
    """What Keras gives for a network of one output or of several, as a list."""
    return outputs if isinstance(outputs, list) else [outputs]


def predict_features_and_heads(
    network: keras.Model, images: np.ndarray, advance: Callable[[int], None] = lambda photos: None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """images: (n, s, s, 3) uint8 -> (n, d) float32 inputs of the last dense layer, and heads as of `predict_heads`.

    `advance` is called with the number of photos answered since the last call.
    """
    import keras

    both = keras.Model(network.input, [network.get_layer(LOGITS).input, *network.outputs])
    parts = []
    for start in range(0, len(images), BATCH):
        parts.append(both.predict_on_batch(images[start : start + BATCH].astype(np.float32)))
        advance(len(parts[-1][0]))
    features, *heads = map(np.concatenate, zip(*parts, strict=True))
    return features, dict(zip((LOGITS, KIND), heads, strict=False))
