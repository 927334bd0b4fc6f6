"""Photo -> what a network and its decision need of it. Far smaller than its pixels, and made where it was decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.photo.fingerprint import SIDE, fingerprint_square
from melanoma.photo.photos import Photo
from melanoma.photo.preprocessing import network_inputs
from melanoma.photo.quality import CANONICAL, Assessment, assess_with_square


@dataclass(frozen=True)
class PreparedPhoto:
    """sha256: of the file; crop: (s, s, 3) uint8, as of `network_input`; fingerprint: as of `fingerprint_photo`."""

    sha256: str
    crop: np.ndarray
    assessment: Assessment
    fingerprint: np.ndarray


def prepare_photo(photo: Photo, size: int) -> PreparedPhoto:
    """size: of the network's input, in pixels."""
    crop, square, small = network_inputs(photo.pixels, size, CANONICAL, SIDE)
    assessment = assess_with_square(photo.pixels, square, unchecked=photo.is_unchecked)
    return PreparedPhoto(photo.sha256, crop, assessment, fingerprint_square(small))
