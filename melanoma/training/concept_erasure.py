"""Concept erasure: what names the source of a photo is taken out of the answer of a trained network.

A network learns to tell the sources apart, by camera and processing, and uses it: some diagnoses come from one source
alone. Here the one linear direction of its last features that tells two sources apart *within* a diagnosis is removed,
and nothing else: least-squares concept erasure (LEACE; Belrose 2023, arXiv:2306.03819, section 4), with covariances
within the diagnoses, so that what tells a melanoma from a nevus is kept even where the sources hold them in different
proportions. The removal is linear, and so is the layer after it: it is folded into that layer, and costs nothing.
"""

from __future__ import annotations

import numpy as np

from melanoma.diagnoses import index
from melanoma.evaluation.source_probe import FEWEST, PROBE_DIAGNOSES, SOURCES

SHRINKAGE = 0.05  # of the covariance towards a multiple of the identity: there are a few photos to a feature


def select_photos(labels: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """The photos from which the direction is learned: labels (n,) int, sources (n,) -> (n,) bool.

    Those of both sources, in the diagnoses of which each source has enough. Raises ValueError where there is none.
    """
    mask = np.zeros(len(labels), bool)
    for code in PROBE_DIAGNOSES:
        of = [(labels == index(code)) & (sources == source) for source in SOURCES]
        if min(own.sum() for own in of) >= FEWEST:
            mask |= of[0] | of[1]
    if not mask.any():
        raise ValueError(f"no diagnosis has {FEWEST} photos of each of {' and '.join(SOURCES)}")
    return mask


def erase_source_direction(
    kernel: np.ndarray, bias: np.ndarray, features: np.ndarray, labels: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel (d, k) and bias (k,) of a dense layer that no longer sees which source a photo is from, float32.

    features: (n, d), what the layer reads; labels: (n,) int; sources: (n,); only photos of `select_photos`. With c the
    covariance of features and source and S that of the features, both within diagnoses, a photo's features x become
    x - c (v.(x - mean)) / (v.c), v = inverse(S) c: the smallest change, as S measures it, after which
    features and source do not covary within the diagnoses, so that no linear probe over them tells the sources apart.
    """
    from sklearn.covariance import empirical_covariance, shrunk_covariance

    x = features.astype(np.float64)
    second = (sources == SOURCES[1]).astype(np.float64)
    mean = x.mean(axis=0)
    centred = centre_by_diagnosis(x, labels)
    c = centred.T @ centre_by_diagnosis(second, labels) / len(x)
    spread = shrunk_covariance(empirical_covariance(centred, assume_centered=True), SHRINKAGE)
    v = np.linalg.solve(spread, c)
    gains = c @ kernel.astype(np.float64) / (v @ c)  # (k,): what each logit gains from the direction
    return (kernel - np.outer(v, gains)).astype(np.float32), (bias + (mean @ v) * gains).astype(np.float32)


def centre_by_diagnosis(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """values: (n,) or (n, d), each less the mean over its own diagnosis."""
    centred = values.copy()
    for label in np.unique(labels):
        centred[labels == label] -= values[labels == label].mean(axis=0)
    return centred
