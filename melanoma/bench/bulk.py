"""What a photo costs in `score`, in processor time, which others on the machine change less than its rate.

`python -m melanoma.bench.bulk RUN_FOLDER PHOTO_FOLDER` prints one JSON object.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma.photo import ENOUGH, network_input, read_photo
from melanoma.photo.damage import find_pixel_damage
from melanoma.photo.fingerprint import SIDE
from melanoma.photo.framing import describe_framing
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.obstructions import measure_strokes
from melanoma.photo.preparation import prepare_photo
from melanoma.photo.preprocessing import network_inputs
from melanoma.photo.quality import CANONICAL, measure_square
from melanoma.photo.skin_tone import measure_skin_tone
from melanoma.run import open_run
from melanoma.serving import Classifier
from melanoma.serving.rows import score_photos

PHOTOS, WARM, ROUNDS = 150, 50, 4  # photos of a round, rows before it is timed, rounds
LARGER = ((1024, 768), (4000, 3000))  # to which photos are enlarged, for the stages alone
REPEATS = 5  # of a stage, of which the fastest counts
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def sum_processor_time() -> float:
    """Seconds of this process and of those that it started and that still run; on Linux."""
    total = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if os.getpid() in (int(file.parent.name), int(fields[1])):
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def measure_stages(classifier: Classifier, contents: list[bytes]) -> dict[str, dict[str, float]]:
    """Milliseconds of each step of a photo, one after the other: median, 2.5 and 97.5 % of the photos."""
    size = classifier.run.input_size
    photos = [read_photo(content, ENOUGH) for content in contents]
    pixels = [photo.pixels for photo in photos]
    squares = [network_input(one, CANONICAL) for one in pixels]
    labs = [convert_to_lab(square) for square in squares]
    prepared = [prepare_photo(photo, size) for photo in photos]
    steps: dict[str, tuple[Callable, list]] = {
        "read": (lambda content: read_photo(content, ENOUGH), contents),
        "crop, square and fingerprint's square": (lambda one: network_inputs(one, size, CANONICAL, SIDE), pixels),
        "check: bands, seams, unwritten rows": (find_pixel_damage, pixels),
        "check: light, sharpness, colours": (lambda square: measure_square(square, CANONICAL), squares),
        "check: conversion to Lab": (convert_to_lab, squares),
        "check: ink, hair": (measure_strokes, labs),
        "check: frame": (describe_framing, labs),
        "check: skin tone": (measure_skin_tone, labs),
        "crop, squares, all checks and fingerprint": (lambda photo: prepare_photo(photo, size), photos),
        "network": (classifier.network.forward, [one.crop[np.newaxis] for one in prepared]),
        "network and answer": (classifier.predict_prepared, prepared),
    }
    return {name: summarise([fastest(step, one) for one in inputs]) for name, (step, inputs) in steps.items()}


def enlarge(content: bytes, width: int, height: int) -> bytes:
    """The same photo as a JPEG of another size, as cameras write it."""
    file = io.BytesIO()
    image = Image.fromarray(read_photo(content).pixels).resize((width, height), Image.Resampling.BICUBIC)
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def fastest(step: Callable, argument: object) -> float:
    """Milliseconds of processor time of the fastest of REPEATS."""
    times = []
    for _ in range(REPEATS):
        start = time.thread_time()
        step(argument)
        times.append(time.thread_time() - start)
    return 1e3 * min(times)


def measure_round(classifier: Classifier, paths: list[Path]) -> dict[str, float]:
    """A pass through the network, by as many callers as cores, and a row of `score`.

    pass_ms, row_ms: of processor time; passes_a_second, rows_a_second: by the clock, on a machine with nothing else to
    do.
    """
    size = classifier.run.input_size
    crops = [network_input(read_photo(path.read_bytes()).pixels, size)[np.newaxis] for path in paths[:32]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(classifier.network.forward, crops))
        start, since = sum_processor_time(), time.perf_counter()
        list(pool.map(classifier.network.forward, islice(cycle(crops), PHOTOS)))
        passes, passing = sum_processor_time() - start, time.perf_counter() - since
    rows = score_photos(classifier, list(islice(cycle(paths), WARM + PHOTOS + 60)))
    take(rows, WARM)
    start, since = sum_processor_time(), time.perf_counter()
    take(rows, PHOTOS)
    scored, scoring = sum_processor_time() - start, time.perf_counter() - since
    return {
        "pass_ms": 1e3 * passes / PHOTOS,
        "row_ms": 1e3 * scored / PHOTOS,
        "pass_over_row": passes / scored,
        "passes_a_second": PHOTOS / passing,
        "rows_a_second": PHOTOS / scoring,
        "rows_over_passes_by_the_clock": passing / scoring,
    }


def take(rows: Iterable, count: int) -> None:
    """Use up so many rows."""
    for _ in islice(rows, count):
        pass


def summarise(values: list[float]) -> dict[str, float]:
    """Median, 2.5 and 97.5 %."""
    median, low, high = np.quantile(values, [0.5, 0.025, 0.975])
    return {"median": float(median), "low": float(low), "high": float(high)}


def main() -> None:
    """Print what a photo costs."""
    run_folder, folder = map(Path, sys.argv[1:])
    classifier = Classifier.open(open_run(run_folder), many=True)
    paths = sorted(folder.glob("*.jpg"))[:PHOTOS]
    rounds = [measure_round(classifier, paths) for _ in range(ROUNDS)]
    found: dict[str, object] = {name: summarise([one[name] for one in rounds]) for name in rounds[0]}
    found["photos_a_core_hour"] = 3.6e6 / float(np.median([one["row_ms"] for one in rounds]))
    contents = [path.read_bytes() for path in paths[:25]]
    stages = {"as they are": measure_stages(classifier, contents)}
    for width, height in LARGER:
        larger = [enlarge(content, width, height) for content in contents]
        stages[f"{width} x {height}"] = measure_stages(classifier, larger)
    print(json.dumps({"photos": len(paths)} | found | {"stages_ms": stages}, indent=1))


if __name__ == "__main__":
    main()
