"""Copies of one picture: byte-identical files and near-duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

THUMBNAIL = 24  # pixels; at this size two exposures of one lesion still differ, two copies do not
NEAR = 0.99  # correlation above which two thumbnails show one picture


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def thumbnails(images: np.ndarray) -> np.ndarray:
    """images: (n, s, s, 3) uint8 -> (n, THUMBNAIL^2 * 3) float32, each of zero mean and unit length."""
    from PIL import Image

    small = [np.asarray(Image.fromarray(i).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)) for i in images]
    rows = np.stack(small).reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def near_duplicates(rows: np.ndarray, threshold: float = NEAR, block: int = 1024) -> list[tuple[int, int, float]]:
    """Pairs (i, j, correlation), i < j, of thumbnail rows whose correlation exceeds `threshold`."""
    pairs = []
    for start in range(0, len(rows), block):
        scores = rows[start : start + block] @ rows.T
        for i, j in zip(*np.nonzero(scores > threshold), strict=True):
            if start + i < j:
                pairs.append((int(start + i), int(j), float(scores[i, j])))
    return pairs


def components(count: int, pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Labels (count,) int of the connected components that `pairs` make of 0 .. count - 1."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = np.array(list(pairs), dtype=int).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]
