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
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma.bench import engines as bench_engines
from melanoma.bench import page as bench_page
from melanoma.bench import server as bench_server
from melanoma.bench.engines import UNIT
from melanoma.charts.heatmaps import overlay
from melanoma.explain.heatmaps import heatmaps
from melanoma.photo.photos import ENOUGH, read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.quality import assess
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs
from melanoma.serving.classifier import Classifier
from melanoma.training.export import PROBABILITY_TOLERANCE

SIZES = ((600, 450), (1024, 768), (4000, 3000))
REPEATS = {(600, 450): 60, (1024, 768): 40, (4000, 3000): 15}

# Ratio -> (bar, whether a smaller value is better, what it is).
BARS = {
    "against_naive": (1 / 20, True, "photo to probabilities, nine maps and overlay over Keras predict + tf-keras-vis"),
    "over_floor_p50": (1.6, True, "the same over decoding + fastest forward pass, median"),
    "over_floor_p95": (2.2, True, "the same, 95th percentile over that median"),
    "over_floor_12_megapixels": (4, True, "the same from a 12-megapixel JPEG, median over that median"),
    "serving_over_fastest_engine": (1.1, True, "forward pass served over the fastest that keeps probabilities"),
    "cost_over_lite0_224": (2.0, True, "forward pass with nine maps over one of EfficientNet-Lite0 at 224 px"),
    "score_over_batch": (0.9, False, "throughput of score over forward passes alone"),
    "first_answer_s": (2.0, True, "seconds from a fresh process to the first answer"),
    "page_after_hello_s": (2.0, True, "seconds that the server's first page comes after that of streamlit hello"),
    "server_first_answer_s": (2.0, True, "seconds from starting the server to the first answer in the browser"),
    "heavy_modules": (0, True, "of TensorFlow, Keras and tf-keras-vis loaded until then"),
    "memory_growth_mb": (50, True, "megabytes grown over 1,000 analyses"),
    "training_tab_worst_s": (
        1.0,
        True,
        "seconds from the worst click to thirty runs of 200 epochs drawn anew",
    ),
    "ten_people_p95_s": (1.0, True, "seconds that one of ten people waits, 95th percentile"),
}


def bench(run: runs.Run, data: Path | None = None, *, say: Callable[[str], None] = lambda line: None) -> dict:
    """Measure everything on `run`, which must have its light engine, with photos of `data` or drawn specimens.

    Returns machine facts, absolute figures and, as `ratios`, what BARS judges. Takes some minutes.
    Raises RunError for a run without export.
    """
    exported = run.folder / runs.EXPORTED
    if not exported.exists():
        raise runs.RunError(f"{run.name} has no light engine to measure: run `export` first.")
    with tempfile.TemporaryDirectory() as folder:
        photos = small_photos(data, Path(folder))
        contents = [path.read_bytes() for path in photos]
        alone = {}
        for what in ("cold", "memory", "score", "batch", "people"):
            say(f"in a process of its own: {what}")
            alone[what] = in_process(what, run.folder, Path(folder))
        say("the real server, in Chromium")
        alone["server"] = bench_server.server(run.folder.parent, photos[0])
        say(f"the training tab with {bench_page.RUNS} runs of {bench_page.EPOCHS} epochs")
        alone["training_tab"] = bench_page.training_tab()
    classifier = Classifier.open(run)
    measured = {}
    for size in SIZES:
        say(f"stages at {size[0]} x {size[1]}")
        measured[f"{size[0]}x{size[1]}"] = stages(classifier, [at_size(c, size) for c in contents[:20]], REPEATS[size])
    say("engines")
    engines, baseline = compared_engines(run, contents)
    say("training")
    return {
        "machine": machine(),
        "run": {"name": run.name, "sha256": run.sha256, "size": run.input_size, "engine": classifier.engine},
        "photos": "dermoscopy photographs" if data else "drawn specimens",
        "stages_ms": measured,
        "engines": engines,
        "naive_ms": baseline,
        **alone,
        "training_images_per_s": bench_engines.training_rate(run.input_size),
        "ratios": ratios(measured, engines, baseline, alone),
    }


def ratios(measured: dict, engines: dict, baseline: dict, alone: dict) -> dict[str, float]:
    """What BARS judges, from the parts of a report."""
    small, large = measured["600x450"], measured["4000x3000"]
    far = {n: e["probability_difference"] for n, e in engines.items()}
    kept = {n: e for n, e in engines.items() if far[n] is not None and far[n] <= PROBABILITY_TOLERANCE}
    fastest = min(e["p50"] for e in kept.values())
    floor = small["read"]["p50"] + fastest
    served = engines[bench_engines.SERVED]["p50"]
    server, tab = alone["server"], alone["training_tab"]
    in_browser = {} if tab is None else {"training_tab_worst_s": tab["worst_s"]}
    if server is not None:
        in_browser["page_after_hello_s"] = server["first_page_s"] - server["hello_page_s"]
        in_browser["server_first_answer_s"] = server["first_answer_s"]
    heavy = len(alone["cold"]["heavy_modules"]) + bool(server and server["tensorflow_loaded"])
    return {
        "against_naive": small["total"]["p50"] / baseline["p50"],
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


def holds(name: str, value: float) -> bool:
    """Whether a ratio keeps its bar."""
    bar, smaller, _ = BARS[name]
    return value <= bar if smaller else value >= bar


def stages(classifier: Classifier, contents: list[bytes], repeats: int) -> dict[str, dict]:
    """Stage -> p50 and p95 in ms of reading, checking, cropping, forward pass with maps, drawing; and in all."""
    taken: dict[str, list[float]] = {}

    def clocked(stage: str, function, *arguments, **options):
        start = time.perf_counter()
        result = function(*arguments, **options)
        taken.setdefault(stage, []).append(time.perf_counter() - start)
        return result

    def draw(photo, prediction) -> str:
        maps = heatmaps(prediction)
        strongest = max(heatmap.peak for heatmap in maps.values())
        return overlay(photo.pixels, maps[prediction.top], scale_peak=strongest).to_json()

    def whole(content: bytes) -> str:
        photo = read_photo(content, ENOUGH)
        return draw(photo, classifier.predict(photo))

    for i in range(repeats + 3):
        content = contents[i % len(contents)]
        photo = clocked("read", read_photo, content, ENOUGH)
        clocked("checks", assess, photo.pixels)
        crop = clocked("preprocess", network_input, photo.pixels, classifier.run.input_size)
        clocked("forward and maps", classifier.network.forward, crop[np.newaxis])
        clocked("draw", draw, photo, classifier.predict(photo))
        clocked("total", whole, content)
    return {stage: percentiles(times[3:]) for stage, times in taken.items()}


def compared_engines(run: runs.Run, contents: list[bytes], rounds: int = 40) -> tuple[dict, dict]:
    """Each engine's forward pass in ms with its distance from Keras, taken in turns; and the naive baseline."""
    import keras

    network = keras.saving.load_model(run.network_path, compile=False)
    crops = [network_input(read_photo(c).pixels, run.input_size)[np.newaxis].astype(np.float32) for c in contents[:20]]
    found = bench_engines.candidates(network, run.folder / runs.EXPORTED)
    reference = found["TensorFlow tf.function"]
    far = {name: bench_engines.probability_difference(f, reference, crops) for name, f in found.items() if name != UNIT}
    taken: dict[str, list[float]] = {name: [] for name in found}
    for i in range(rounds):
        for name, forward in found.items():
            # Twice, timing the second: what ran before leaves its weights in the caches, and its threads spinning.
            forward(crops[i % len(crops)])
            start = time.perf_counter()
            forward(crops[i % len(crops)])
            taken[name].append(time.perf_counter() - start)
    answer = bench_engines.naive(network, run.input_size)
    answer(contents[0])
    baseline = []
    for content in contents[:12]:
        start = time.perf_counter()
        answer(content)
        baseline.append(time.perf_counter() - start)
    engines = {n: percentiles(times) | {"probability_difference": far.get(n)} for n, times in taken.items()}
    return engines, percentiles(baseline)


def in_process(what: str, run_folder: Path, photos: Path) -> dict:
    """One measurement of `melanoma.bench.process`; `process_s` is how long its whole process took."""
    command = [sys.executable, "-m", "melanoma.bench.process", what, str(run_folder), str(photos)]
    root = Path(__file__).resolve().parents[2]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    took = time.perf_counter() - start
    result = json.loads(done.stdout.splitlines()[-1])
    return result | {"process_s": took} if what == "cold" else result


def small_photos(data: Path | None, folder: Path, count: int = 100) -> list[Path]:
    """`count` JPEGs of 600 x 450 in `folder`: real ones of `data`, else drawn."""
    found = sorted((data / "ham10000_600x450").glob("*.jpg"))[:count] if data else []
    for i in range(len(found) or 20):
        content = found[i].read_bytes() if found else at_size(example_bytes(seed=i), SIZES[0])
        (folder / f"{i:03}.jpg").write_bytes(content)
    return sorted(folder.glob("*.jpg"))


def at_size(content: bytes, size: tuple[int, int]) -> bytes:
    """The photo as a JPEG of `size`; as it is when it has that size."""
    image = Image.open(BytesIO(content))
    if image.size == size and image.format == "JPEG":
        return content
    file = BytesIO()
    image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    return {"p50": 1e3 * float(np.median(seconds)), "p95": 1e3 * float(np.percentile(seconds, 95))}


def machine() -> dict:
    """What the absolute times were measured on."""
    from importlib import metadata

    packages = ("ai-edge-litert", "tensorflow", "keras", "pillow", "openvino", "onnxruntime", "tf-keras-vis")
    known = {d.metadata["Name"].lower(): d.version for d in metadata.distributions()}
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: known[name] for name in packages if name in known},
    }


def processor() -> str:
    """The processor's name where the system tells."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
