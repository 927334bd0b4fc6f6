"""Whether a pass through the network gets cheaper in batches, or with whole numbers of 8 bits, and what that changes.

`python -m melanoma.bench.passes RUN_FOLDER PHOTO_FOLDER` prints one JSON object. The folder holds JPEGs: the first 48
set the ranges of the whole numbers, the next 60 are answered. Needs the extra `train`, for onnx.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from melanoma.photo import network_input, read_photo
from melanoma.run import open_run
from melanoma.run.folder import ONNX
from melanoma.serving.engines import LOGITS, PIXELS
from melanoma.serving.prediction import calibrate_logits

BATCHES, RANGES, ANSWERED, ROUNDS = (1, 2, 4, 8, 16), 48, 60, 20


class Crops(CalibrationDataReader):
    """Hands out crops one by one, and then None."""

    def __init__(self, crops: list[np.ndarray]):
        self._rest = iter(crops)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """As the calibration asks for it."""
        crop = next(self._rest, None)
        return None if crop is None else {PIXELS: crop}


def open_session(network: bytes | str) -> onnxruntime.InferenceSession:
    """As `OnnxEngine` has it for many photos."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(network, options, ["CPUExecutionProvider"])


def free_batch(path: Path) -> bytes:
    """The network for any number of photos at once."""
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "photos"
    del model.graph.value_info[:]  # shapes between the layers are found anew
    return model.SerializeToString()


def quantise(path: Path, folder: Path, crops: list[np.ndarray]) -> str:
    """The network with weights and values of 8 bits; where it is."""
    prepared, whole = folder / "prepared.onnx", folder / "whole.onnx"
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
    quantize_static(str(prepared), str(whole), Crops(crops), quant_format=QuantFormat.QDQ, per_channel=True, **types)
    return str(whole)


def measure(session: onnxruntime.InferenceSession, pixels: np.ndarray) -> float:
    """Milliseconds of processor time a photo, of the fastest pass."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        session.run(None, {PIXELS: pixels})
        times.append(time.thread_time() - start)
    return 1e3 * min(times) / len(pixels)


def main() -> None:
    """Print what a pass costs in each way, and how far the probabilities of 8 bits are off."""
    run_folder, folder = map(Path, sys.argv[1:])
    path, size = run_folder / ONNX, open_run(run_folder).input_size
    files = islice(sorted(folder.glob("*.jpg")), RANGES + ANSWERED)
    crops = [network_input(read_photo(file.read_bytes()).pixels, size)[None].astype(np.float32) for file in files]
    free = open_session(free_batch(path))
    found: dict = {f"{n} at once, ms a photo": measure(free, np.concatenate(crops[:n])) for n in BATCHES}
    with tempfile.TemporaryDirectory() as scratch:
        exact, whole = open_session(str(path)), open_session(quantise(path, Path(scratch), crops[:RANGES]))
    found |= {"as shipped, ms": measure(exact, crops[0]), "8 bits, ms": measure(whole, crops[0])}
    differences = []
    for crop in crops[RANGES:]:
        one, other = (calibrate_logits(each.run([LOGITS], {PIXELS: crop})[0], 1.0) for each in (exact, whole))
        differences.append(float(np.abs(one - other).max()))
    found |= {"8 bits, probabilities off, mean": float(np.mean(differences)), "at most": max(differences)}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
