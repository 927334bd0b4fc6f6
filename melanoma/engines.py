"""What runs the network: one forward pass gives the logits and every diagnosis's Grad-CAM map.

LiteRT answers from a run's exported network without TensorFlow in the process; Keras answers for a run
without an export, and is the reference that an export is checked against. Both return the same numbers.

For a network that ends in global average pooling and one dense layer, the gradient of logit c with
respect to channel k of the features is `kernel[k, c] / (h * w)` at every place, so Grad-CAM (Selvaraju
et al. 2017) needs no backward pass: `map_c = relu(sum_k kernel[k, c] * features[..., k]) / (h * w)`.
"""

from __future__ import annotations

import os
import queue
from pathlib import Path
from typing import Protocol

import numpy as np

LOGITS, MAPS = "logits", "maps"  # the outputs of an exported network, by name
SCALE = 4096.0  # a power of two, exact: keeps the numbers of `forward_function` where half precision is fine
THREADS = min(2, os.cpu_count() or 1)  # a photo's forward pass gains little beyond two


class Engine(Protocol):
    """Runs one network. Safe to call from several threads at once."""

    name: str  # shown to the user: which engine answered
    input_size: int  # side of the network's input, pixels

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """inputs: (n, s, s, 3) uint8 sRGB -> logits (n, classes) float32 and Grad-CAM maps.

        maps: (n, classes, h, w) float32 >= 0, raw, or None when the network has no closed form.
        """
        ...


class LiteRTEngine:
    """An exported network, one photo at a time; imports no TensorFlow.

    Callers take turns: for one photo, one interpreter on two threads answers soonest and holds the weights once.
    `copies` interpreters of one thread each get through a folder of photos faster, for no thread waits for another.
    """

    def __init__(self, path: Path, threads: int = THREADS, copies: int = 1):
        from ai_edge_litert.interpreter import Interpreter

        self.name = "LiteRT"
        content = Path(path).read_bytes()
        # The interpreters are kept too: a runner does not keep its own, and needs the weights that it holds.
        self._interpreters = [Interpreter(model_content=content, num_threads=threads) for _ in range(copies)]
        self._free: queue.SimpleQueue = queue.SimpleQueue()
        self.input_size = int(self._interpreters[0].get_input_details()[0]["shape"][1])
        nothing = np.zeros((1, self.input_size, self.input_size, 3), np.uint8)
        for interpreter in self._interpreters:
            self._free.put(interpreter.get_signature_runner())
        for _ in range(copies):  # each in its turn
            self.forward(nothing)  # allocates, once

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """As `Engine.forward`."""
        runner = self._free.get()
        try:
            outputs = [runner(pixels=one[np.newaxis].astype(np.float32)) for one in inputs]
        finally:
            self._free.put(runner)
        logits = np.concatenate([output[LOGITS] for output in outputs])
        if MAPS not in outputs[0]:
            return logits, None
        maps = np.concatenate([output[MAPS] for output in outputs])  # (n, h, w, classes)
        return logits, np.ascontiguousarray(maps.transpose(0, 3, 1, 2))


class KerasEngine:
    """A run's model.keras through one traced `tf.function`; takes seconds to start."""

    def __init__(self, path: Path):
        import keras
        import tensorflow as tf

        self.name = "Keras"
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        self.input_size = int(network.input_shape[1])
        signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)]
        self._forward = tf.function(forward_function(network), input_signature=signature)
        self._forward.get_concrete_function()  # traced here, so that callers never trace

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """As `Engine.forward`."""
        import tensorflow as tf

        outputs = self._forward(tf.constant(inputs, tf.float32))
        maps = outputs[MAPS].numpy().transpose(0, 3, 1, 2) if MAPS in outputs else None
        return outputs[LOGITS].numpy(), maps


def forward_function(network):
    """A Keras network -> function of (n, s, s, 3) float32 pixels giving {logits, maps}, traceable.

    maps, (n, h, w, classes) float32 >= 0, are there when the network has a closed form. The engines
    run this same function: Keras as it is, LiteRT after conversion.
    """
    import keras
    import tensorflow as tf

    if not has_closed_form(network):
        return lambda pixels: {LOGITS: network(pixels, training=False)}
    both = keras.Model(network.inputs, [network.output, network.get_layer("features").output])
    _, height, width, _ = both.output_shape[1]
    kernel = network.get_layer("logits").kernel.numpy() / (height * width)  # (k, classes)
    # An export may keep numbers at half precision: two of them, the second what the first rounds off, add up to one.
    kernel = kernel * SCALE
    coarse = kernel.astype(np.float16).astype(np.float32)
    kernels = np.concatenate([coarse, kernel - coarse], axis=1)[np.newaxis, np.newaxis]

    def forward(pixels):
        logits, features = both(pixels, training=False)
        first, second = tf.split(tf.nn.conv2d(features, kernels, 1, "VALID"), 2, axis=-1)
        return {LOGITS: logits, MAPS: tf.nn.relu(first + second) / SCALE}

    return forward


def has_closed_form(network) -> bool:
    """Whether a Keras network is features, global average pooling, then one dense layer of logits."""
    import keras

    kinds = {layer.name: type(layer) for layer in network.layers}
    return (
        "features" in kinds
        and kinds.get("pool") is keras.layers.GlobalAveragePooling2D
        and kinds.get("logits") is keras.layers.Dense
    )
