"""The same network in every engine at hand: how fast, and how far from Keras."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from melanoma.serving.classifier import calibrated
from melanoma.serving.engines import LOGITS, PIXELS, THREADS, OnnxEngine, forward_function

SERVED = f"ONNX Runtime, threads {THREADS}"  # what the app runs
UNIT = "EfficientNet-Lite0 at 224 px"
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}

Forward = Callable[[np.ndarray], np.ndarray]  # (1, s, s, 3) float32 -> (1, classes) logits


def candidates(network, exported: Path) -> dict[str, Forward]:
    """Engine -> its forward pass to the logits, and UNIT -> that of `plain_lite0`.

    network: Keras; exported: its model.onnx.
    LiteRT and OpenVINO are there when they are installed (the extra `bench`).
    """
    import tensorflow as tf

    plain = tf.function(lambda pixels: network(pixels, training=False))
    compiled = tf.function(lambda pixels: network(pixels, training=False), jit_compile=True)
    found: dict[str, Forward] = {
        "Keras predict": lambda pixels: network.predict(pixels, verbose=0),
        "TensorFlow eager": lambda pixels: network(pixels, training=False).numpy(),
        "TensorFlow tf.function": lambda pixels: plain(tf.constant(pixels)).numpy(),
        "TensorFlow XLA": lambda pixels: compiled(tf.constant(pixels)).numpy(),
    }
    found |= {f"ONNX Runtime, threads {threads}": onnx(exported, threads) for threads in (1, 2)}
    found[UNIT] = plain_lite0(network.output_shape[-1])
    if importlib.util.find_spec("ai_edge_litert"):
        found["LiteRT"] = litert(network)
    if importlib.util.find_spec("openvino"):
        found |= {"OpenVINO, default": openvino(exported, {}), "OpenVINO, single precision": openvino(exported, EXACT)}
    return found


def onnx(exported: Path, threads: int) -> Forward:
    """ONNX Runtime as the app runs it: the nine maps come with the logits."""
    engine = OnnxEngine(exported, threads)
    return lambda pixels: engine.forward(pixels)[0]


def plain_lite0(classes: int) -> Forward:
    """One forward pass of EfficientNet-Lite0 at 224 px, untrained: the unit of what an answer may cost.

    It takes pixels of any size, and its answer means nothing.
    """
    from melanoma.training import architectures as networks
    from melanoma.training.export import converted

    size = 224
    unit = networks.build("efficientnet-lite0", size=size, classes=classes, imagenet=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        unit.save(path)
        (exported := Path(folder) / "model.onnx").write_bytes(converted(path))
        forward = onnx(exported, THREADS)
    pixels = np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype(np.float32)
    return lambda _: forward(pixels)


def litert(network) -> Forward:
    """LiteRT on the same function, converted from Keras."""
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    shape = (1, *network.input_shape[1:])
    module = tf.Module()
    # TensorFlow does not see Keras' variables by itself, and then leaves them out of the file.
    module.weights = [weight.value for weight in network.weights]
    signature = [tf.TensorSpec(shape, tf.float32, name=PIXELS)]
    module.forward = tf.function(forward_function(network), input_signature=signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.forward.get_concrete_function()], module)
    interpreter = Interpreter(model_content=converter.convert(), num_threads=THREADS)
    runner = interpreter.get_signature_runner()
    # The interpreter is kept too: a runner does not keep its own, and needs the weights that it holds.
    return lambda pixels, _=interpreter: runner(**{PIXELS: pixels})[LOGITS]


def openvino(exported: Path, options: dict) -> Forward:
    """OpenVINO reading the exported network. Its default computes in bfloat16 where the processor can."""
    # As if not installed: importing OpenVINO would else report the fact to its maker over the network.
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino as ov

    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS} | options
    request = ov.Core().compile_model(str(exported), "CPU", options).create_infer_request()
    return lambda pixels: request.infer([pixels], share_inputs=True)[LOGITS]


def probability_difference(forward: Forward, reference: Forward, crops: list[np.ndarray]) -> float:
    """Largest difference of any probability, uncalibrated, over crops of (1, s, s, 3) float32."""
    return max(float(np.abs(calibrated(forward(c), 1.0) - calibrated(reference(c), 1.0)).max()) for c in crops)


def naive(network, size: int) -> Callable[[bytes], np.ndarray]:
    """What the usual open app does with a photo: Keras `predict`, then tf-keras-vis Grad-CAM of the top class."""
    import io

    from PIL import Image
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    def answer(content: bytes) -> np.ndarray:
        image = Image.open(io.BytesIO(content)).convert("RGB").resize((size, size))
        pixels = np.asarray(image, np.float32)[np.newaxis]
        top = int(network.predict(pixels, verbose=0)[0].argmax())
        return np.asarray(Gradcam(network, clone=True)(CategoricalScore([top]), pixels, penultimate_layer="features"))

    return answer


def training_rate(size: int, steps: int = 6, batch: int = 32) -> float:
    """Images a second that every layer of an EfficientNet-Lite0 is trained on, without reading photos."""
    import time

    import keras

    from melanoma.training import architectures as networks

    network = networks.build("efficientnet-lite0", size=size, classes=9, imagenet=False)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, jit_compile=False)
    pixels = np.random.default_rng(0).uniform(0, 255, (batch, size, size, 3)).astype(np.float32)
    labels = np.arange(batch) % 9
    for _ in range(2):
        network.train_on_batch(pixels, labels)
    start = time.perf_counter()
    for _ in range(steps):
        network.train_on_batch(pixels, labels)
    return steps * batch / (time.perf_counter() - start)
