"""The same network in every engine at hand: how fast, and how far from Keras."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from melanoma.serving import calibrate_logits
from melanoma.serving.engines import LOGITS, PIXELS, THREADS, OnnxEngine, forward_function

SERVED = f"ONNX Runtime, threads {THREADS}"  # what the app runs
UNIT = "EfficientNet-Lite0 at 224 px"
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}

Forward = Callable[[np.ndarray], np.ndarray]  # (1, s, s, 3) float32 -> (1, classes) logits


def open_engines(network, exported: Path) -> dict[str, Forward]:
    """Engine -> its forward pass to the logits, and UNIT -> that of `open_plain_lite0`.

    network: Keras; exported: its model.onnx.
    LiteRT and OpenVINO are there when they are installed (the extra `bench`).
    """
    import tensorflow as tf

    plain = tf.function(lambda pixels: network(pixels, training=False))
    compiled = tf.function(lambda pixels: network(pixels, training=False), jit_compile=True)
    engines: dict[str, Forward] = {
        "Keras predict": lambda pixels: network.predict(pixels, verbose=0),
        "TensorFlow eager": lambda pixels: network(pixels, training=False).numpy(),
        "TensorFlow tf.function": lambda pixels: plain(tf.constant(pixels)).numpy(),
        "TensorFlow XLA": lambda pixels: compiled(tf.constant(pixels)).numpy(),
    }
    engines |= {f"ONNX Runtime, threads {threads}": open_onnx(exported, threads) for threads in (1, 2)}
    engines[UNIT] = open_plain_lite0(network.output_shape[-1])
    if importlib.util.find_spec("ai_edge_litert"):
        engines["LiteRT"] = open_litert(network)
    if importlib.util.find_spec("openvino"):
        engines |= {
            "OpenVINO, default": open_openvino(exported, {}),
            "OpenVINO, single precision": open_openvino(exported, EXACT),
        }
    return engines


def open_onnx(exported: Path, threads: int) -> Forward:
    """ONNX Runtime as the app runs it: the nine maps come with the logits."""
    engine = OnnxEngine(exported, threads)
    return lambda pixels: engine.forward(pixels).logits


def open_plain_lite0(classes: int) -> Forward:
    """One forward pass of EfficientNet-Lite0 at 224 px, untrained: the unit of what an answer may cost.

    It takes pixels of any size, and its answer means nothing.
    """
    from melanoma.training.architectures import build_network
    from melanoma.training.onnx_export import convert_to_onnx

    size = 224
    unit = build_network("efficientnet-lite0", input_size=size, classes=classes, imagenet=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        unit.save(path)
        (exported := Path(folder) / "model.onnx").write_bytes(convert_to_onnx(path))
        forward = open_onnx(exported, THREADS)
    pixels = np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype(np.float32)
    return lambda _: forward(pixels)


def open_litert(network) -> Forward:
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

    def forward(pixels: np.ndarray, _=interpreter) -> np.ndarray:
        # The interpreter is kept too: a runner does not keep its own, and needs the weights that it holds.
        return runner(**{PIXELS: pixels})[LOGITS]

    return forward


def open_openvino(exported: Path, options: dict) -> Forward:
    """OpenVINO reading the exported network. Its default computes in bfloat16 where the processor can."""
    # As if not installed: importing OpenVINO would else report the fact to its maker over the network.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino as ov

    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS} | options
    request = ov.Core().compile_model(str(exported), "CPU", options).create_infer_request()
    return lambda pixels: request.infer([pixels], share_inputs=True)[LOGITS]


def measure_difference(forward: Forward, reference: Forward, crops: list[np.ndarray]) -> float:
    """Largest difference of any probability, uncalibrated, over crops of (1, s, s, 3) float32."""
    return max(
        float(np.abs(calibrate_logits(forward(crop), 1.0) - calibrate_logits(reference(crop), 1.0)).max())
        for crop in crops
    )


def open_usual_app(network, size: int) -> Callable[[bytes], np.ndarray]:
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


def measure_training_rate(size: int, steps: int = 6, batch: int = 32) -> float:
    """Images a second that every layer of an EfficientNet-Lite0 is trained on, without reading photos."""
    import time

    import keras

    from melanoma.training.architectures import build_network

    network = build_network("efficientnet-lite0", input_size=size, classes=9, imagenet=False)
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
