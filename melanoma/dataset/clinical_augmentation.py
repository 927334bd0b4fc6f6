"""Augmentation of clinical photos: the same lesion from another distance, in another light, by another telephone.

All clinical photos that a network learns from come from one study, and those it will meet do not. So what that study
held constant varies hard here: distance, what surrounds the skin, white balance, light, skin tone, sharpness, noise.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from melanoma.dataset.augmentation import ZOOM, View, degrade, recolour
from melanoma.dataset.clutter import CLINICAL_CLUTTER

# What melanin takes from red, green and blue light, in powers of e, from the fairest skin to the darkest; rounded, from
# sRGB colours of skin of types I and VI.
MELANIN = np.array([0.5, 0.85, 1.05])
# Cloth, drapes, walls; sRGB
BACKGROUNDS = ((60, 110, 160), (70, 130, 110), (235, 235, 235), (150, 150, 155), (30, 30, 35), (190, 170, 140))


def draw_clinical_view(rng: np.random.Generator, strength: float = 1.0) -> View:
    """A view as of dermoscopy at strength 0; at 1 from half the frame to 1.7 times its side."""
    return View.draw(rng, (ZOOM[0] * math.exp(-0.18 * strength), ZOOM[1] * math.exp(0.44 * strength)))


def augment_clinical(
    pixels: np.ndarray, size: int, rng: np.random.Generator, strength: float = 1.0, view: View | None = None
) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> (size, size, 3) uint8: another clinical photo of the same lesion.

    `strength` scales the chances and the sizes of all that is not geometry, and the range of the distance; 0 leaves
    turns, flips and zoom. `view`: the framing, one at random without it.
    """
    view = view or draw_clinical_view(rng, strength)
    image = view.frame(Image.fromarray(pixels), size)
    if not strength:
        return np.asarray(image)
    if view.zoom > 1:
        image = fill_surroundings(image, pixels.shape[0], view, rng)
    if rng.random() < 0.15 * strength:
        image = cover_side(image, rng)
    if rng.random() < 0.3 * strength:
        image = darken_skin(image, rng)
    for chance, clutter in CLINICAL_CLUTTER:
        if rng.random() < chance * strength:
            image = clutter(image, rng)
    image = recolour(relight(image, rng, strength), rng, 1.15 * strength)
    if rng.random() < 0.5 * strength:
        image = (degrade, shake, add_noise)[rng.integers(3)](image, rng)
    return np.asarray(image)


def fill_surroundings(image: Image.Image, side: int, view: View, rng: np.random.Generator) -> Image.Image:
    """Beyond the photo's own frame: skin out of focus, or a background, in place of the lesion's mirror images.

    side: of the photo that `view` framed, in pixels.
    """
    size = image.width
    inside = view.frame(Image.new("L", (side, side), 255), size, mirror=False)
    if rng.random() < 0.5:
        around = draw_background(size, rng)
        inside = inside.filter(ImageFilter.GaussianBlur(size * 0.005))
    else:
        around = image.filter(ImageFilter.GaussianBlur(size * 0.12))
        inside = inside.filter(ImageFilter.MinFilter(9)).filter(ImageFilter.GaussianBlur(size * 0.03))
    return Image.composite(image, around, inside)


def draw_background(size: int, rng: np.random.Generator) -> Image.Image:
    """Cloth or a wall: one colour, unevenly lit, (size, size) RGB."""
    colour = np.array(BACKGROUNDS[rng.integers(len(BACKGROUNDS))]) + rng.normal(0, 18, 3)
    uneven = Image.fromarray(rng.normal(0, 12, (6, 6)).astype(np.float32))
    coarse = uneven.resize((size, size), Image.Resampling.BICUBIC)
    fine = rng.normal(0, 5, (size, size))
    return Image.fromarray(np.clip(colour + (np.asarray(coarse) + fine)[..., None], 0, 255).astype(np.uint8))


def cover_side(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cloth or background over one side of the picture, along a straight edge that leaves the middle free."""
    size = image.width
    angle, gap = rng.uniform(0, 2 * math.pi), rng.uniform(0.32, 0.5) * size
    y, x = np.ogrid[:size, :size]
    beyond = (x - size / 2) * math.cos(angle) + (y - size / 2) * math.sin(angle) - gap
    edge = Image.fromarray((np.clip(beyond / 2, 0, 1) * 255).astype(np.uint8))
    return Image.composite(draw_background(size, rng), image, edge)


def darken_skin(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """More melanin everywhere, up to that of the darkest skin."""
    gains = np.exp(-rng.uniform(0.15, 1.0) * MELANIN)
    levels = np.arange(256)
    return image.point([round(v) for gain in gains for v in levels * gain])


def relight(image: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Another light: its colour (warm to cold, green to magenta), from one side, and sometimes a flash's glare."""
    size = image.width
    warmth, tint = rng.normal(0, 0.12 * strength), rng.normal(0, 0.04 * strength)
    gains = np.exp([warmth, tint, -warmth])
    x = (np.arange(size, dtype=np.float32) / size - 0.5)[None, :]
    y = x.T
    angle, slope = rng.uniform(0, 2 * math.pi), rng.normal(0, 0.25 * strength)
    light = np.exp(slope * math.cos(angle) * x) * np.exp(slope * math.sin(angle) * y)
    lit = np.asarray(image, np.float32) * light.astype(np.float32)[..., None] * gains.astype(np.float32)
    if rng.random() < 0.12 * strength:
        centre, radius = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.03, 0.12)
        glare = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * radius**2)) * rng.uniform(0.3, 0.9)
        lit += (255 - lit) * glare.astype(np.float32)[..., None]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def shake(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The hand moved: blur along a line of up to 4 % of the side."""
    pixels = np.asarray(image, np.float32)
    length, angle = max(2.0, rng.uniform(0.01, 0.04) * image.width), rng.uniform(0, math.pi)
    steps = np.linspace(-0.5, 0.5, max(3, round(length))) * length
    edge = math.ceil(length)
    padded = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    moved = np.zeros_like(pixels)
    for step in steps:
        top, left = edge + round(step * math.sin(angle)), edge + round(step * math.cos(angle))
        moved += padded[top : top + image.height, left : left + image.width]
    return Image.fromarray((moved / len(steps)).astype(np.uint8))


def add_noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A small sensor in poor light: noise in brightness and in colour, somewhat smoothed by the camera."""
    size, sigma = image.width, rng.uniform(3, 14)
    noise = rng.normal(0, sigma, (size, size, 1)) + rng.normal(0, sigma / 2, (size, size, 3))
    noisy = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    return noisy.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.7)))
