"""Augmentation fit for dermoscopy: one random photograph of the same lesion.

A lesion has no up, so every turn and flip is as likely. Cameras, lights and files differ between
hospitals, so colour, sharpness and JPEG quality vary widely: the network must not learn the camera.
Hair, ruler marks, ink, gel bubbles and dark corners are drawn, so that the real cut-outs of such artefacts
stay unseen and can test it. All in Pillow, the library that serving uses.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class View:
    """How a photograph is framed anew. zoom: share of the frame's side; angle: radians; centre: shares of the side."""

    zoom: float
    stretch: float
    angle: float
    centre: tuple[float, float]
    flip: int

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> View:
        """Any turn, a flip or none, zoom from 0.6 to 1.1 of the frame's side, a shift within the frame."""
        zoom = math.exp(rng.uniform(math.log(0.6), math.log(1.1)))
        stretch = math.exp(rng.normal(0, 0.05))
        angle = rng.integers(4) * math.pi / 2 + (rng.uniform(-math.pi / 4, math.pi / 4) if rng.random() < 0.5 else 0)
        room = 0.35 * max(0.0, 1 - zoom)
        centre = tuple(0.5 + rng.uniform(-room, room, 2))
        return cls(zoom, stretch, angle, centre, -1 if rng.random() < 0.5 else 1)

    def of(self, image: Image.Image, size: int) -> Image.Image:
        """A square picture of any mode -> (size, size), in one resampling.

        What a turn brings in from outside the frame is the mirrored border, as skin goes on.
        """
        side = image.width
        step = self.zoom * side / size
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        a, b = self.flip * cos * self.stretch, -sin / self.stretch
        d, e = self.flip * sin * self.stretch, cos / self.stretch
        pad = side // 4
        border = ((pad, pad), (pad, pad)) + ((0, 0),) * (len(image.getbands()) > 1)
        canvas = Image.fromarray(np.pad(np.asarray(image), border, mode="reflect"))
        half = size / 2
        x, y = (side * c + pad for c in self.centre)
        coefficients = (a, b, x - (a + b) * half, d, e, y - (d + e) * half)
        if step > 1.3:  # bilinear sampling aliases when it shrinks: shrink first, antialiased
            canvas = canvas.resize((round(canvas.width / step),) * 2, Image.Resampling.BOX)
            coefficients = tuple(c / step for c in coefficients)
        return canvas.transform((size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


STILL = View(zoom=1.0, stretch=1.0, angle=0.0, centre=(0.5, 0.5), flip=1)


def augment(
    pixels: np.ndarray, size: int, rng: np.random.Generator, strength: float = 1.0, view: View | None = None
) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> (size, size, 3) uint8: turned, zoomed, recoloured, degraded, cluttered.

    `strength` scales the chances of all that is not geometry; 0 leaves turns, flips and zoom. `view`: the framing,
    drawn when it is not given.
    """
    image = (view or View.drawn(rng)).of(Image.fromarray(pixels), size)
    for chance, clutter in CLUTTER:
        if rng.random() < chance * strength:
            image = clutter(image, rng)
    if strength:
        image = recolour(image, rng, strength)
    if rng.random() < 0.3 * strength:
        image = degrade(image, rng)
    return np.asarray(image)


def blank(pixels: np.ndarray, lesion: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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


def draw_hair(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A few curved hairs, dark or fair, crossing the picture."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    shade = int(rng.choice([30, 60, 190]))
    colour = tuple(int(v) for v in np.clip(shade + rng.normal(0, 12, 3) + (15, 0, -12), 0, 255))
    t = np.linspace(0, 1, 12)[:, None]
    for _ in range(rng.integers(2, 14)):
        start, end = rng.uniform(-0.1, 1.1, (2, 2)) * image.width
        bend = (start + end) / 2 + rng.normal(0, 0.2, 2) * image.width
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
        draw.line([tuple(p) for p in curve], fill=colour, width=1 if rng.random() < 0.7 else 2)
    return image


def draw_ruler(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Scale marks along one border."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    pitch = rng.uniform(0.04, 0.12) * image.width
    depth = rng.uniform(0.0, 0.12) * image.width
    ink = (int(rng.integers(0, 90)),) * 3
    for i, x in enumerate(np.arange(rng.uniform(0, pitch), image.width, pitch)):
        length = image.width * (0.09 if i % 5 == 0 else 0.05)
        draw.line([(x, depth), (x, depth + length)], fill=ink, width=1)
    return image.transpose(rng.choice(list(Image.Transpose)[:5]))


def darken_corners(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The dark rim of a dermatoscope's round field: outside a circle the picture fades to black."""
    side = image.width
    centre = side * (0.5 + rng.normal(0, 0.04, 2))
    y, x = np.ogrid[:side, :side]
    distance = np.hypot(x - centre[0], y - centre[1]) / side
    radius, softness = rng.uniform(0.46, 0.68), rng.uniform(0.01, 0.12)
    light = np.clip((radius + softness - distance) / softness, 0, 1)[..., None]
    dark = rng.uniform(0, 0.15)
    return Image.fromarray((np.asarray(image) * (dark + (1 - dark) * light)).astype(np.uint8))


def draw_ink(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A surgical marker's strokes, violet to blue-green, somewhat transparent, mostly near the border."""
    side = image.width
    layer = Image.new("L", image.size)
    draw = ImageDraw.Draw(layer)
    t = np.linspace(0, 1, 10)[:, None]
    for _ in range(rng.integers(1, 4)):
        away = rng.uniform(0, 2 * math.pi)
        middle = side * (0.5 + rng.uniform(0.3, 0.6) * np.array([math.cos(away), math.sin(away)]))
        start, end = (middle + rng.normal(0, 0.15, 2) * side for _ in range(2))
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * (middle + rng.normal(0, 0.1, 2) * side) + t**2 * end
        draw.line(
            [tuple(p) for p in curve], fill=int(rng.integers(110, 220)), width=round(side * rng.uniform(0.015, 0.06))
        )
    hue = rng.choice([(70, 40, 130), (40, 50, 140), (30, 80, 120)])
    ink = Image.new("RGB", image.size, tuple(int(v) for v in np.clip(hue + rng.normal(0, 15, 3), 0, 255)))
    return Image.composite(ink, image, layer.filter(ImageFilter.GaussianBlur(side * 0.006)))


def draw_bubbles(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Air bubbles in the contact gel: bright rims, a glint, a slightly fairer inside."""
    side = image.width
    layer = Image.new("L", image.size)
    draw = ImageDraw.Draw(layer)
    for _ in range(rng.integers(1, 9)):
        x, y = rng.uniform(0, side, 2)
        r = side * math.exp(rng.uniform(math.log(0.01), math.log(0.09)))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(0, 40)), outline=int(rng.integers(60, 170)))
        glint, at = r * 0.25, r * rng.uniform(-0.6, 0.6, 2)
        draw.ellipse((x + at[0] - glint, y + at[1] - glint, x + at[0] + glint, y + at[1] + glint), fill=230)
    white = Image.new("RGB", image.size, (250, 246, 244))
    return Image.composite(white, image, layer.filter(ImageFilter.GaussianBlur(side * 0.003)))


CLUTTER = ((0.12, draw_hair), (0.08, draw_ruler), (0.08, draw_ink), (0.08, draw_bubbles), (0.12, darken_corners))
