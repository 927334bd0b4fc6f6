"""Augmentation: another photograph of the same lesion, as dermoscopy may show it.

A lesion has no up, so every turn and flip is as likely. Cameras, lights and files differ between
hospitals, so colour, sharpness and JPEG quality vary widely: the network must not learn the camera.
All in Pillow, the library that serving uses. Clinical photos vary more: see `clinical_augmentation`.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from melanoma.dataset.clutter import CLUTTER

LUMA = np.array([0.299, 0.587, 0.114])
ZOOM = (0.6, 1.1)  # of the frame's side


@dataclass(frozen=True)
class View:
    """How a photograph is framed anew. zoom: share of the frame's side; angle: radians; centre: shares of the side."""

    zoom: float
    stretch: float
    angle: float
    centre: tuple[float, float]
    flip: int

    @classmethod
    def draw(cls, rng: np.random.Generator, zoom: tuple[float, float] = ZOOM) -> View:
        """Any turn, a flip or none, a zoom between the two (in logarithm), a shift within the frame."""
        low, high = zoom
        side = math.exp(rng.uniform(math.log(low), math.log(high)))
        stretch = math.exp(rng.normal(0, 0.05))
        angle = rng.integers(4) * math.pi / 2 + (rng.uniform(-math.pi / 4, math.pi / 4) if rng.random() < 0.5 else 0)
        room = 0.35 * max(0.0, 1 - side)
        centre = tuple(0.5 + rng.uniform(-room, room, 2))
        return cls(side, stretch, angle, centre, -1 if rng.random() < 0.5 else 1)

    def frame(self, image: Image.Image, size: int, *, mirror: bool = True) -> Image.Image:
        """A square picture of any mode -> (size, size), in one resampling.

        What comes in from outside the frame is the mirrored border, as skin goes on; black without `mirror`.
        """
        side = image.width
        step = self.zoom * side / size
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        a, b = self.flip * cos * self.stretch, -sin / self.stretch
        d, e = self.flip * sin * self.stretch, cos / self.stretch
        # a quarter is enough for a turn; a wide view reaches further
        pad = side // 4 if self.zoom <= ZOOM[1] else math.ceil(side * (0.75 * self.zoom - 0.5))
        border = ((pad, pad), (pad, pad)) + ((0, 0),) * (len(image.getbands()) > 1)
        canvas = Image.fromarray(np.pad(np.asarray(image), border, mode="reflect" if mirror else "constant"))
        half = size / 2
        x, y = (side * c + pad for c in self.centre)
        coefficients: tuple[float, ...] = (a, b, x - (a + b) * half, d, e, y - (d + e) * half)
        if step > 1.3:  # bilinear sampling aliases when it shrinks: shrink first, antialiased
            canvas = canvas.resize((round(canvas.width / step),) * 2, Image.Resampling.BOX)
            coefficients = tuple(c / step for c in coefficients)
        return canvas.transform((size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


UNCHANGED = View(zoom=1.0, stretch=1.0, angle=0.0, centre=(0.5, 0.5), flip=1)


def augment(
    pixels: np.ndarray, size: int, rng: np.random.Generator, strength: float = 1.0, view: View | None = None
) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> (size, size, 3) uint8: turned, zoomed, recoloured, degraded, cluttered.

    `strength` scales the chances of all that is not geometry; 0 leaves turns, flips and zoom. `view`: the framing,
    one at random without it.
    """
    image = (view or View.draw(rng)).frame(Image.fromarray(pixels), size)
    for chance, clutter in CLUTTER:
        if rng.random() < chance * strength:
            image = clutter(image, rng)
    if strength:
        image = recolour(image, rng, strength)
    if rng.random() < 0.3 * strength:
        image = degrade(image, rng)
    return np.asarray(image)


def make_uninformative(pixels: np.ndarray, lesion: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """pixels: (s, s, 3) uint8; lesion: (m, m) uint8, 255 on it -> the photo with nothing left to diagnose.

    Either the whole photo or only the lesion is so far out of focus that colour alone is left.
    """
    image = Image.fromarray(pixels)
    side = image.width
    vague = image.filter(ImageFilter.GaussianBlur(side * rng.uniform(0.05, 0.15)))
    if rng.random() < 0.5:
        return np.asarray(vague)
    spot = Image.fromarray(lesion).filter(ImageFilter.MaxFilter(9)).resize(image.size, Image.Resampling.BILINEAR)
    image.paste(vague, mask=spot.filter(ImageFilter.GaussianBlur(side * 0.02)))
    return np.asarray(image)


def recolour(image: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Another light, sensor and white balance: saturation, gain of each channel, brightness, gamma, hue."""
    saturation = math.exp(rng.normal(0, 0.22 * strength))
    gains = np.exp(rng.normal(0, 0.07 * strength, 3) + rng.normal(0, 0.12 * strength))
    matrix = saturation * np.eye(3) + (1 - saturation) * LUMA
    matrix = (matrix + rng.normal(0, 0.015 * strength, (3, 3))) * gains[:, None]
    offset = rng.normal(0, 6 * strength)
    rows = np.column_stack([matrix, np.full(3, offset)])
    image = image.convert("RGB", tuple(rows.ravel()))
    gamma = math.exp(rng.normal(0, 0.18 * strength))
    curve = (255 * (np.arange(256) / 255) ** gamma).round().astype(int).tolist()
    return image.point(curve * 3)


def degrade(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A worse file of the same picture: out of focus, too few pixels, or strong JPEG compression."""
    kind = rng.integers(3)
    if kind == 0:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))
    if kind == 1:
        small = round(image.width * rng.uniform(0.4, 0.9))
        return image.resize((small, small), Image.Resampling.BOX).resize(image.size, Image.Resampling.BILINEAR)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(25, 90)))
    return Image.open(file).convert("RGB")
