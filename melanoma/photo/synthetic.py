"""A drawn, lesion-like picture: for trying the app, for screenshots and for tests. It shows no one's skin.

No real photograph is part of the project, so what stands in for one is drawn from numbers. Whoever
shows it must label it as drawn.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# Linear mixes of these make the picture; sRGB, read off typical dermoscopy, rounded.
SKIN = np.array([226.0, 176.0, 158.0])
PINK = np.array([214.0, 140.0, 128.0])
TAN = np.array([178.0, 122.0, 88.0])
BROWN = np.array([120.0, 74.0, 48.0])
DARK = np.array([58.0, 36.0, 30.0])
BLUE_GREY = np.array([116.0, 116.0, 132.0])

CLOSENESS = 1.5  # how large the lesion is in the frame: as a dermatoscope shows it
REGULAR = 0.15  # of the unevenness of border and pigment is left in a regular lesion
SERIES = 34  # of drawings; another number gives others


def draw_example(seed: int = 0, width: int = 600, height: int = 450, *, regular: bool = False) -> np.ndarray:
    """A drawn lesion on skin, the same for the same arguments -> (height, width, 3) uint8 sRGB, not writeable.

    `width` and `height` in pixels, at least 32. regular: round, even and of one brown, like a common mole; else with
    an uneven border and pigment, and a blue-grey veil.
    """
    unevenness = REGULAR if regular else 1.0
    random = np.random.default_rng([seed, SERIES])
    # Coordinates in units of a length, from the lesion's centre: the lesion looks alike at every size.
    unit = round(CLOSENESS * min(width, height))
    centre = random.uniform(-0.03, 0.03, 2)
    x = ((np.arange(width) - width / 2) / unit - centre[0]).astype(np.float32)[None, :]
    y = ((np.arange(height) - height / 2) / unit - centre[1]).astype(np.float32)[:, None]

    inside = _inside(x, y, random, unevenness)  # about +1 at the heart of the lesion, 0 on its border, below outside
    coarse = _clouds(width, height, 3, random)
    middle = _clouds(width, height, 8, random)
    fine = _clouds(width, height, 40, random)
    grain = _clouds(width, height, 110, random)

    picture = SKIN.astype(np.float32) + (5 * coarse + 4 * middle + 8 * fine + 7 * grain)[..., None]
    redness = np.clip(0.10 + 0.10 * coarse + 0.07 * fine, 0, 1) + 0.25 * np.exp(-((inside / 0.25) ** 2)) * (inside < 0)
    picture = _towards(picture, PINK, redness)

    body = _ramp(inside + 0.06 * middle + 0.03 * fine, -0.05, 0.22)
    lines = _network(x, y, coarse, middle, random)
    tilt = x * random.choice([-1.0, 1.0]) + y * random.uniform(-0.8, 0.8)  # one side is darker: asymmetry
    pigment = 0.7 * tilt + 0.16 * middle + 0.08 * coarse
    depth = np.clip(0.35 + 0.45 * inside + unevenness * pigment, 0, 1)
    picture = _towards(picture, TAN, 0.85 * body)
    picture = _towards(picture, BROWN, body * np.clip(0.1 + 0.85 * depth + 0.1 * fine, 0, 0.95))
    picture = _towards(picture, DARK, body * np.clip(1.5 * (depth - 0.62), 0, 0.8))
    picture = _towards(picture, DARK, _ramp(inside, -0.12, 0.2) * lines * (0.5 - 0.25 * depth))
    veil = _blob(x, y, -0.08 * np.sign(tilt[0, -1] - tilt[0, 0]), random.uniform(-0.08, 0.08), 0.09)
    picture = _towards(picture, BLUE_GREY, body * veil * np.clip(0.35 + 0.2 * middle, 0, 0.55) * (not regular))
    picture = _towards(picture, DARK, _globules(width, height, unit, centre, random) * _ramp(inside, -0.08, 0.15))

    picture = _towards(picture, DARK, 0.75 * _hairs(width, height, unit, random))
    vignette = 1 - 0.22 * np.clip(x**2 + y**2 - 0.12, 0, None)
    picture = picture * np.minimum(vignette, 1)[..., None] + random.normal(0, 5.0, (height, width, 1))
    pixels = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    pixels.setflags(write=False)
    return pixels


def example_bytes(seed: int = 0, width: int = 600, height: int = 450) -> bytes:
    """The drawn picture as a PNG file's bytes."""
    buffer = BytesIO()
    Image.fromarray(draw_example(seed, width, height)).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _inside(x: np.ndarray, y: np.ndarray, random: np.random.Generator, unevenness: float) -> np.ndarray:
    """How far inside the lesion each pixel lies, as a share of its radius there: an ellipse with a wavy border."""
    turn = random.uniform(0, np.pi)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    angle = np.arctan2(across, along)
    radius = np.full(angle.shape, 0.27, np.float32)
    for wave in range(2, 10):
        radius += unevenness * 0.028 * random.normal() / wave**0.7 * np.cos(wave * angle + random.uniform(0, 2 * np.pi))
    return 1 - np.hypot(along * 0.88, across * 1.15) / radius


def _network(x, y, coarse: np.ndarray, middle: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Pigment network, 0 to 1: dark lines round light holes, bent and interrupted as in skin."""
    pitch = 2 * np.pi / random.uniform(0.030, 0.036)
    bent_x, bent_y = x + 0.010 * coarse + 0.006 * middle, y + 0.010 * middle - 0.008 * coarse
    directions = (0.2, 0.2 + np.pi / 3, 0.2 - np.pi / 3)
    waves = sum(np.cos(pitch * (bent_x * np.cos(a) + bent_y * np.sin(a))) for a in directions)
    holes = _ramp(waves, -0.6, 1.2)  # a sum of three plane waves peaks on a honeycomb of round spots
    return (1 - holes) * np.clip(0.55 + 0.5 * middle, 0.1, 1)


def _globules(width: int, height: int, unit: int, centre: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Scattered dark dots, 0 to 1."""
    layer = Image.new("L", (width, height))
    pen = ImageDraw.Draw(layer)
    for _ in range(26):
        angle, far, size = random.uniform(0, 2 * np.pi), random.uniform(0.12, 0.26), random.uniform(0.003, 0.007) * unit
        left = width / 2 + (centre[0] + far * np.cos(angle)) * unit
        top = height / 2 + (centre[1] + far * np.sin(angle)) * unit
        pen.ellipse((left - size, top - size, left + size, top + size), fill=int(random.uniform(90, 190)))
    return np.asarray(layer.filter(ImageFilter.GaussianBlur(unit / 300)), np.float32) / 255


def _hairs(width: int, height: int, unit: int, random: np.random.Generator) -> np.ndarray:
    """A few thin, bent hairs, 0 to 1; drawn at double size, so that their edges are smooth."""
    layer = Image.new("L", (2 * width, 2 * height))
    pen = ImageDraw.Draw(layer)
    for _ in range(4):
        start, stop = random.uniform([0, 0], [width, height]), random.uniform([0, 0], [width, height])
        bow = (start + stop) / 2 + random.normal(0, 0.12 * unit, 2)
        steps = np.linspace(0, 1, 40)[:, None]
        curve = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bow + steps**2 * stop
        pen.line([tuple(2 * point) for point in curve], fill=int(random.uniform(140, 230)), width=max(1, unit // 180))
    return np.asarray(layer.resize((width, height), Image.Resampling.BOX), np.float32) / 255


def _clouds(width: int, height: int, cells: int, random: np.random.Generator) -> np.ndarray:
    """Smooth noise, mean 0, standard deviation about 1, with `cells` bumps across the shorter side."""
    per_pixel = cells / min(width, height)
    shape = (max(2, round(height * per_pixel)), max(2, round(width * per_pixel)))
    noise = Image.fromarray(random.normal(size=shape).astype(np.float32))
    smooth = np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC))
    return smooth / max(float(smooth.std()), 1e-6)


def _blob(x: np.ndarray, y: np.ndarray, left: float, top: float, size: float) -> np.ndarray:
    return np.exp(-(((x - left) ** 2 + (y - top) ** 2) / (2 * size**2)))


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 at or below `low`, 1 at or above `high`, smooth between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def _towards(picture: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`picture` moved towards `colour` by `share` (H, W), 0 to 1."""
    return picture + (colour.astype(np.float32) - picture) * share[..., None].astype(np.float32)
