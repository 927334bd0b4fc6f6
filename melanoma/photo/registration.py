"""Two photos of one lesion -> how places in one lie in the other: a turn, a zoom and a shift.

By keypoints (ORB, Rublee 2011; agreement by RANSAC, Fischler and Bolles 1981) where enough of them agree, else by
points that a user gives. A similarity, and no affine transform: what stretches one photo more in one direction than in
another is a skewed camera, skin under tension, or growth, which must not be undone. README.md says how often it fails.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE = 288  # pixels of the longer side at which keypoints are looked for
KEYPOINTS = 1500  # of a photo, the strongest
CONTRAST = 5  # grey levels between a keypoint and its circle: skin is smooth, so that weak ones count as well
RATIO = 0.85  # a match must be that much closer than the second best
TOLERANCE = SIDE / 75  # pixels, of a keypoint from where the transform puts it
AGREEING = 12  # keypoints at least, else the photos count as not aligned
LARGEST_ZOOM = 3.0
# Of the agreeing places, across the line that they lie along (standard deviation, as a share of SIDE). The rulers of
# two photos agree in places on a line, whatever the lesions are: 0.016 and 0.021 in pairs of two lesions, 0.037 and
# more in 34 pairs of one.
LEAST_WIDTH = 0.03
FEWEST_POINTS, MOST_POINTS = 2, 3  # that a user gives
LEAST_DISTANCE = 0.1  # of such points from one another, as a share of the photo's longer side
MISSING = "OpenCV is not installed, so that photos are not aligned by themselves: `pip install opencv-python-headless`."
POINTS_TOO_CLOSE = "Two of the points lie too close together: choose points that are far apart."


class RegistrationError(ValueError):
    """Points that align nothing; the message is one plain sentence for the user."""


@dataclass(frozen=True)
class Registration:
    """How places of the `moving` photo lie in the `fixed` one.

    matrix: (2, 3) float64, takes (x, y, 1) in pixels of the moving photo to pixels of the fixed one; moving, fixed:
    (k, 2) float64, places in either photo that agree in it, x and y in pixels; by_hand: whether a user gave them.
    """

    matrix: np.ndarray
    moving: np.ndarray
    fixed: np.ndarray
    by_hand: bool = False

    @property
    def agreeing(self) -> int:
        """How many places agree."""
        return len(self.fixed)

    @property
    def zoom(self) -> float:
        """How much larger the moving photo's lesion is drawn in the fixed one's pixels."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def turn(self) -> float:
        """Degrees, clockwise on screen, -180 to 180."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def move(self, places: np.ndarray) -> np.ndarray:
        """places: (k, 2) of the moving photo, x and y in pixels -> (k, 2) of the fixed one."""
        return places @ self.matrix[:, :2].T + self.matrix[:, 2]

    def warp(self, moving: np.ndarray, width: int, height: int) -> np.ndarray:
        """moving: (H, W, 3) or (H, W) uint8 -> the same of `height` and `width`, in the fixed photo's frame.

        For looking at, and for masks: black or 0 where the moving photo shows nothing.
        """
        inverse = invert(self.matrix)
        # Pillow asks for the place of a pixel's corner, and takes its centre.
        image = Image.fromarray(moving)
        return np.asarray(
            image.transform(
                (width, height),
                Image.Transform.AFFINE,
                tuple(inverse.ravel()),
                Image.Resampling.BICUBIC if moving.ndim == 3 else Image.Resampling.NEAREST,
            )
        )


def can_register() -> bool:
    """Whether OpenCV is installed."""
    return importlib.util.find_spec("cv2") is not None


def register(moving: np.ndarray, fixed: np.ndarray) -> Registration | None:
    """Two photos, (H, W, 3) uint8 each -> how one lies in the other; None where too few keypoints agree, or on a line.

    Needs OpenCV, see `can_register`.
    """
    import cv2

    (source, first), (target, second) = find_keypoints(moving), find_keypoints(fixed)
    if min(len(source), len(target)) < AGREEING:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(first, second, k=2)
    close = [best for best, other in pairs if best.distance < RATIO * other.distance]
    # Several keypoints on one place of the other photo are no evidence: the closest alone counts.
    matches = {m.trainIdx: m for m in sorted(close, key=lambda m: -m.distance)}.values()
    if len(matches) < AGREEING:
        return None
    source, target = source[[m.queryIdx for m in matches]], target[[m.trainIdx for m in matches]]
    matrix, inside = cv2.estimateAffinePartial2D(
        source, target, ransacReprojThreshold=TOLERANCE, maxIters=5000, confidence=0.999
    )
    if matrix is None:
        return None
    # One spot may have several keypoints, of several sizes and directions: it counts once.
    _, once = np.unique(source[inside.ravel() > 0].round(), axis=0, return_index=True)
    source, target = (places[inside.ravel() > 0][once].astype(np.float64) for places in (source, target))
    zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if len(source) < AGREEING or not 1 / LARGEST_ZOOM < zoom < LARGEST_ZOOM:
        return None
    if measure_width(target) < LEAST_WIDTH * SIDE:
        return None
    to_moving, to_fixed = scale_of(moving), scale_of(fixed)
    return Registration(rescale(matrix, to_moving, to_fixed), source / to_moving, target / to_fixed)


def find_keypoints(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """pixels: (H, W, 3) uint8 -> places (k, 2) float32 in pixels at SIDE, and descriptors (k, 32) uint8 of 256 bits."""
    import cv2

    scale = scale_of(pixels)
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
    orb = cv2.ORB.create(nfeatures=KEYPOINTS, fastThreshold=CONTRAST)
    points, descriptors = orb.detectAndCompute(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None:
        return np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8)
    return np.array([point.pt for point in points], np.float32), descriptors


def register_points(
    moving: Sequence[tuple[float, float]], fixed: Sequence[tuple[float, float]], sides: tuple[float, float]
) -> Registration:
    """The same two or three places in both photos, x and y in pixels -> how one lies in the other.

    Two places give one similarity; of three the nearest one by least squares (Umeyama 1991). sides: the longer one of
    either photo, pixels. Raises RegistrationError for too few points, or points too close to one another.
    """
    source, target = np.array(moving, np.float64), np.array(fixed, np.float64)
    if len(source) != len(target) or len(source) < FEWEST_POINTS:
        raise RegistrationError(f"Give at least {FEWEST_POINTS} points in both photos.")
    apart = (find_least_distance(source) / sides[0], find_least_distance(target) / sides[1])
    if min(apart) < LEAST_DISTANCE:
        raise RegistrationError(POINTS_TOO_CLOSE)
    return Registration(fit_similarity(source, target), source, target, by_hand=True)


def fit_similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(k, 2) places and where they lie -> (2, 3) matrix of the similarity nearest by least squares, unmirrored.

    As complex numbers it is one division: target = a * source + b.
    """
    z, w = source @ [1, 1j], target @ [1, 1j]
    centred = z - z.mean()
    a = np.vdot(centred, w - w.mean()) / np.vdot(centred, centred)
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def find_least_distance(points: np.ndarray) -> float:
    """Between any two of (k, 2) points, k at least 2."""
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return float(distances[~np.eye(len(points), dtype=bool)].min())


def measure_width(places: np.ndarray) -> float:
    """Standard deviation of (k, 2) places across the line that they lie along."""
    return float(np.linalg.svd(places - places.mean(axis=0), compute_uv=False)[-1] / np.sqrt(len(places)))


def scale_of(pixels: np.ndarray) -> float:
    """By which a photo is brought to SIDE."""
    return SIDE / max(pixels.shape[:2])


def rescale(matrix: np.ndarray, moving: float, fixed: float) -> np.ndarray:
    """A matrix between photos brought to SIDE, by the scales of both -> between the photos themselves."""
    return np.column_stack([matrix[:, :2] * moving / fixed, matrix[:, 2] / fixed])


def invert(matrix: np.ndarray) -> np.ndarray:
    """(2, 3) matrix -> the one that leads back."""
    back = np.linalg.inv(matrix[:, :2])
    return np.column_stack([back, -back @ matrix[:, 2]])
