"""Copies of one picture: near-duplicates, by their thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.dataset.packing import PACKED_SIZE
from melanoma.photo.photos import PhotoError, read_photo
from melanoma.photo.preprocessing import network_input

THUMBNAIL = 24  # pixels; at this size two exposures of one lesion still differ, two copies do not
NEAR = 0.99  # correlation above which two thumbnails show one picture

Progress = Callable[[Iterable, int], Iterable]  # (photos, how many) -> the same photos, passed on one by one


def make_thumbnails(images: np.ndarray) -> np.ndarray:
    """images: (n, s, s, 3) uint8 -> (n, THUMBNAIL^2 * 3) float32, each of zero mean and unit length."""
    small = [np.asarray(Image.fromarray(i).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)) for i in images]
    rows = np.stack(small).reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def read_thumbnails(
    table: pd.DataFrame, progress: Progress = lambda items, _: items, smallest_side: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """table: path, aspect -> (m, k) float32 rows of the m photos that can be read, (n,) bool: which they are.

    `smallest_side`: as in `read_photo`, for folders of large photos.
    """

    def load(item) -> np.ndarray | None:
        aspect = None if pd.isna(item.aspect) else float(item.aspect)
        try:
            pixels = read_photo(Path(item.path).read_bytes(), smallest_side).pixels
        except PhotoError:
            return None
        return make_thumbnails(network_input(pixels, PACKED_SIZE, aspect)[None])[0]

    with ThreadPoolExecutor(2) as pool:
        loaded = list(progress(pool.map(load, table.itertuples(index=False)), len(table)))
    read = np.array([row is not None for row in loaded], dtype=bool)
    rows = [row for row in loaded if row is not None]
    return np.stack(rows) if rows else np.empty((0, 3 * THUMBNAIL**2), np.float32), read


def find_near_duplicates(rows: np.ndarray, threshold: float = NEAR, block: int = 1024) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation), i < j, of thumbnail rows whose correlation exceeds `threshold`."""
    pairs = []
    for start in range(0, len(rows), block):
        scores = rows[start : start + block] @ rows.T
        for i, j in zip(*np.nonzero(scores > threshold), strict=True):
            if start + i < j:
                pairs.append((int(start + i), int(j), float(scores[i, j])))
    return pairs


def label_components(count: int, pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Labels (count,) int of the connected components that `pairs` make of 0 .. count - 1."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = np.array(list(pairs), dtype=int).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]
