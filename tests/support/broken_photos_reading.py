"""What becomes of a broken file: refused, or answered, and whether a person would see that it is broken."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from functools import cache

import numpy as np
from broken_photos import Input, make_input

from melanoma.photo import GOOD, Photo, PhotoError, assess, read_photo
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving.classifier import Classifier

VISIBLE = 24  # of 255: mean over the channels, from which a pixel is seen to be wrong
VISIBLE_SHARE = 0.01  # of the pixels

REFUSED, TRACEBACK, CRASH, TIMEOUT = "refused", "traceback", "crash", "timeout"


@dataclass(frozen=True)
class Outcome:
    """What one input gave.

    answer: REFUSED, TRACEBACK, CRASH, TIMEOUT or the quality; visible: whether its picture is visibly another than
    the whole file's, and then the quality is that of the answer, on the page; decision: of a visibly broken photo whose
    pixels alone look good, else empty; peak_mb: of the process so far.
    """

    number: int
    format: str
    kind: str
    answer: str
    visible: bool = False
    decision: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0


def read_input(number: int) -> Outcome:
    """Make the input of a number, read it as the app does, and say what came of it."""
    made = make_input(number)
    start = time.perf_counter()
    try:
        photo = read_photo(made.data)
        answer = assess(photo.pixels, unchecked=photo.is_unchecked).quality
    except PhotoError:
        return Outcome(number, made.format, made.kind, REFUSED, seconds=time.perf_counter() - start, peak_mb=peak())
    except Exception as error:
        print(f"{number}: {error!r}", file=sys.stderr)
        return Outcome(number, made.format, made.kind, TRACEBACK)
    seconds = time.perf_counter() - start
    visible = is_visibly_broken(made, photo)
    decision = ""
    if visible and answer == GOOD:  # the network may still doubt that it is a photo of a lesion
        prediction = open_classifier().predict(photo)
        answer, decision = prediction.assessment.quality, prediction.decision
    return Outcome(number, made.format, made.kind, answer, visible, decision, seconds, peak())


def is_visibly_broken(made: Input, photo: Photo) -> bool:
    """Whether more than VISIBLE_SHARE of a photo differs from the whole one, or it has another size."""
    whole = read_whole(made.format, made.whole)
    if photo.pixels.shape != whole.shape:
        return True
    difference = np.abs(photo.pixels.astype(int) - whole).mean(axis=2)
    return bool((difference > VISIBLE).mean() > VISIBLE_SHARE)


@cache
def read_whole(format_: str, whole: bytes) -> np.ndarray:
    """Pixels of a whole file. The format makes the cache's key readable."""
    return read_photo(whole).pixels


@cache
def open_classifier() -> Classifier:
    """The run that the app opens with."""
    return Classifier.open(find_run(DEFAULT_RUN))


def peak() -> float:
    """Largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
