"""Photos that show the same lesion in another frame: turned, zoomed, shifted, on another day.

Thumbnails find copies and miss these. Here two photos show the same lesion when enough of their SIFT keypoints (Lowe
2004) agree in one similarity transform. Comparing every pair would take days, so that each photo is compared only with
those that share the most of its rarer visual words (Sivic and Zisserman 2003). OpenCV finds the keypoints, in some
20 ms a photo.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.dataset.duplicates import Progress
from melanoma.dataset.packing import PACKED_SIZE
from melanoma.photo.photos import PhotoError, read_photo
from melanoma.photo.preprocessing import network_input

# Keypoints that must agree. On the public dermoscopic photos 8 to 11 agree by chance where a ruler or the round frame
# of a dermatoscope is in both (66 of 407 pairs that nothing else ties together have two diagnoses); at 12 none has.
AGREEING = 12
FEWEST = 4  # below so many matches there is no transform to estimate
KEYPOINTS = 200  # of a photo, the strongest
CANDIDATES = 20  # photos that each is compared with
WORDS = 4096  # visual words at most; one for each 16 keypoints of a smaller folder
RATIO = 0.8  # a match must be that much closer than the second best (Lowe 2004)
TOLERANCE = 4.0  # pixels, of a keypoint from where the transform puts it, in photos of 224 pixels
LARGEST_ZOOM = 4.0
MISSING = (
    "Photos of the same lesion in another frame were not looked for, as OpenCV is not installed: "
    "install it with `pip install opencv-python-headless` and audit again."
)


@dataclass(frozen=True)
class Keypoints:
    """Of one photo. places: (k, 2) float32, x and y in pixels; descriptors: (k, 128) uint8."""

    places: np.ndarray
    descriptors: np.ndarray


@dataclass(frozen=True)
class Match:
    """Two photos, by their rows, and how many keypoints agree that they show the same lesion."""

    first: int
    second: int
    agreeing: int


def can_match() -> bool:
    """Whether OpenCV is installed."""
    return importlib.util.find_spec("cv2") is not None


def find_keypoints(pixels: np.ndarray) -> Keypoints:
    """pixels: (s, s, 3) uint8 sRGB -> its strongest keypoints. Skin is smooth, so that weak ones count as well."""
    import cv2

    sift = cv2.SIFT.create(nfeatures=KEYPOINTS, contrastThreshold=0.01)
    points, descriptors = sift.detectAndCompute(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None)
    if descriptors is None:
        return Keypoints(np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8))
    return Keypoints(np.array([p.pt for p in points], np.float32), descriptors.astype(np.uint8))


def read_keypoints(
    table: pd.DataFrame, progress: Progress = lambda items, _: items, smallest_side: int | None = None
) -> list[Keypoints]:
    """Keypoints of the photos of `table` (columns path, aspect) at PACKED_SIZE; none of one that cannot be read.

    `smallest_side`: as in `read_photo`, for folders of large photos.
    """

    def load(item) -> Keypoints:
        aspect = None if pd.isna(item.aspect) else float(item.aspect)
        try:
            pixels = read_photo(Path(item.path).read_bytes(), smallest_side).pixels
        except PhotoError:
            return find_keypoints(np.zeros((PACKED_SIZE, PACKED_SIZE, 3), np.uint8))
        return find_keypoints(network_input(pixels, PACKED_SIZE, aspect))

    with ThreadPoolExecutor(2) as pool:
        return list(progress(pool.map(load, table[["path", "aspect"]].itertuples(index=False)), len(table)))


def count_agreeing(first: Keypoints, second: Keypoints) -> int:
    """How many keypoints of two photos agree in one turn, zoom and shift (a similarity transform, by RANSAC)."""
    import cv2

    if min(len(first.places), len(second.places)) < FEWEST:
        return 0
    pairs = cv2.BFMatcher().knnMatch(first.descriptors.astype(np.float32), second.descriptors.astype(np.float32), k=2)
    close = [best for best, other in pairs if best.distance < RATIO * other.distance]
    # several keypoints on one place of the other photo are no evidence: the closest alone counts
    best_of = {m.trainIdx: m for m in sorted(close, key=lambda m: -m.distance)}
    if len(best_of) < FEWEST:
        return 0
    source = first.places[[m.queryIdx for m in best_of.values()]]
    target = second.places[[m.trainIdx for m in best_of.values()]]
    transform, inside = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=TOLERANCE, maxIters=1000)
    if transform is None:
        return 0
    zoom = float(np.hypot(transform[0, 0], transform[1, 0]))
    if not 1 / LARGEST_ZOOM < zoom < LARGEST_ZOOM:
        return 0
    return len(np.unique(source[inside.ravel() > 0].round(), axis=0))


def list_candidates(
    queries: Sequence[Keypoints], references: Sequence[Keypoints] | None = None, most: int = CANDIDATES
) -> list[tuple[int, int]]:
    """Pairs (query, reference) that are worth comparing: for each query the `most` references most like it.

    Without `references` the queries are compared among themselves, and a pair stands once, lower row first.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    both = [*queries, *(references or [])]
    counts = count_words(both)
    if not counts.nnz:
        return []
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts).tocsr()
    n = len(queries)
    others = weights if references is None else weights[n:]
    pairs: set[tuple[int, int]] = set()
    for start in range(0, n, 512):
        likeness = (weights[start : min(start + 512, n)] @ others.T).toarray()
        if references is None:
            likeness[np.arange(len(likeness)), start + np.arange(len(likeness))] = 0
        top = np.argsort(-likeness, axis=1, kind="stable")[:, :most]
        for row, columns in enumerate(top):
            for column in columns[likeness[row, columns] > 0].tolist():
                pair = (start + row, column)
                pairs.add((min(pair), max(pair)) if references is None else pair)
    return sorted(pairs)


def count_words(photos: Sequence[Keypoints]):
    """How often each photo has each visual word, (n, WORDS) sparse.

    The words are descriptors drawn from the photos; a descriptor is the word nearest to it, by the square roots of
    its shares (Arandjelovic and Zisserman 2012).
    """
    from scipy.sparse import csr_array

    lengths = [len(photo.places) for photo in photos]
    descriptors = np.concatenate([np.empty((0, 128), np.uint8), *(photo.descriptors for photo in photos)])
    if not len(descriptors):
        return csr_array((len(photos), WORDS))
    rng = np.random.default_rng(0)
    words = root(descriptors[rng.choice(len(descriptors), min(WORDS, 1 + len(descriptors) // 16), replace=False)])
    nearest = np.concatenate(
        [(root(descriptors[i : i + 16384]) @ words.T).argmax(axis=1) for i in range(0, len(descriptors), 16384)]
    )
    rows = np.repeat(np.arange(len(photos)), lengths)
    return csr_array((np.ones(len(rows), np.float32), (rows, nearest)), shape=(len(photos), WORDS))


def root(descriptors: np.ndarray) -> np.ndarray:
    """descriptors: (k, 128) uint8 -> (k, 128) float32 of unit length, the square roots of their shares."""
    values = descriptors.astype(np.float32)
    return np.sqrt(values / np.maximum(values.sum(axis=1, keepdims=True), 1))


def match_lesions(
    queries: Sequence[Keypoints],
    references: Sequence[Keypoints] | None = None,
    progress: Progress = lambda items, _: items,
) -> list[Match]:
    """Pairs of photos that show the same lesion, by row; `references` as in `list_candidates`."""
    candidates = list_candidates(queries, references)
    others = queries if references is None else references
    with ThreadPoolExecutor(2) as pool:
        agreeing = pool.map(lambda pair: count_agreeing(queries[pair[0]], others[pair[1]]), candidates)
        counts = list(progress(agreeing, len(candidates)))
    return [Match(i, j, n) for (i, j), n in zip(candidates, counts, strict=True) if n >= AGREEING]
