"""Photo -> network input. Training, evaluation and serving all come through here.

The geometry is the centre square of the true frame, resized once by Pillow (bicubic, antialiased).
Another library's resize moves logits by up to 2, so there is no other resize in the project.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

RESAMPLING = Image.Resampling.BICUBIC
# Where a photo is over four times as large as what is asked for, Pillow may halve it (and so on) before it resamples:
# five times faster from 12 megapixels. No photo that was trained or tested on is that large.
REDUCING_GAP = 2.0


def centre_square(width: int, height: int, aspect: float | None = None) -> tuple[float, float, float, float]:
    """Box (left, top, right, bottom), in pixels, of the centre square of a frame.

    `aspect` is the frame's true width / height when the file is squashed (4/3 stored as a square);
    the box is then not square in pixels, but what it shows is.
    """
    aspect = aspect or width / height
    if aspect >= 1:
        margin = width * (1 - 1 / aspect) / 2
        return (margin, 0.0, width - margin, float(height))
    margin = height * (1 - aspect) / 2
    return (0.0, margin, float(width), height - margin)


def network_input(pixels: np.ndarray, size: int, aspect: float | None = None) -> np.ndarray:
    """pixels: (H, W, 3) uint8 sRGB -> (size, size, 3) uint8 sRGB, the centre square of the frame."""
    return np.asarray(centre_crop(Image.fromarray(pixels), size, aspect))


def network_inputs(pixels: np.ndarray, *sizes: int) -> list[np.ndarray]:
    """`network_input` at several sizes: one copy of the photo for Pillow instead of one for each."""
    image = Image.fromarray(pixels)
    return [np.asarray(centre_crop(image, size)) for size in sizes]


def centre_crop(image: Image.Image, size: int, aspect: float | None = None) -> Image.Image:
    """The centre square of an RGB image, resized to `size` x `size`."""
    box = centre_square(image.width, image.height, aspect)
    return image.resize((size, size), RESAMPLING, box=box, reducing_gap=REDUCING_GAP)


def batch(inputs: list[np.ndarray]) -> np.ndarray:
    """n inputs of (size, size, 3) uint8 -> (n, size, size, 3) float32 from 0 to 255."""
    return np.stack(inputs).astype(np.float32)
