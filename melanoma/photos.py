"""Untrusted bytes -> Photo: upright sRGB pixels without metadata, or a PhotoError in plain words."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageOps


class PhotoError(ValueError):
    """A file that cannot be used; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Photo:
    """An upright sRGB picture.

    pixels: (H, W, 3) uint8; sha256: hex digest of the bytes it came from; format: Pillow's name of
    the file format; notes: what was changed on reading, in plain words.
    """

    pixels: np.ndarray
    sha256: str
    format: str
    notes: tuple[str, ...] = field(default=())


def read_photo(data: bytes) -> Photo:
    image = Image.open(io.BytesIO(data))
    format_ = image.format
    image = ImageOps.exif_transpose(image).convert("RGB")
    return Photo(np.asarray(image), hashlib.sha256(data).hexdigest(), format_)
