"""A photo of some megabytes: more than web servers and their parsers keep in memory by themselves."""

import io

import numpy as np
from PIL import Image

from melanoma.photo.synthetic import draw_example

SIDE, LEAST = 2400, 2 * 1024**2  # pixels; bytes


def make_large_photo() -> bytes:
    """A JPEG of the synthetic example, with grain."""
    pixels = np.asarray(Image.fromarray(draw_example()).resize((SIDE, SIDE))).astype(np.int16)
    pixels += np.random.default_rng(0).integers(0, 16, pixels.shape, dtype=np.int16)
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=97)
    assert file.tell() > LEAST
    return file.getvalue()
