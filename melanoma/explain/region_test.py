"""What an answer becomes when a region of the photo is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from melanoma.photo import Photo, centre_square
from melanoma.photo.occlusion import How, occlude
from melanoma.serving import Classifier, Prediction


@dataclass(frozen=True)
class Region:
    """A box on a photo, each side a share of the photo's width (left, right) or height (top, bottom), 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def in_pixels(self, width: int, height: int) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels of a photo of that size."""
        return self.left * width, self.top * height, self.right * width, self.bottom * height

    @classmethod
    def from_pixels(cls, box: tuple[float, float, float, float], width: int, height: int) -> Region:
        """From any two opposite corners (x, y, x, y) in pixels, cut to the photo."""
        (left, right), (top, bottom) = (
            sorted(min(max(value / length, 0.0), 1.0) for value in sides)
            for sides, length in (((box[0], box[2]), width), ((box[1], box[3]), height))
        )
        return cls(left, top, right, bottom)


@dataclass(frozen=True)
class RegionTest:
    """A photo with a region hidden: pixels (H, W, 3) uint8, and the prediction then.

    reaches_crop: whether the region lies at least in part in what the network sees; if not, nothing can move.
    """

    pixels: np.ndarray
    prediction: Prediction
    reaches_crop: bool


def run_region_test(
    classifier: Classifier,
    photo: Photo,
    region: Region,
    how: How = "filled",
    operating_point: str | None = None,
    kind: str | None = None,
) -> RegionTest:
    """Hide the region and predict again, as a photo of `kind`, which the hidden region must not change.

    Raises ValueError for a region that is empty or all of the photo; RunError.
    """
    height, width = photo.pixels.shape[:2]
    box = region.in_pixels(width, height)
    pixels = occlude(photo.pixels, box, how)
    left, top, right, bottom = centre_square(width, height)
    reaches_crop = box[2] > left and box[0] < right and box[3] > top and box[1] < bottom
    prediction = classifier.predict(replace(photo, pixels=pixels), operating_point, kind)
    return RegionTest(pixels, prediction, reaches_crop)
