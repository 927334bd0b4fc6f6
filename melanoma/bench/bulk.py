"""What a photo costs in `score`, in processor time, which others on the machine change less than its rate.

`python -m melanoma.bench.bulk RUN_FOLDER PHOTO_FOLDER` prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from melanoma.photo import ENOUGH, assess, network_input, read_photo
from melanoma.photo.fingerprint import fingerprint_photo
from melanoma.run import open_run
from melanoma.serving import Classifier
from melanoma.serving.rows import score_photos

PHOTOS, WARM, ROUNDS = 150, 50, 4  # photos of a round, rows before it is timed, rounds
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
    photos = [read_photo(content, ENOUGH).pixels for content in contents]
    size = classifier.run.input_size
    crops = [network_input(pixels, size)[np.newaxis] for pixels in photos]
    steps: dict[str, tuple[Callable, list]] = {
        "read": (lambda content: read_photo(content, ENOUGH), contents),
        "checks": (assess, photos),
        "crop": (lambda pixels: network_input(pixels, size), photos),
        "fingerprint": (fingerprint_photo, photos),
        "network": (classifier.network.forward, crops),
    }
    return {name: summarise([fastest(step, one) for one in inputs]) for name, (step, inputs) in steps.items()}


def fastest(step: Callable, argument: object) -> float:
    """Milliseconds of processor time of the fastest of REPEATS."""
    times = []
    for _ in range(REPEATS):
        start = time.thread_time()
        step(argument)
        times.append(time.thread_time() - start)
    return 1e3 * min(times)


def measure_round(classifier: Classifier, paths: list[Path]) -> tuple[float, float]:
    """Processor time of a pass through the network, by two callers, and of a row of `score`; milliseconds."""
    size = classifier.run.input_size
    crops = [network_input(read_photo(path.read_bytes()).pixels, size)[np.newaxis] for path in paths[:32]]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(classifier.network.forward, crops))
        start = sum_processor_time()
        list(pool.map(classifier.network.forward, islice(cycle(crops), PHOTOS)))
        passes = sum_processor_time() - start
    rows = score_photos(classifier, list(islice(cycle(paths), WARM + PHOTOS + 60)))
    take(rows, WARM)
    start = sum_processor_time()
    take(rows, PHOTOS)
    return 1e3 * passes / PHOTOS, 1e3 * (sum_processor_time() - start) / PHOTOS


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
    rounds = np.array([measure_round(classifier, paths) for _ in range(ROUNDS)])
    found = {
        "photos": len(paths),
        "stages_ms": measure_stages(classifier, [path.read_bytes() for path in paths[:25]]),
        "pass_ms": summarise(rounds[:, 0].tolist()),
        "row_ms": summarise(rounds[:, 1].tolist()),
        "pass_over_row": summarise((rounds[:, 0] / rounds[:, 1]).tolist()),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
