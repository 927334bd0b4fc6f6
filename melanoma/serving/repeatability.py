"""How far the answer to a photo moves when the same photo is turned and re-framed: what is noise, and no change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.diagnoses import index
from melanoma.photo.photos import Photo
from melanoma.photo.preprocessing import centre_square, network_input
from melanoma.serving.classifier import Classifier
from melanoma.serving.prediction import sum_malignant

TURNS = 8  # four quarter turns, each also mirrored
REFRAMED = 0.9  # side of the smaller frames, one in each corner, as a share of the photo's square
VIEWS = TURNS * 5


@dataclass(frozen=True)
class Repeatability:
    """probabilities: (VIEWS, 9) float32, of each view, as the answer is calibrated; the first is the photo itself."""

    probabilities: np.ndarray

    @property
    def malignancy(self) -> tuple[float, float]:
        """Least and largest malignancy probability over the views."""
        values = [sum_malignant(view) for view in self.probabilities]
        return min(values), max(values)

    def range_of(self, code: str) -> tuple[float, float]:
        """Least and largest probability of a diagnosis."""
        values = self.probabilities[:, index(code)]
        return float(values.min()), float(values.max())


def measure_repeatability(classifier: Classifier, photo: Photo, kind: str) -> Repeatability:
    """Answer the views of a photo, read as `kind`. Raises RunError where the network gives no finite answer."""
    frames = [turn(frame) for frame in reframe(photo.pixels, classifier.run.input_size)]
    return Repeatability(np.concatenate([classifier.answer(views, kind) for views in frames]))


def reframe(pixels: np.ndarray, size: int) -> list[np.ndarray]:
    """(H, W, 3) uint8 -> its centre square and four smaller squares of that, each (size, size, 3) uint8."""
    left, top, right, bottom = (round(side) for side in centre_square(pixels.shape[1], pixels.shape[0]))
    square = pixels[top:bottom, left:right]
    side = max(round(REFRAMED * len(square)), 1)
    corners = [square[rows, columns] for rows in _ends(side) for columns in _ends(side)]
    return [network_input(frame, size) for frame in (pixels, *corners)]


def _ends(side: int) -> tuple[slice, slice]:
    """The first and the last `side` places."""
    return slice(None, side), slice(-side, None)


def turn(frame: np.ndarray) -> np.ndarray:
    """(s, s, 3) -> (TURNS, s, s, 3): as it is, turned by quarters, and the same mirrored."""
    return np.stack([np.rot90(one, quarters) for one in (frame, frame[:, ::-1]) for quarters in range(4)])


def do_ranges_part(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two ranges have no value in common."""
    return one[0] > other[1] or other[0] > one[1]
