"""How fast everything is, as ratios measured in one run: stages, engines, start, throughput, memory, ten people.

Absolute times say as much about the machine as about the app; the ratios to what the same network costs
by itself, in the same run, are the result.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma.bench.engines import (
    SERVED,
    UNIT,
    measure_difference,
    measure_training_rate,
    open_engines,
    open_usual_app,
)
from melanoma.bench.page import EPOCHS, RUNS, measure_training_tab
from melanoma.bench.server import measure_server
from melanoma.charts.heatmaps import overlay
from melanoma.explain import find_scale_peak, read_heatmaps
from melanoma.photo import ENOUGH, assess, example_bytes, network_input, read_photo
from melanoma.run import Run, RunError
from melanoma.run.folder import ONNX
from melanoma.serving import Classifier

SIZES = ((600, 450), (1024, 768), (4000, 3000))
REPEATS = {(600, 450): 60, (1024, 768): 40, (4000, 3000): 15}


@dataclass(frozen=True)
class Bar:
    """What a ratio is to be; meaning: what the ratio is, in words."""

    limit: float
    meaning: str
    at_least: bool = False  # otherwise: at most

    def holds(self, value: float) -> bool:
        """Whether a ratio keeps it."""
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def text(self) -> str:
        """`≤ 1.6`."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:.3g}"


BARS = {
    "against_naive": Bar(1 / 20, "photo to probabilities, nine maps and overlay over Keras predict + tf-keras-vis"),
    "over_floor_p50": Bar(1.6, "the same over decoding + fastest forward pass, median"),
    "over_floor_p95": Bar(2.2, "the same, 95th percentile over that median"),
    "over_floor_12_megapixels": Bar(4, "the same from a 12-megapixel JPEG, median over that median"),
    "serving_over_fastest_engine": Bar(1.1, "forward pass served over the fastest that keeps probabilities"),
    "cost_over_lite0_224": Bar(2.0, "forward pass with nine maps over one of EfficientNet-Lite0 at 224 px"),
    "score_over_batch": Bar(0.9, "throughput of score over forward passes alone", at_least=True),
    "first_answer_s": Bar(2.0, "seconds from a fresh process to the first answer"),
    "page_after_hello_s": Bar(2.0, "seconds that the server's first page comes after that of streamlit hello"),
    "server_first_answer_s": Bar(2.0, "seconds from starting the server to the first answer in the browser"),
    "heavy_modules": Bar(0, "of TensorFlow, Keras and tf-keras-vis loaded until then"),
    "memory_growth_mb": Bar(50, "megabytes grown over 1,000 analyses"),
    "training_tab_worst_s": Bar(1.0, "seconds from the worst click to thirty runs of 200 epochs drawn again"),
    "ten_people_p95_s": Bar(1.0, "seconds that one of ten people waits, 95th percentile"),
}


def run_bench(run: Run, data: Path | None = None, *, say: Callable[[str], None] = lambda line: None) -> dict:
    """Measure everything on `run`, which must have its ONNX export, with photos of `data` or synthetic examples.

    Returns machine facts, absolute figures and, as `ratios`, what BARS judges. Takes some minutes.
    Raises RunError for a run without export.
    """
    if not (run.folder / ONNX).exists():
        raise RunError(f"{run.name} has no ONNX export. Run `python -m melanoma export {run.name}` first.")
    with tempfile.TemporaryDirectory() as folder:
        photos = write_photos(data, Path(folder))
        contents = [path.read_bytes() for path in photos]
        alone: dict[str, dict | None] = {}
        for what in ("cold", "memory", "score", "batch", "people"):
            say(f"in a process of its own: {what}")
            alone[what] = measure_in_process(what, run.folder, Path(folder))
        say("the real server, in Chromium")
        alone["server"] = measure_server(run.folder.parent, photos[0])
        say(f"the training tab with {RUNS} runs of {EPOCHS} epochs")
        alone["training_tab"] = measure_training_tab()
    classifier = Classifier.open(run)
    stages = {}
    for size in SIZES:
        say(f"stages at {size[0]} x {size[1]}")
        resized = [resize_photo(content, size) for content in contents[:20]]
        stages[f"{size[0]}x{size[1]}"] = time_stages(classifier, resized, REPEATS[size])
    say("engines")
    engines, usual = compare_engines(run, contents)
    say("training")
    return {
        "machine": describe_machine(),
        "run": {"name": run.name, "sha256": run.sha256, "size": run.input_size, "engine": classifier.engine},
        "photos": "dermoscopy photographs" if data else "synthetic examples",
        "stages_ms": stages,
        "engines": engines,
        "naive_ms": usual,
        **alone,
        "training_images_per_s": measure_training_rate(run.input_size),
        "ratios": compute_ratios(stages, engines, usual, alone),
    }


def compute_ratios(stages: dict, engines: dict, usual: dict, alone: dict) -> dict[str, float]:
    """What BARS judges, from the parts of a report."""
    from melanoma.training.onnx_export import PROBABILITY_TOLERANCE  # TensorFlow: for who measures, not for who prints

    small, large = stages["600x450"], stages["4000x3000"]
    far = {n: e["probability_difference"] for n, e in engines.items()}
    kept = {n: e for n, e in engines.items() if far[n] is not None and far[n] <= PROBABILITY_TOLERANCE}
    fastest = min(e["p50"] for e in kept.values())
    floor = small["read"]["p50"] + fastest
    served = engines[SERVED]["p50"]
    server, tab = alone["server"], alone["training_tab"]
    in_browser = {} if tab is None else {"training_tab_worst_s": tab["worst_s"]}
    if server is not None:
        in_browser["page_after_hello_s"] = server["first_page_s"] - server["hello_page_s"]
        in_browser["server_first_answer_s"] = server["first_answer_s"]
    heavy = len(alone["cold"]["heavy_modules"]) + bool(server and server["tensorflow_loaded"])
    return {
        "against_naive": small["total"]["p50"] / usual["p50"],
        "over_floor_p50": small["total"]["p50"] / floor,
        "over_floor_p95": small["total"]["p95"] / floor,
        "over_floor_12_megapixels": large["total"]["p50"] / floor,
        "serving_over_fastest_engine": served / fastest,
        "cost_over_lite0_224": served / engines[UNIT]["p50"],
        "score_over_batch": alone["score"]["photos_per_s"] / max(alone["batch"].values()),
        "first_answer_s": alone["cold"]["process_s"],
        "heavy_modules": heavy,
        **in_browser,
        "memory_growth_mb": alone["memory"]["after_mb"] - alone["memory"]["rest_mb"],
        "ten_people_p95_s": alone["people"]["p95_s"],
    }


def time_stages(classifier: Classifier, contents: list[bytes], repeats: int) -> dict[str, dict]:
    """Stage -> p50 and p95 in ms of reading, checking, cropping, forward pass with maps, drawing; and in all."""
    taken: dict[str, list[float]] = {}

    def clock(stage: str, function, *arguments, **options):
        start = time.perf_counter()
        result = function(*arguments, **options)
        taken.setdefault(stage, []).append(time.perf_counter() - start)
        return result

    def draw(photo, prediction) -> str:
        maps = read_heatmaps(prediction)
        return overlay(photo.pixels, maps[prediction.top], scale_peak=find_scale_peak(maps)).to_json()

    def whole(content: bytes) -> str:
        photo = read_photo(content, ENOUGH)
        return draw(photo, classifier.predict(photo))

    for i in range(repeats + 3):
        content = contents[i % len(contents)]
        photo = clock("read", read_photo, content, ENOUGH)
        clock("checks", assess, photo.pixels, unchecked=photo.is_unchecked)
        crop = clock("preprocess", network_input, photo.pixels, classifier.run.input_size)
        clock("forward and maps", classifier.network.forward, crop[np.newaxis])
        clock("draw", draw, photo, classifier.predict(photo))
        clock("total", whole, content)
    return {stage: summarise_times(times[3:]) for stage, times in taken.items()}


def compare_engines(run: Run, contents: list[bytes], rounds: int = 40) -> tuple[dict, dict]:
    """Each engine's forward pass in ms with its distance from Keras, taken in turns; and the usual app."""
    import keras

    stored = keras.saving.load_model(run.network_path, compile=False)
    network = keras.Model(stored.input, stored.outputs[0])  # the diagnoses alone, without the kind of photo
    crops = [network_input(read_photo(c).pixels, run.input_size)[np.newaxis].astype(np.float32) for c in contents[:20]]
    engines = open_engines(network, run.folder / ONNX)
    reference = engines["TensorFlow tf.function"]
    far = {name: measure_difference(f, reference, crops) for name, f in engines.items() if name != UNIT}
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for i in range(rounds):
        for name, forward in engines.items():
            # Twice, timing the second: what ran before leaves its weights in the caches, and its threads spinning.
            forward(crops[i % len(crops)])
            start = time.perf_counter()
            forward(crops[i % len(crops)])
            taken[name].append(time.perf_counter() - start)
    answer = open_usual_app(network, run.input_size)
    answer(contents[0])
    usual = []
    for content in contents[:12]:
        start = time.perf_counter()
        answer(content)
        usual.append(time.perf_counter() - start)
    times = {name: summarise_times(seconds) for name, seconds in taken.items()}
    return {n: t | {"probability_difference": far.get(n)} for n, t in times.items()}, summarise_times(usual)


def measure_in_process(what: str, run_folder: Path, photos: Path) -> dict:
    """One measurement of `melanoma.bench.process`; `process_s` is how long its whole process took."""
    command = [sys.executable, "-m", "melanoma.bench.process", what, str(run_folder), str(photos)]
    root = Path(__file__).resolve().parents[2]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    took = time.perf_counter() - start
    result = json.loads(done.stdout.splitlines()[-1])
    return result | {"process_s": took} if what == "cold" else result


def write_photos(data: Path | None, folder: Path, count: int = 100) -> list[Path]:
    """`count` JPEGs of 600 x 450 in `folder`: real ones of `data`, else synthetic examples."""
    found = sorted((data / "ham10000_600x450").glob("*.jpg"))[:count] if data else []
    for i in range(len(found) or 20):
        content = found[i].read_bytes() if found else resize_photo(example_bytes(seed=i), SIZES[0])
        (folder / f"{i:03}.jpg").write_bytes(content)
    return sorted(folder.glob("*.jpg"))


def resize_photo(content: bytes, size: tuple[int, int]) -> bytes:
    """The photo as a JPEG of `size`; as it is when it has that size."""
    image = Image.open(BytesIO(content))
    if image.size == size and image.format == "JPEG":
        return content
    file = BytesIO()
    image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def summarise_times(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    return {"p50": 1e3 * float(np.median(seconds)), "p95": 1e3 * float(np.percentile(seconds, 95))}


def describe_machine() -> dict:
    """What the absolute times were measured on."""
    from importlib import metadata

    packages = ("ai-edge-litert", "tensorflow", "keras", "pillow", "openvino", "onnxruntime", "tf-keras-vis")
    known = {d.metadata["Name"].lower(): d.version for d in metadata.distributions()}
    return {
        "processor": name_processor(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: known[name] for name in packages if name in known},
    }


def name_processor() -> str:
    """The processor's name where the system tells."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
