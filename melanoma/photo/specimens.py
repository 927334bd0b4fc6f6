"""Drawn pictures of several kinds, to try what the program says to each: none shows anyone's skin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from melanoma.photo.synthetic import draw_example

INK = (60, 40, 140)  # sRGB, of a surgical pen
DIM = 0.1  # of the light, in a photo that is too dark
BLUR = 1 / 60  # of the picture's width


@dataclass(frozen=True)
class Specimen:
    """One drawing. name: as its photo's name; what: it shows; spoil: what is done to the drawing, pixels to pixels."""

    name: str
    what: str
    seed: int
    regular: bool = False
    spoil: Callable[[np.ndarray], np.ndarray] | None = None

    def draw(self, width: int = 600, height: int = 450) -> np.ndarray:
        """(height, width, 3) uint8 sRGB."""
        pixels = draw_example(self.seed, width, height, regular=self.regular)
        return self.spoil(pixels) if self.spoil else pixels

    def as_png(self) -> bytes:
        """The drawing as the bytes of a PNG file."""
        buffer = BytesIO()
        Image.fromarray(self.draw()).save(buffer, "PNG", compress_level=3)
        return buffer.getvalue()


def darken(pixels: np.ndarray) -> np.ndarray:
    """As a photo without light."""
    return (DIM * pixels).astype(np.uint8)


def blur(pixels: np.ndarray) -> np.ndarray:
    """As a photo far out of focus."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * pixels.shape[1])))


def mark(pixels: np.ndarray) -> np.ndarray:
    """With two strokes of a pen over the lesion, soft at their edges as ink on skin is."""
    height, width = pixels.shape[:2]
    layer = Image.new("L", (width, height))
    pen = ImageDraw.Draw(layer)
    for left, right in ((0.34, 0.42), (0.6, 0.66)):
        stroke = (left * width, 0.2 * height, right * width, 0.8 * height)
        pen.line(stroke, fill=255, width=round(0.04 * width))
    soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(width / 200)), np.float32)[..., None] / 255
    return (pixels + (np.array(INK) - pixels) * soft).astype(np.uint8)


SPECIMENS = (
    Specimen("Drawn lesion, uneven", "Uneven border and pigment, a blue-grey veil", 6),
    Specimen("Drawn lesion, in between", "Uneven, with less dark pigment", 33),
    Specimen("Drawn mole, even", "Round, even, of one brown", 2, regular=True),
    Specimen("Drawn lesion, too dark", "The first one, with hardly any light", 6, spoil=darken),
    Specimen("Drawn lesion, out of focus", "The first one, out of focus", 6, spoil=blur),
    Specimen("Drawn lesion with ink", "The first one, with strokes of a pen", 6, spoil=mark),
)
