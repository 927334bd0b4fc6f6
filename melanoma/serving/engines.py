"""What runs the network: one forward pass gives the logits and every diagnosis's Grad-CAM map.

ONNX Runtime answers from a run's exported network without TensorFlow in the process; Keras answers for a run
without an export, and is the reference that an export is checked against. Both return the same numbers.

For a network that ends in global average pooling and one dense layer, the gradient of logit c with
respect to channel k of the features is `kernel[k, c] / (h * w)` at every place, so Grad-CAM (Selvaraju
et al. 2017) needs no backward pass: `map_c = relu(sum_k kernel[k, c] * features[..., k]) / (h * w)`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from melanoma.run import RunError
from melanoma.sources import KINDS

# Bytes in a network's file that show what is not opened: weights in other files, which no checksum covers, and work
# that may never end (onnx.proto: a key of external_data, a node's op_type).
FOREIGN = (b"\n\x08location\x12", b'"\x04Loop')
PIXELS, LOGITS, KIND, MAPS = "pixels", "logits", "kind", "maps"  # input and outputs of an exported network, by name
THREADS = min(2, os.cpu_count() or 1)  # a photo's forward pass gains little beyond two


@dataclass(frozen=True)
class Outputs:
    """What a network gives for n photos.

    logits: (n, classes) float32; maps: (n, classes, h, w) float32 >= 0, raw Grad-CAM, or None when the network has no
    closed form for it; kind: (n, 3) float32 logits in the order of `melanoma.sources.KINDS`, or None when the network
    does not say the kind of photo.
    """

    logits: np.ndarray
    maps: np.ndarray | None = None
    kind: np.ndarray | None = None


def is_answer(outputs: Outputs, photos: int, classes: int, *, tells_kind: bool) -> bool:
    """Whether outputs are finite numbers of the right shapes, maps not negative, the kind there if it must be."""
    logits, kind, maps = outputs.logits, outputs.kind, outputs.maps
    if kind is None and tells_kind:
        return False
    shapes = [(logits, (photos, classes))] + ([] if kind is None else [(kind, (photos, len(KINDS)))])
    if maps is not None:
        if maps.ndim != 4:
            return False
        shapes.append((maps, (photos, classes, *maps.shape[2:])))
    if any(array.shape != shape or array.dtype.kind != "f" or not array.size for array, shape in shapes):
        return False
    return all(bool(np.isfinite(array).all()) for array, _ in shapes) and (maps is None or bool((maps >= 0).all()))


class Engine(Protocol):
    """Runs one network. Safe to call from several threads at once."""

    name: str  # shown to the user: which engine answered
    input_size: int  # side of the network's input, pixels
    outputs: int  # logits a photo

    def forward(self, inputs: np.ndarray) -> Outputs:
        """inputs: (n, s, s, 3) uint8 sRGB."""
        ...


class OnnxEngine:
    """An exported network in ONNX Runtime; imports no TensorFlow.

    One photo at a time: for one, two threads answer soonest. For a folder of photos `threads` is 1 and two callers
    get through it faster, for no thread waits for another; they share the weights.
    """

    def __init__(self, path: Path, threads: int = THREADS):
        import onnxruntime

        onnxruntime.disable_telemetry_events()  # where it does not heed what melanoma/__init__.py sets
        self.name, self._file = "ONNX Runtime", f"{path.parent.name}/{path.name}"
        content = path.read_bytes()
        if any(sign in content for sign in FOREIGN):
            raise ValueError("weights in other files, or a loop")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # A thread that waits for another would else spin, which holds up whatever shares the cores (bench/threads.py).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
        self._outputs = [output.name for output in self._session.get_outputs()]
        (pixels,) = self._session.get_inputs()
        if pixels.name != PIXELS:
            raise ValueError(f"an input named {pixels.name}")
        self.input_size = int(pixels.shape[1])
        self.outputs = int(self._session.get_outputs()[self._outputs.index(LOGITS)].shape[-1])

    def forward(self, inputs: np.ndarray) -> Outputs:
        """As `Engine.forward`. Raises RunError where the network asks for too much memory, or for what is not there."""
        try:
            answers = [self._session.run(None, {PIXELS: one[np.newaxis].astype(np.float32)}) for one in inputs]
        except Exception as error:  # of its own kinds, where a network asks for too much memory
            raise RunError(f"{self._file} cannot answer for a photo. Restore it or choose another run.") from error
        outputs = dict(zip(self._outputs, map(np.concatenate, zip(*answers, strict=True)), strict=True))
        maps = outputs.get(MAPS)  # (n, h, w, classes)
        if maps is not None:
            maps = np.ascontiguousarray(maps.transpose(0, 3, 1, 2))
        return Outputs(outputs[LOGITS], maps, outputs.get(KIND))


class KerasEngine:
    """A run's model.keras through one traced `tf.function`; takes seconds to start."""

    def __init__(self, path: Path):
        import keras
        import tensorflow as tf

        self.name = "Keras"
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        self.input_size = int(network.input_shape[1])
        self.outputs = int(network.outputs[0].shape[-1])
        signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)]
        self._forward = tf.function(forward_function(network), input_signature=signature)
        self._forward.get_concrete_function()  # traced here, so that callers never trace

    def forward(self, inputs: np.ndarray) -> Outputs:
        """As `Engine.forward`."""
        import tensorflow as tf

        outputs = {name: value.numpy() for name, value in self._forward(tf.constant(inputs, tf.float32)).items()}
        maps = outputs[MAPS].transpose(0, 3, 1, 2) if MAPS in outputs else None
        return Outputs(outputs[LOGITS], maps, outputs.get(KIND))


def forward_function(network):
    """A Keras network -> function of (n, s, s, 3) float32 pixels giving {logits, kind, maps}, traceable.

    kind, (n, 3) float32 logits, is there when the network has a second output, which says the kind of photo; maps,
    (n, h, w, classes) float32 >= 0, when it has a closed form. The engines run this same function: Keras as it is,
    ONNX Runtime after conversion.
    """
    import keras
    import tensorflow as tf

    outputs = dict(zip((LOGITS, KIND), network.outputs, strict=False))
    if not has_closed_form(network):
        heads = keras.Model(network.input, outputs)
        return lambda pixels: heads(pixels, training=False)
    features = network.get_layer("features").output
    model = keras.Model(network.input, outputs | {"features": features})
    _, height, width, _ = features.shape
    kernel = network.get_layer("logits").kernel.numpy()[np.newaxis, np.newaxis] / (height * width)  # (1, 1, k, classes)

    def forward(pixels):
        answers = model(pixels, training=False)
        maps = tf.nn.relu(tf.nn.conv2d(answers.pop("features"), kernel, 1, "VALID"))
        return answers | {MAPS: maps}

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
