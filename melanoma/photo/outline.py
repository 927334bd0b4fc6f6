"""The outline of a lesion, where it is plain: one spot that stands out from the skin around it.

A pixel belongs to the spot where its colour differs from the skin's by more than a threshold (half of Otsu's, 1979:
experts draw borders further out than where the two parts are parted best). What is not plain has no outline: a lesion
that leaves the frame, fades into the skin, or is one of several spots. README.md says how near the outlines are to
those of experts, and how many photos have one.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from melanoma.photo.lab_colours import convert_to_lab

SIDE = 200  # pixels of the longer side at which it is looked for
MEDIAN, BLUR = 7, 1.5  # pixels, against hair and pores
RING = 0.05  # of the longer side: pixels at the edge that are skin, if the lesion does not leave the frame
LEAST_RING = 50  # pixels
FRAME = 18.0  # L* below which what touches the edge is the round frame of a dermatoscope
SHARE = 0.5  # of Otsu's threshold
STRICTER, LOOSER = 1.25, 0.75  # times the threshold
STEADY = 0.8  # overlap (Jaccard) at least of the spot with those at a stricter and a looser threshold
ALONE = 0.9  # share at least of all that stands out, which the spot has
LEAST_AREA = 0.02  # share of the photo
TOUCHING = 0.01  # share of the photo's edge at most that the spot touches


def find_outline(pixels: np.ndarray) -> np.ndarray | None:
    """pixels: (H, W, 3) uint8 sRGB -> (H, W) bool, where the lesion is; None where that is not plain."""
    scale = SIDE / max(pixels.shape[:2])
    size = (max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
    lab = ndimage.gaussian_filter(ndimage.median_filter(convert_to_lab(small), (1, MEDIAN, MEDIAN)), (0, BLUR, BLUR))
    away, frame = measure_difference(lab)
    if away is None or away[~frame].max() <= 0:
        return None
    threshold = SHARE * find_threshold(away[~frame])
    spot, alone = find_spot(away > threshold)
    others = [find_spot(away > factor * threshold)[0] for factor in (STRICTER, LOOSER)]
    edge = list_edge(spot.shape, 1)
    if (
        alone < ALONE
        or spot.mean() < LEAST_AREA
        or (spot & edge).sum() > TOUCHING * edge.sum()
        or min(measure_overlap(spot, other) for other in others) < STEADY
    ):
        return None
    smooth = Image.fromarray(ndimage.gaussian_filter(spot.astype(np.float32), 1))
    return np.asarray(smooth.resize((pixels.shape[1], pixels.shape[0]), Image.Resampling.BILINEAR)) > 0.5


def measure_difference(lab: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """lab: (3, h, w) -> (h, w) how far each pixel is from the skin's colour, lighter ones not, and (h, w) the frame.

    None where the frame of a dermatoscope leaves no skin to compare with.
    """
    shape = lab.shape[1:]
    labels, _ = ndimage.label(ndimage.binary_dilation(lab[0] < FRAME, iterations=3))
    at_edge = np.unique(labels[list_edge(shape, 1)])
    frame = np.isin(labels, at_edge[at_edge > 0])
    ring = list_edge(shape, max(round(RING * max(shape)), 2)) & ~frame
    if ring.sum() < LEAST_RING:
        return None, frame
    lightness, a, b = lab - np.median(lab[:, ring], axis=1)[:, None, None]
    away = np.sqrt(np.minimum(lightness, 0) ** 2 + a**2 + b**2)
    away[frame] = 0
    return away, frame


def find_threshold(values: np.ndarray) -> float:
    """What parts values into two with the least variance within each (Otsu 1979)."""
    counts, edges = np.histogram(values, 128)
    centres, below = (edges[1:] + edges[:-1]) / 2, np.cumsum(counts)[:-1]
    sums, total = np.cumsum(counts * centres), counts.sum()
    between = (sums[-1] * below / total - sums[:-1]) ** 2 / (below * (total - below))
    return float(centres[between.argmax()])


def find_spot(stands_out: np.ndarray) -> tuple[np.ndarray, float]:
    """(h, w) bool -> the same of the spot that is most in the middle, and its share of all that stands out."""
    opened = ndimage.binary_opening(stands_out, iterations=2)
    closed = ndimage.binary_closing(np.pad(opened, 6), iterations=4)[6:-6, 6:-6]
    labels, spots = ndimage.label(ndimage.binary_fill_holes(closed))
    if not spots:
        return np.zeros_like(stands_out), 0.0
    (h, w), (y, x) = labels.shape, np.indices(labels.shape)
    middle = np.exp(-(((y - h / 2) / (h / 3)) ** 2) - ((x - w / 2) / (w / 3)) ** 2)
    spot = labels == 1 + int(np.argmax(ndimage.sum(middle, labels, range(1, spots + 1))))
    return spot, float(spot.sum() / (labels > 0).sum())


def list_edge(shape: tuple[int, ...], width: int) -> np.ndarray:
    """(h, w) bool, the pixels within `width` of the edge."""
    edge = np.ones(shape, bool)
    edge[width:-width, width:-width] = False
    return edge


def measure_overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Of two masks, the Jaccard index: 0 to 1."""
    return float((one & other).sum() / max((one | other).sum(), 1))


def trace_outline(outline: np.ndarray) -> list[tuple[int, int]]:
    """(H, W) bool -> the places along its border, x and y in pixels; empty for an empty outline. Needs OpenCV."""
    import cv2

    borders, _ = cv2.findContours(outline.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not borders:
        return []
    longest = max(borders, key=len)
    smooth = cv2.approxPolyDP(longest, max(outline.shape) / 500, closed=True)
    return [(int(x), int(y)) for ((x, y),) in smooth]
