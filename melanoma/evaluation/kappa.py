"""Agreement beyond chance, of readers with the reference and with one another, for all resamples at once.

Cohen's kappa: Cohen 1960, doi:10.1177/001316446002000104. Fleiss' kappa: Fleiss 1971, doi:10.1037/h0031619.
"""

from __future__ import annotations

import numpy as np


def cohen_kappa(answers: np.ndarray, reference: np.ndarray, readers: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """Each reader's kappa with the reference, averaged over readers, for each resample: (1 + draws,).

    answers: (readers, cases) int, -1 where there is none; reference: (cases,) int; readers: (1 + draws, readers) and
    cases: (1 + draws, cases), how often each counts. A reader whose kappa a draw leaves undefined is left out of it.
    """
    each = np.stack([_kappa_of_one(own, reference, cases) for own in answers], axis=1)
    defined = np.isfinite(each)
    with np.errstate(invalid="ignore"):
        return (readers * np.where(defined, each, 0)).sum(axis=1) / (readers * defined).sum(axis=1)


def _kappa_of_one(own: np.ndarray, reference: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """(cases,) answers of one reader, weighted by each row of `cases` -> (1 + draws,)."""
    weights = cases * (own >= 0)
    total = weights.sum(axis=1)
    categories = np.union1d(own[own >= 0], reference)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (weights @ (own == categories).T) / total[:, None]
        expected = (share * (weights @ (reference == categories).T) / total[:, None]).sum(axis=1)
        observed = (weights @ (own == reference).astype(float)) / total
        return (observed - expected) / (1 - expected)


def fleiss_kappa(answers: np.ndarray, readers: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """Agreement of readers with one another, for each resample: (1 + draws,); shapes as for `cohen_kappa`.

    With all answers there it is Fleiss' kappa; a missing answer takes its pairs away. A reader whom a draw holds twice
    is not compared with themselves: they would agree on all, and the kappa of a draw would lie above the sample's.
    """
    present = answers >= 0
    agree = np.stack(
        [((answers == own) & present & own_there) for own, own_there in zip(answers, present, strict=True)]
    )
    both = present[:, None] & present[None, :]
    apart = ~np.eye(len(answers), dtype=bool)
    pairs = readers[:, :, None] * readers[:, None, :] * apart
    categories = np.unique(answers[present])
    given = np.stack([(answers == category).astype(float) for category in categories])
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = _sum_pairs(pairs, agree, cases) / _sum_pairs(pairs, both, cases)
        counts = np.stack([((readers @ one) * cases).sum(axis=1) for one in given])
        expected = ((counts / counts.sum(axis=0)) ** 2).sum(axis=0)
        return (observed - expected) / (1 - expected)


def _sum_pairs(pairs: np.ndarray, marks: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """pairs: (1 + draws, readers, readers); marks: (readers, readers, cases) -> weighted sum, (1 + draws,)."""
    per_pair = cases @ marks.reshape(-1, marks.shape[-1]).T.astype(float)
    return (pairs.reshape(len(pairs), -1) * per_pair).sum(axis=1)
