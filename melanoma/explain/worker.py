"""The process that draws heatmaps for `drawing`: TensorFlow is loaded here, and in no other process of the app.

A crop comes in by its standard input, maps leave by its output. It is a plain child, as that of `photo.worker` is.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import numpy as np

from melanoma.explain.heatmaps import Contrast, Heatmap
from melanoma.explain.methods import Method
from melanoma.photo.worker import receive, send
from melanoma.run import Run, RunError

if TYPE_CHECKING:
    from melanoma.explain.explainer import Explainer

What = Literal["open", "heatmap", "heatmaps", "contrast"]
EXPLAINERS = 2  # networks that stay open


@dataclass(frozen=True)
class Job:
    """What to draw of the crop that follows, (side, side, 3) uint8, as the run in `folder` sees it.

    sha256: the run's `answer_sha256`; with another one the network is opened anew.
    """

    folder: str
    sha256: str
    what: What
    side: int
    diagnosis: str = ""
    against: str = ""
    method: Method = Method.GRADCAM


@dataclass(frozen=True)
class Drawing:
    """A Heatmap or, where it is `against` another diagnosis, a Contrast: all but its values, (height, width)."""

    height: int
    width: int
    diagnosis: str
    layer: str
    method: Method = Method.GRADCAM
    against: str = ""


@dataclass(frozen=True)
class Answer:
    """Drawings, whose values follow as float32, one after the other; or why there is none."""

    drawings: tuple[Drawing, ...] = ()
    error: str = ""


@lru_cache(EXPLAINERS)
def open_explainer(folder: str, sha256: str) -> Explainer:
    """Of a run whose files have this hash. Raises RunError."""
    from melanoma.explain.explainer import Explainer

    return Explainer.open(Run(Path(folder)))


def draw(job: Job, pixels: np.ndarray) -> list[Heatmap] | list[Contrast]:
    """What the job asks for. Raises RunError."""
    explainer = open_explainer(job.folder, job.sha256)
    if job.what == "open":
        explainer.trace()
        return []
    if job.what == "contrast":
        return [explainer.make_contrast(pixels, job.diagnosis, job.against)]
    if job.what == "heatmaps":
        return list(explainer.make_heatmaps(pixels, job.method).values())
    return [explainer.make_heatmap(pixels, job.diagnosis, job.method)]


def describe(drawn: Heatmap | Contrast) -> Drawing:
    """All but its values."""
    height, width = drawn.values.shape
    if isinstance(drawn, Contrast):
        return Drawing(height, width, drawn.diagnosis, drawn.layer, against=drawn.against)
    return Drawing(height, width, drawn.diagnosis, drawn.layer, drawn.method)


def answer_jobs(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Draw one after another until nobody asks any more."""
    while True:
        try:
            job, content = receive(jobs, Job)
        except EOFError:
            return
        pixels = np.frombuffer(content, np.uint8).reshape(job.side, job.side, 3)
        try:
            drawn = draw(job, pixels)
        except RunError as error:
            send(answers, Answer(error=str(error)))
        else:
            values = b"".join(np.ascontiguousarray(one.values, np.float32).tobytes() for one in drawn)
            send(answers, Answer(tuple(map(describe, drawn))), values)


def main() -> None:
    """Answer jobs; what TensorFlow prints is lost."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the photo
    answer_jobs(sys.stdin.buffer, answers)
