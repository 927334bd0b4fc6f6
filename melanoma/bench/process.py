"""Measurements that need a process of their own: what is loaded and held there is part of the figure.

`python -m melanoma.bench.process WHAT RUN_FOLDER PHOTO_FOLDER` prints one JSON object; `melanoma.bench.report` asks.
`memory` takes a number of analyses as one more word.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

PEOPLE, PERIOD, ROUNDS = 10, 10.0, 3  # each person analyses a photo every PERIOD seconds, ROUNDS times
ANALYSES = 1000
HEAVY = ("tensorflow", "keras", "tf_keras_vis")


def open_analysis(run_folder: Path) -> Callable[[bytes], str]:
    """What the app does with a photo: bytes -> prediction, nine maps, and the drawn overlay as JSON."""
    from melanoma.charts.heatmaps import overlay
    from melanoma.explain import find_scale_peak, read_heatmaps
    from melanoma.photo import ENOUGH, read_photo
    from melanoma.run import open_run
    from melanoma.serving import Classifier

    classifier = Classifier.open(open_run(run_folder))

    def analyse(content: bytes) -> str:
        photo = read_photo(content, ENOUGH)
        prediction = classifier.predict(photo)
        maps = read_heatmaps(prediction)
        peak = find_scale_peak(maps)
        return overlay(photo.pixels, maps[prediction.top], scale_peak=peak).to_json() if maps else ""

    return analyse


def measure_cold_start(run_folder: Path, photos: list[Path]) -> dict:
    """Seconds from here to the first answer, imports and loading included."""
    start = time.perf_counter()
    analyse = open_analysis(run_folder)
    ready = time.perf_counter()
    analyse(photos[0].read_bytes())
    return {
        "import_and_load_s": ready - start,
        "first_answer_s": time.perf_counter() - start,
        "heavy_modules": [name for name in HEAVY if name in sys.modules],
    }


def measure_memory(run_folder: Path, photos: list[Path], analyses: int = ANALYSES) -> dict:
    """Resident megabytes at rest, at most, after so many analyses, and after each quarter of them."""
    import psutil

    process = psutil.Process()

    def resident() -> float:
        return process.memory_info().rss / 2**20

    analyse = open_analysis(run_folder)
    contents = [path.read_bytes() for path in photos]
    for content in islice(cycle(contents), 50):  # what is loaded by use, and the allocator's first growth
        analyse(content)
    rest = peak = resident()
    quarters = []
    for number, content in enumerate(islice(cycle(contents), analyses), 1):
        analyse(content)
        peak = max(peak, resident())
        if number % max(analyses // 4, 1) == 0:
            quarters.append(round(resident(), 1))
    return {"rest_mb": rest, "peak_mb": peak, "after_mb": resident(), "quarters_mb": quarters, "analyses": analyses}


def measure_scoring(run_folder: Path, photos: list[Path]) -> dict:
    """Photos a second of `score`, files to rows, over ANALYSES photos."""
    from melanoma.run import open_run
    from melanoma.serving import Classifier
    from melanoma.serving.rows import score_photos

    classifier = Classifier.open(open_run(run_folder), many=True)
    paths = list(islice(cycle(photos), ANALYSES))
    list(score_photos(classifier, photos[:20]))
    start = time.perf_counter()
    rows = sum(1 for _ in score_photos(classifier, paths))
    return {"photos": rows, "photos_per_s": rows / (time.perf_counter() - start)}


def measure_batches(run_folder: Path, photos: list[Path]) -> dict:
    """Forward passes a second of the serving engine alone, on crops that are ready; callers as in scoring too."""
    from concurrent.futures import ThreadPoolExecutor

    from melanoma.photo import network_input, read_photo
    from melanoma.run import open_run
    from melanoma.serving.classifier import open_local_engine

    run = open_run(run_folder)
    crops = [network_input(read_photo(p.read_bytes()).pixels, run.input_size)[None] for p in photos[:32]]
    rates = {}
    for callers, many in ((1, False), (2, False), (2, True)):
        engine = open_local_engine(run, many=many)
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(engine.forward, crops))
            start = time.perf_counter()
            passes = sum(1 for _ in pool.map(engine.forward, islice(cycle(crops), 512)))
            rates[f"{engine.name}, callers {callers}{', a thread each' * many}"] = passes / (
                time.perf_counter() - start
            )
    return rates


def measure_people(run_folder: Path, photos: list[Path]) -> dict:
    """Seconds that each of PEOPLE people waits for an analysis, all using one process."""
    analyse = open_analysis(run_folder)
    analyse(photos[0].read_bytes())
    waits: list[float] = []

    def person(number: int) -> None:
        chance = random.Random(number)
        time.sleep(chance.uniform(0, PERIOD))
        for _ in range(ROUNDS):
            content = chance.choice(photos).read_bytes()
            start = time.perf_counter()
            analyse(content)
            waits.append(time.perf_counter() - start)
            time.sleep(max(0.0, PERIOD - waits[-1]))

    threads = [threading.Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits.sort()
    return {"people": PEOPLE, "p50_s": waits[len(waits) // 2], "p95_s": waits[int(0.95 * (len(waits) - 1))]}


MEASUREMENTS: dict[str, Callable[..., dict]] = {
    "cold": measure_cold_start,
    "memory": measure_memory,
    "score": measure_scoring,
    "batch": measure_batches,
    "people": measure_people,
}

if __name__ == "__main__":
    what, run_argument, photo_argument, *number = sys.argv[1:]
    places = Path(run_argument), sorted(Path(photo_argument).glob("*.jpg"))
    print(json.dumps(MEASUREMENTS[what](*places, *map(int, number))))
