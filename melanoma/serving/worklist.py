"""Many photos -> one CSV row each, in order, as they are answered. One bad file never stops the rest."""

from __future__ import annotations

import csv
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

from melanoma.diagnoses import CODES
from melanoma.photo.photos import ENOUGH, PhotoError, read_photo
from melanoma.run import RunError
from melanoma.serving.classifier import Classifier
from melanoma.serving.prediction import Prediction

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif")
COLUMNS = (
    "file",
    "sha256",
    "status",
    "message",
    "quality",
    "diagnosis",
    *(f"p_{code}" for code in CODES),
    "malignant",
    "decision",
    "run",
)
WORKERS = 3  # photos in work at once: while one is in the network, the others are read and decoded
AHEAD = 8  # answered rows that may wait for an earlier one, a worker


def find_photos(files_and_folders: Iterable[Path], *, recursive: bool = False) -> list[Path]:
    """Files as given; a folder stands for the photos in it, by suffix, sorted by name.

    With `recursive`, also for those in its subfolders. Files are not looked into, nor need they exist.
    """
    paths: list[Path] = []
    for path in files_and_folders:
        if path.is_dir():
            inside = path.rglob("*") if recursive else path.iterdir()
            paths += sorted(p for p in inside if p.suffix.lower() in SUFFIXES and p.is_file())
        else:
            paths.append(path)
    return paths


def score_photos(
    classifier: Classifier, paths: Iterable[Path], *, operating_point: str | None = None, workers: int = WORKERS
) -> Iterator[dict[str, str]]:
    """A row of COLUMNS for each path, in the order of the paths, each as soon as it and those before are done.

    Raises RunError for an unknown operating point, before anything is read.
    """
    classifier.operating_point(operating_point)
    return _in_order(classifier, paths, operating_point, workers)


def _in_order(
    classifier: Classifier, paths: Iterable[Path], operating_point: str | None, workers: int
) -> Iterator[dict[str, str]]:
    waiting: deque[Future] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="score") as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(score_photo, classifier, path, operating_point))
                if len(waiting) >= workers * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def score_photo(classifier: Classifier, path: Path, operating_point: str | None = None) -> dict[str, str]:
    """The row of one file; a file that cannot be used gives a row that says why."""
    start = dict.fromkeys(COLUMNS, "") | {"file": str(path)}
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return start | {"status": "error", "message": f"The file cannot be read: {error.strerror}."}
    try:
        photo = read_photo(content, ENOUGH)
    except PhotoError as error:
        digest = hashlib.sha256(content).hexdigest()
        return start | {"sha256": digest, "status": "error", "message": str(error)}
    start |= {"sha256": photo.sha256}
    try:
        return start | {"status": "ok"} | prediction_columns(classifier.predict(photo, operating_point))
    except RunError as error:
        return start | {"status": "error", "message": str(error)}


def prediction_columns(prediction: Prediction) -> dict[str, str]:
    """The columns that a prediction fills; probabilities with six decimals.

    `message` says why a photo is referred whose score alone would not refer it.
    """
    probabilities = zip(CODES, prediction.probabilities, strict=True)
    return {
        "message": " ".join(prediction.assessment.reasons) if prediction.referred_for_quality else "",
        "quality": prediction.assessment.quality,
        "diagnosis": prediction.top,
        **{f"p_{code}": f"{p:.6f}" for code, p in probabilities},
        "malignant": f"{prediction.malignancy:.6f}",
        "decision": prediction.decision,
        "run": prediction.run,
    }


def write_csv(rows: Iterable[dict[str, str]], file: TextIO) -> Iterator[dict[str, str]]:
    """Write each row as it comes, and hand it on; an interrupted folder leaves the rows so far."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in rows:
        writer.writerow(one)
        file.flush()
        yield one
