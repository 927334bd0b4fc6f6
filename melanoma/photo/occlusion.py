"""What if this place were hidden? A region of a photo blurred, or filled from its surroundings."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

How = Literal["blurred", "filled"]
RIM = 4  # pixels around the region whose colours fill it, at least


def occlude(pixels: np.ndarray, box: tuple[float, float, float, float], how: How = "filled") -> np.ndarray:
    """pixels: (H, W, 3) uint8; box: (left, top, right, bottom) in pixels -> a copy with the box hidden.

    `blurred` leaves the colours, out of focus, and takes the structure; `filled` replaces all of it by a
    smooth passage between the colours at its sides, as if the skin around went on. The box is cut to the
    photo; ValueError when nothing of it is left, or when it covers the whole photo.
    """
    rows, columns = pixels.shape[:2]
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, bottom = min(columns, round(box[2])), min(rows, round(box[3]))
    if right <= left or bottom <= top:
        raise ValueError("the box lies outside the photo: draw it on the photo.")
    if (right - left, bottom - top) == (columns, rows):
        raise ValueError("the box covers the whole photo: leave some of it to be seen.")
    region = (left, top, right, bottom)
    hidden = pixels.copy()
    hidden[top:bottom, left:right] = blurred(pixels, region) if how == "blurred" else filled(pixels, region)
    return hidden


def blurred(pixels: np.ndarray, region: tuple[int, int, int, int]) -> np.ndarray:
    """What lies in the region (left, top, right, bottom), far out of focus: (bottom - top, right - left, 3) uint8.

    The Gaussian's standard deviation is a quarter of the region's shorter side; what is around flows in.
    """
    left, top, right, bottom = region
    sigma = max(2.0, min(right - left, bottom - top) / 4)
    room = round(3 * sigma)
    x, y = max(0, left - room), max(0, top - room)
    around = Image.fromarray(pixels[y : bottom + room, x : right + room]).filter(ImageFilter.GaussianBlur(sigma))
    return np.asarray(around)[top - y : bottom - y, left - x : right - x]


def filled(pixels: np.ndarray, region: tuple[int, int, int, int]) -> np.ndarray:
    """The region filled from the mean colours just outside its sides, each with weight 1 / distance.

    Sides at the photo's border have nothing outside and do not count. (bottom - top, right - left, 3) uint8.
    """
    left, top, right, bottom = region
    height, width = bottom - top, right - left
    rim = max(RIM, min(height, width) // 12)
    x, y = np.arange(width)[None, :, None], np.arange(height)[:, None, None]
    total, weights = np.zeros((height, width, 3)), np.zeros((height, width, 1))
    sides = (
        (pixels[top:bottom, max(0, left - rim) : left].mean(axis=1, keepdims=True) if left else None, x + 1),
        (
            pixels[top:bottom, right : right + rim].mean(axis=1, keepdims=True) if right < pixels.shape[1] else None,
            width - x,
        ),
        (pixels[max(0, top - rim) : top, left:right].mean(axis=0, keepdims=True) if top else None, y + 1),
        (
            pixels[bottom : bottom + rim, left:right].mean(axis=0, keepdims=True) if bottom < len(pixels) else None,
            height - y,
        ),
    )
    for colours, distance in sides:
        if colours is None:
            continue
        weight = 1 / (np.zeros((height, width, 1)) + distance)
        total += weight * smoothed(colours, rim)
        weights += weight
    return (total / weights).round().astype(np.uint8)


def smoothed(colours: np.ndarray, width: int) -> np.ndarray:
    """Colours along one side, (n, 1, 3) or (1, n, 3), averaged over `width` neighbours: no streaks in the filling."""
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(colours, width, axis=int(np.argmax(colours.shape[:2])), mode="nearest")
