"""A run's network exported for LiteRT, checked against Keras before it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from melanoma import runs
from melanoma.classifier import calibrated
from melanoma.engines import KerasEngine, LiteRTEngine, forward_function
from melanoma.photos import read_photo
from melanoma.preprocessing import network_input
from melanoma.specimen import draw_specimen

PROBABILITY_TOLERANCE = 1e-3  # largest difference of any probability
MAP_TOLERANCE = 1e-4  # largest difference of any map value, over that map's peak
FAINT = 0.05
SPECIMENS = 8
EXPORTED = "model.tflite"


def export(folder: Path, photos: list[Path] | None = None) -> dict:
    """Write model.tflite beside model.keras, check it, record the check in run.json and seal the run.

    Checked on drawn specimens and on `photos`; returns what run.json then holds as `export`. Raises
    RunError, and leaves the run as it was, when the export does not answer as Keras does.
    """
    run = runs.open_run(folder)
    if run.network_path is None:
        raise runs.RunError(f"{run.name} keeps figures only, no network, so there is nothing to export.")
    if run.state == "training":
        raise runs.RunError(f"{run.name} is still training. Export it when it has finished.")
    pictures = [draw_specimen(seed=seed) for seed in range(SPECIMENS)]
    pictures += [read_photo(Path(path).read_bytes()).pixels for path in photos or []]
    inputs = np.stack([network_input(pixels, run.input_size) for pixels in pictures])
    partial = run.folder / "model.tflite.partial"
    try:
        partial.write_bytes(converted(run.network_path))
        facts = compared(KerasEngine(run.network_path), LiteRTEngine(partial), inputs)
        refuse_if_different(run.name, facts)
        partial.replace(run.folder / EXPORTED)
    finally:
        partial.unlink(missing_ok=True)
    facts = {"file": EXPORTED, "network_sha256": run.sha256, **facts}
    runs.write_json(run.folder / "run.json", run.facts | {"export": facts})
    runs.seal(run.folder)
    return facts


def converted(network_path: Path) -> bytes:
    """model.keras -> LiteRT file of one photo: `pixels` in, `logits` and, if they exist, `maps` out.

    It computes in float32. Weights that all fit half precision are stored so, which loses nothing.
    """
    import keras
    import tensorflow as tf

    network = keras.saving.load_model(network_path, compile=False, safe_mode=True)
    shape = (1, *network.input_shape[1:])
    module = tf.Module()
    # TensorFlow does not see Keras' variables by itself, and then leaves them out of the file.
    module.weights = [weight.value for weight in network.weights]
    module.forward = tf.function(
        forward_function(network), input_signature=[tf.TensorSpec(shape, tf.float32, name="pixels")]
    )
    function = module.forward.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    if all(fits_half_precision(values) for values in network.get_weights()):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def fits_half_precision(values: np.ndarray) -> bool:
    """Whether float16 holds each of these numbers exactly."""
    return bool((values.astype(np.float16) == values).all())


def compared(reference, exported, inputs: np.ndarray) -> dict:
    """Two engines on the same inputs, (n, s, s, 3) uint8 -> their largest differences.

    probability_difference: absolute, uncalibrated softmax; map_difference: over the map's peak, None
    without maps. A map fainter than FAINT of the photo's strongest is what rounding left of 1,280 terms
    that cancel: its difference is taken over FAINT of that strongest peak.
    """
    logits, maps = reference.forward(inputs)
    exported_logits, exported_maps = exported.forward(inputs)
    probabilities, exported_probabilities = calibrated(logits, 1.0), calibrated(exported_logits, 1.0)
    facts = {
        "photos": len(inputs),
        "probability_difference": float(np.abs(probabilities - exported_probabilities).max()),
        "map_difference": None,
    }
    if maps is not None:
        peaks = maps.max(axis=(2, 3))  # (n, classes)
        floor = np.maximum(FAINT * peaks.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        differences = np.abs(maps - exported_maps).max(axis=(2, 3))
        facts["map_difference"] = float((differences / np.maximum(peaks, floor)).max())
    return facts


def refuse_if_different(name: str, facts: dict) -> None:
    """RunError when `compared` found more than the tolerances allow."""
    worst_map = facts["map_difference"] or 0.0
    if not (facts["probability_difference"] <= PROBABILITY_TOLERANCE and worst_map <= MAP_TOLERANCE):
        raise runs.RunError(
            f"the export of {name} differs from Keras (probabilities by {facts['probability_difference']:.1g}, "
            f"maps by {worst_map:.1g} of their peak), so it was not kept and Keras goes on serving."
        )
