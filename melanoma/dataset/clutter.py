"""What lies over a lesion in a photo, drawn: hair, ruler marks, ink, gel bubbles, dark corners.

Drawn, so that the real cut-outs of such artefacts stay unseen and can test a network.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


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


# (chance, what) for a dermoscopic photo; a clinical one knows no contact gel and no round field
CLUTTER = ((0.12, draw_hair), (0.08, draw_ruler), (0.08, draw_ink), (0.08, draw_bubbles), (0.12, darken_corners))
CLINICAL_CLUTTER = ((0.15, draw_hair), (0.08, draw_ruler), (0.1, draw_ink))
