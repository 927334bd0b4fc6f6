"""Augmentation fit for dermoscopy: one random photograph of the same lesion.

A lesion has no up, so every turn and flip is as likely. Cameras, lights and files differ between
hospitals, so colour, sharpness and JPEG quality vary widely: the network must not learn the camera.
Hair, ruler marks and dark corners are drawn, so that the real cut-outs of such artefacts stay unseen
and can test it. All in Pillow, the library that serving uses.
"""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LUMA = np.array([0.299, 0.587, 0.114])


def augment(pixels: np.ndarray, size: int, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> (size, size, 3) uint8: turned, zoomed, recoloured, degraded, cluttered.

    `strength` scales the chances of all that is not geometry; 0 leaves turns, flips and zoom.
    """
    image = warp(Image.fromarray(pixels), size, rng)
    if rng.random() < 0.12 * strength:
        image = draw_hair(image, rng)
    if rng.random() < 0.06 * strength:
        image = draw_ruler(image, rng)
    if rng.random() < 0.12 * strength:
        image = darken_corners(image, rng)
    if strength:
        image = recolour(image, rng, strength)
    if rng.random() < 0.3 * strength:
        image = degrade(image, rng)
    return np.asarray(image)


def warp(image: Image.Image, size: int, rng: np.random.Generator) -> Image.Image:
    """Turn by any angle, flip, zoom (0.6 to 1.1 of the frame's side) and shift, in one resampling.

    What a turn brings in from outside the frame is the mirrored border, as skin goes on.
    """
    side = image.width
    zoom = math.exp(rng.uniform(math.log(0.6), math.log(1.1)))
    stretch = math.exp(rng.normal(0, 0.05))
    angle = rng.integers(4) * math.pi / 2 + (rng.uniform(-math.pi / 4, math.pi / 4) if rng.random() < 0.5 else 0)
    room = 0.35 * max(0.0, 1 - zoom)
    centre = side * (0.5 + rng.uniform(-room, room, 2))
    flip = -1 if rng.random() < 0.5 else 1
    step = zoom * side / size
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    a, b, d, e = flip * cos * stretch, -sin / stretch, flip * sin * stretch, cos / stretch
    pad = side // 4
    canvas = Image.fromarray(np.pad(np.asarray(image), ((pad, pad), (pad, pad), (0, 0)), mode="reflect"))
    half = size / 2
    coefficients = (a, b, centre[0] + pad - (a + b) * half, d, e, centre[1] + pad - (d + e) * half)
    if step > 1.3:  # bilinear sampling aliases when it shrinks: shrink first, antialiased
        canvas = canvas.resize((round(canvas.width / step),) * 2, Image.Resampling.BOX)
        coefficients = tuple(c / step for c in coefficients)
    return canvas.transform((size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


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
