"""Pen marks drawn on photos, to try what ink does to an answer. Training draws others (`dataset.clutter`)."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# sRGB of the ink on white
PENS = {
    "violet": (75, 40, 130),
    "blue": (35, 55, 150),
    "dark blue": (25, 25, 70),
    "green": (25, 110, 70),
    "red": (190, 25, 40),
    "black": (25, 22, 25),
}
SHAPES = ("ring", "two rings", "strokes", "cross", "dots", "blot", "arrow", "hatching")
FINER = 3  # times the size at which a mark is drawn, for smooth edges

Line = list[tuple[float, float]]


def draw_mark(pixels: np.ndarray, pen: str, shape: str, rng: np.random.Generator) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> a copy with one mark over or round the middle, 60 to 100 % opaque.

    pen: of PENS; shape: of SHAPES. Size, place, width of the stroke (1 to 5 % of the side) and colour vary with `rng`.
    """
    side = len(pixels)
    layer = Image.new("L", (side * FINER, side * FINER))
    draw = ImageDraw.Draw(layer)
    width = max(1, round(layer.width * rng.uniform(0.012, 0.05)))
    middle = rng.normal(0.5, 0.05, 2)
    for line in list_lines(shape, middle, rng):
        points = [(x * layer.width, y * layer.width) for x, y in line]
        if shape == "blot":
            draw.polygon(points, fill=255)
        elif shape == "dots":
            draw.ellipse([(x + end * width, y + end * width) for (x, y), end in zip(points, (-1, 1), strict=True)], 255)
        else:
            draw.line(points, fill=255, width=width, joint="curve")
    small = layer.resize((side, side), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(side * rng.uniform(0.002, 0.006)))
    cover = np.asarray(soft, np.float32)[..., None] / 255 * rng.uniform(0.6, 1.0)
    ink = np.clip(np.array(PENS[pen]) + rng.normal(0, 12, 3), 0, 255)
    return np.clip(pixels * (1 - cover) + ink * cover + 0.5, 0, 255).astype(np.uint8)


def list_lines(shape: str, middle: np.ndarray, rng: np.random.Generator) -> list[Line]:
    """The lines of a mark, in shares of the side; of a dot, the same point twice."""
    if shape == "ring":
        return [trace_ring(middle, rng.uniform(0.2, 0.45), 0.05, rng)]
    if shape == "two rings":
        return [trace_ring(middle, radius, 0.05, rng) for radius in (0.15, 0.3)]
    if shape == "blot":
        return [trace_ring(middle, rng.uniform(0.12, 0.3), 0.1, rng)]
    if shape == "strokes":
        return [[_point(middle + rng.normal(0, 0.25, 2)) for _ in "ab"] for _ in range(rng.integers(2, 6))]
    if shape == "cross":
        reach = rng.uniform(0.2, 0.4)
        return [[_point(middle - reach * way), _point(middle + reach * way)] for way in (np.ones(2), np.array([1, -1]))]
    if shape == "dots":
        ring = trace_ring(middle, rng.uniform(0.25, 0.4), 0.0, rng)
        return [[point, point] for point in ring[:: len(ring) // int(rng.integers(4, 13))]]
    if shape == "arrow":
        turn = rng.uniform(0, 2 * np.pi)
        return [
            [_point(middle), _point(middle + length * _direction(turn + angle))]
            for angle, length in ((0, 0.45), (0.5, 0.12), (-0.5, 0.12))
        ]
    rows = np.linspace(-0.3, 0.3, int(rng.integers(4, 9)))
    x, y = middle
    return [[(x - 0.3, y + row), (x + 0.3, y + row + 0.1)] for row in rows]


def trace_ring(middle: np.ndarray, radius: float, waviness: float, rng: np.random.Generator) -> Line:
    """A closed line round `middle`, its radius up to twice `waviness` off `radius`."""
    first, second = rng.uniform(0, 2 * np.pi, 2)
    angles = np.linspace(0, 2 * np.pi, 81)
    radii = radius * (1 + waviness * (np.sin(2 * angles + first) + np.sin(3 * angles + second)))
    return [_point(middle + far * _direction(angle)) for far, angle in zip(radii, angles, strict=True)]


def _direction(angle: float) -> np.ndarray:
    return np.array([np.cos(angle), np.sin(angle)])


def _point(place: np.ndarray) -> tuple[float, float]:
    return float(place[0]), float(place[1])
