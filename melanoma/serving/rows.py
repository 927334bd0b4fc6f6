"""Many photos -> one CSV row each, in order, as they are answered. One bad file never stops the rest."""

from __future__ import annotations

import csv
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from melanoma.diagnoses import CODES
from melanoma.photo import ENOUGH, SNIFF, PhotoError, looks_like_photo, read_file
from melanoma.photo.safe_reading import WorkerPool
from melanoma.run import RunError
from melanoma.serving.cells import plain_cell, plain_text
from melanoma.serving.classifier import Classifier
from melanoma.serving.prediction import Prediction
from melanoma.sources import DERMOSCOPIC

# A file in a folder with one of these gets a row, whatever is in it; any other, if its content is a photo's.
SUFFIXES = [
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff"),
    *(".bmp", ".gif", ".heic", ".heif", ".avif", ".dcm"),
]
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
    "kind",
)
WORKERS = (os.cpu_count() or 1) + 1  # photos in work at once: while some are in the network, others are decoded
AHEAD = 8  # answered rows that may wait for an earlier one, a worker


def find_photos(files_and_folders: Iterable[Path], *, recursive: bool = False) -> list[Path]:
    """Files as named; a folder stands for the photos in it, sorted by name.

    With `recursive`, also for those in its subfolders. A file in a folder is a photo by its suffix or by how its
    content begins. Files that are named are not looked into, nor need they exist.
    """
    paths: list[Path] = []
    for path in files_and_folders:
        if path.is_dir():
            inside = path.rglob("*") if recursive else path.iterdir()
            paths += sorted(file for file in inside if _may_be_photo(file))
        else:
            paths.append(path)
    return paths


def find_left_out(folders: Iterable[Path], *, recursive: bool = False) -> list[Path]:
    """What lies in folders beside the photos that `find_photos` finds there, and is itself no folder of photos.

    Folders within are named where their name is a photo's, or with `recursive` not at all.
    """
    inside = (path for folder in folders for path in (folder.rglob("*") if recursive else folder.iterdir()))
    return sorted(
        path for path in inside if not (_may_be_photo(path) or (path.is_dir() and path.suffix.lower() not in SUFFIXES))
    )


def find_unopened(folders: Iterable[Path], *, recursive: bool = False) -> list[Path]:
    """Folders within that `find_photos` does not look into: all, or with `recursive` links and what is closed."""
    inside = (path for folder in folders for path in (folder.rglob("*") if recursive else folder.iterdir()))
    return sorted(path for path in inside if path.is_dir() and not (recursive and _is_opened(path)))


def _is_opened(folder: Path) -> bool:
    """Whether `Path.rglob` looks into a folder."""
    return not folder.is_symlink() and os.access(folder, os.R_OK | os.X_OK)


def _may_be_photo(path: Path) -> bool:
    """Whether a path in a folder is a regular file that is, or claims to be, a photo."""
    if path.name.startswith("._") or not path.is_file():  # what macOS leaves beside each file on other disks
        return False
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return looks_like_photo(file.read(SNIFF))
    except OSError:
        return False


def score_photos(
    classifier: Classifier,
    paths: Iterable[Path],
    *,
    operating_point: str | None = None,
    kind: str | None = None,
    workers: int = WORKERS,
) -> Iterator[dict[str, str]]:
    """A row of COLUMNS for each path, in the order of the paths, each as soon as it and those before are done.

    kind: of all these photos, as the user states it; None: as the network sees each. Raises RunError, before anything
    is read, for an unknown operating point or a kind that the run was not calibrated for.
    """
    classifier.operating_point(operating_point, kind or DERMOSCOPIC)
    job = ScoreJob(classifier, operating_point, kind)
    return (row for row in job.score(map(str, paths), workers) if row is not None)


@dataclass(frozen=True)
class ScoreJob:
    """How photos are scored. read: gives a photo's bytes, by its name; done: which has a row, see `row_key`."""

    classifier: Classifier
    operating_point: str | None = None
    kind: str | None = None
    read: Callable[[str], bytes] = lambda name: read_file(Path(name))
    done: Callable[[tuple[str, str]], bool] = lambda key: False

    def score(self, names: Iterable[str | None], workers: int = WORKERS) -> Iterator[dict[str, str] | None]:
        """A row for each name, in order; None for a photo that has one, and for a None, where no name comes for now."""
        with closing(WorkerPool(workers)) as pool:
            yield from _in_order(lambda name: self.score_file(pool, name), names, workers)

    def score_file(self, pool: WorkerPool, name: str) -> dict[str, str] | None:
        """The row of one file; a file that cannot be used gives a row that says why; None for one that has a row.

        It is decoded, checked and cropped in a process of the pool; this one runs the network alone.
        """
        row = dict.fromkeys(COLUMNS, "") | {"file": plain_cell(name), "status": "error"}
        try:
            content = self.read(name)
        except OSError as error:
            row |= {"message": f"The file cannot be read: {error.strerror or 'check its name or address'}."}
        except PhotoError as error:
            row |= {"message": str(error)}
        else:
            row |= {"sha256": hashlib.sha256(content).hexdigest()}
        if self.done(row_key(row)):
            return None
        return row if row["message"] else row | self._answer(pool, content)

    def _answer(self, pool: WorkerPool, content: bytes) -> dict[str, str]:
        """The columns that the bytes of a photo fill."""
        try:
            photo = pool.prepare(content, ENOUGH, self.classifier.run.input_size)
            prediction = self.classifier.predict_prepared(photo, self.operating_point, self.kind)
        except (PhotoError, RunError) as error:
            return {"message": str(error)}
        return {"status": "ok"} | prediction_columns(prediction)


def _in_order(
    score: Callable[[str], dict[str, str] | None], names: Iterable[str | None], workers: int
) -> Iterator[dict[str, str] | None]:
    waiting: deque[Future] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="score") as pool:
        try:
            for name in names:
                if name is not None:
                    waiting.append(pool.submit(score, name))
                while waiting and (name is None or len(waiting) >= workers * AHEAD):
                    yield waiting.popleft().result()
                if name is None:
                    yield None
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def row_key(row: dict[str, str]) -> tuple[str, str]:
    """What tells rows apart: file, as valid Unicode, and SHA-256, which is empty where it could not be read."""
    return plain_text(row["file"]), row["sha256"]


def prediction_columns(prediction: Prediction) -> dict[str, str]:
    """The columns that a prediction fills; probabilities with six decimals.

    `message` says why a photo is referred whose score alone would not refer it, and on what the answer is hardly
    tested.
    """
    probabilities = zip(CODES, prediction.probabilities, strict=True)
    return {
        "message": " ".join(filter(None, (explain_decision(prediction), *prediction.assessment.cautions))),
        "quality": prediction.assessment.quality,
        "diagnosis": prediction.top,
        **{f"p_{code}": f"{p:.6f}" for code, p in probabilities},
        "malignant": f"{prediction.malignancy:.6f}",
        "decision": prediction.decision,
        "run": prediction.run,
        "kind": prediction.kind_name,
    }


def explain_decision(prediction: Prediction) -> str:
    """Why the decision is not what the score alone would give; empty where it is."""
    if prediction.undecided_for_a_photo:
        return "A photo of the lesion is not routine by itself."
    if prediction.undecided_for_suspicion:
        return " ".join(prediction.assessment.suspicions)
    return " ".join(prediction.assessment.reasons) if prediction.referred_for_quality else ""


def write_csv(rows: Iterable[dict[str, str]], file: TextIO) -> Iterator[dict[str, str]]:
    """Write each row as it comes, and hand it on; an interrupted folder leaves the rows so far."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in rows:
        writer.writerow(one)
        file.flush()
        yield one
