"""A run's network exported to ONNX, checked against Keras before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.run import OnnxExport, RunError, find_run, write_checksums, write_part
from melanoma.run.folder import FACTS, NETWORK, ONNX
from melanoma.serving import calibrate_logits
from melanoma.serving.classifier import load_engine
from melanoma.serving.engines import PIXELS, Engine, KerasEngine, OnnxEngine, forward_function
from melanoma.serving.keras_outputs import load_network

PROBABILITY_TOLERANCE = 1e-3  # largest difference of any probability
MAP_TOLERANCE = 1e-4  # largest difference of any map value, over that map's peak
FAINT = 0.05
EXAMPLES = 8  # synthetic ones, which every export is checked on
OPSET = 18
SMALL = 64  # numbers: fewer are not worth a node


def export_onnx(folder: Path, photos: Sequence[Path] = ()) -> OnnxExport:
    """Write model.onnx beside model.keras, check it, record the check in run.json and write the checksums.

    Checked on synthetic examples and on `photos`; returns what run.json then holds as `export`. Raises
    RunError, and leaves the run as it was, when the export does not answer as Keras does.
    """
    run = find_run(folder)
    if run.network_path is None:
        raise RunError(f"{run.name} keeps its history and results, no network, so there is nothing to export.")
    if run.state == "training":
        raise RunError(f"{run.name} is still training. Export it when it has finished.")
    pictures = [draw_example(seed=seed) for seed in range(EXAMPLES)]
    pictures += [read_photo(Path(path).read_bytes()).pixels for path in photos]
    inputs = np.stack([network_input(pixels, run.input_size) for pixels in pictures])
    reference = load_engine(run, NETWORK, lambda: KerasEngine(run.folder / NETWORK))
    partial = run.folder / f"{ONNX}.partial"
    try:
        partial.write_bytes(convert_to_onnx(run.network_path))
        difference = compare_engines(reference, OnnxEngine(partial), inputs)
        refuse_difference(run.name, difference)
        partial.replace(run.folder / ONNX)
    except FloatingPointError as error:
        raise RunError(f"{run.name} gave no answer that is a number, so nothing was exported.") from error
    finally:
        partial.unlink(missing_ok=True)
    export = OnnxExport(ONNX, run.sha256, len(inputs), difference.probability, difference.map)
    write_part(run.folder / FACTS, replace(run.facts, export=export))
    write_checksums(run.folder)
    return export


def convert_to_onnx(network_path: Path) -> bytes:
    """model.keras -> ONNX file of one photo: `pixels` in, `logits` and, if they exist, `maps` out.

    It computes in float32. Raises RunError where the converter is not installed.
    """
    import tensorflow as tf

    try:
        import tf2onnx
    except ModuleNotFoundError as error:
        raise RunError("Exporting a network needs tf2onnx: run `pip install '.[train]'` first.") from error
    network = load_network(network_path)
    signature = [tf.TensorSpec((1, *network.input_shape[1:]), tf.float32, name=PIXELS)]
    forward = tf.function(forward_function(network), input_signature=signature)
    model, _ = tf2onnx.convert.from_function(forward, input_signature=signature, opset=OPSET)
    resize_to_whole_sizes(model)
    store_in_half_precision(model.graph)
    return model.SerializeToString()


def resize_to_whole_sizes(model) -> None:
    """Give each resizing of an ONNX model the size it is to give, in place of a scale; in place.

    tf2onnx writes 272 / 288 in float32, of which ONNX makes floor(271.99...) pixels.
    """
    from onnx import numpy_helper, shape_inference

    weights = {weight.name: weight for weight in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "Resize"]:
        graph = shape_inference.infer_shapes(model).graph  # again each time: it rests on the resizing before
        shapes = {each.name: each.type.tensor_type.shape.dim for each in (*graph.value_info, *graph.input)}
        before = np.array([side.dim_value for side in shapes[node.input[0]]])
        scales = numpy_helper.to_array(weights[node.input[2]])
        sizes = numpy_helper.from_array(np.rint(before * scales).astype(np.int64), f"{node.name}/sizes")
        model.graph.initializer.append(sizes)
        node.input[:] = [node.input[0], "", "", sizes.name]  # without the region and the scales
    inputs = {name for node in model.graph.node for name in node.input}
    for weight in [weight for name, weight in weights.items() if name not in inputs]:
        model.graph.initializer.remove(weight)


def store_in_half_precision(graph) -> None:
    """Keep at half precision the weights of an ONNX graph that half precision holds exactly; in place.

    They become float32 again when the network is opened.
    """
    from onnx import TensorProto, helper, numpy_helper

    for weight in [one for one in graph.initializer if one.data_type == TensorProto.FLOAT]:
        values = numpy_helper.to_array(weight)
        if values.size > SMALL and fits_half_precision(values):
            half = numpy_helper.from_array(values.astype(np.float16), f"{weight.name}/half")
            graph.initializer.remove(weight)
            graph.initializer.append(half)
            graph.node.insert(0, helper.make_node("Cast", [half.name], [weight.name], to=TensorProto.FLOAT))


def fits_half_precision(values: np.ndarray) -> bool:
    """Whether float16 holds each of these numbers exactly."""
    return bool((values.astype(np.float16) == values).all())


@dataclass(frozen=True)
class Difference:
    """Largest differences of two engines' answers. map: over the map's peak, None without maps."""

    probability: float
    map: float | None


def compare_engines(reference: Engine, exported: Engine, inputs: np.ndarray) -> Difference:
    """How far two engines' answers to the same inputs, (n, s, s, 3) uint8, lie apart.

    Probabilities are uncalibrated. A map fainter than FAINT of the photo's strongest is what rounding left of 1,280
    terms that cancel: its difference is taken over FAINT of that strongest peak.
    """
    expected, given = reference.forward(inputs), exported.forward(inputs)
    probability = compare_probabilities(expected.logits, given.logits)
    if expected.kind is not None:
        probability = max(probability, compare_probabilities(expected.kind, given.kind))
    maps, exported_maps = expected.maps, given.maps
    if maps is None:
        return Difference(probability, None)
    if exported_maps is None:
        return Difference(probability, float("inf"))
    peaks = maps.max(axis=(2, 3))  # (n, classes)
    floor = np.maximum(FAINT * peaks.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    differences = np.abs(maps - exported_maps).max(axis=(2, 3))
    return Difference(probability, float((differences / np.maximum(peaks, floor)).max()))


def compare_probabilities(logits: np.ndarray, others: np.ndarray | None) -> float:
    """Largest difference of the probabilities that two logits of one shape stand for; infinite without the second."""
    if others is None:
        return float("inf")
    return float(np.abs(calibrate_logits(logits, 1.0) - calibrate_logits(others, 1.0)).max())


def refuse_difference(name: str, difference: Difference) -> None:
    """RunError for a difference, such as of `compare_engines`, that is more than the tolerances allow."""
    worst_map = difference.map or 0.0
    if not (difference.probability <= PROBABILITY_TOLERANCE and worst_map <= MAP_TOLERANCE):
        raise RunError(
            f"The ONNX export of {name} differs from Keras (probabilities by {difference.probability:.1g}, "
            f"maps by {worst_map:.1g} of their peak), so it was not kept and Keras goes on serving."
        )
