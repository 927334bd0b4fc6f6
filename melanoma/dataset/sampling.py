"""How the photos of a training epoch are drawn: by diagnosis, kind and source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.sources import KINDS


@dataclass(frozen=True)
class Sampling:
    """How a training epoch is drawn, and how its photos are changed. The exponents count within each kind of photo."""

    samples_per_epoch: int
    class_balance_exponent: float = -0.7  # -1 draws every diagnosis alike, 0 as often as it occurs
    augmentation_strength: float | None = 1.0  # of dermoscopic photos; None: every photo as it is
    mixup_alpha: float = 0.0  # Beta(alpha, alpha) mix of two samples (Zhang 2018); 0: none
    uninformative_share: float = 0.0  # chance that a photo is made unreadable, every diagnosis then as likely
    distillation_weight: float = 0.0  # share of a label that is the teachers' answer to the photo as it is drawn
    clinical_augmentation_strength: float = 1.0  # of clinical and other photos
    source_balance_exponent: float = 0.0  # -1 draws every source of a kind alike, 0 as often as it occurs
    kind_shares: tuple[float, float, float] | None = None  # of an epoch, in the order of KINDS; None: as they occur


def sampling_chances(
    labels: np.ndarray, sampling: Sampling, kinds: np.ndarray | None = None, sources: np.ndarray | None = None
) -> np.ndarray:
    """Chance of each photo to be drawn, (n,) float64, sum 1.

    labels: (n,) int; kinds: (n,) int, index into KINDS, dermoscopic without it; sources: (n,) ids, one without it.
    Raises ValueError where `kind_shares` leaves nothing to draw.
    """
    if kinds is None:
        kinds = np.zeros(len(labels), int)
    chances = count_alike(kinds, labels).astype(float) ** sampling.class_balance_exponent
    if sampling.source_balance_exponent and sources is not None:
        chances *= count_alike(kinds, sources).astype(float) ** sampling.source_balance_exponent
    if sampling.kind_shares is not None:
        for kind, share in enumerate(sampling.kind_shares):
            own = kinds == kind
            chances[own] *= share / max(chances[own].sum(), np.finfo(float).tiny)
    if not chances.sum() > 0:
        raise ValueError(f"no photo to draw: kind_shares {sampling.kind_shares} of {', '.join(KINDS)}")
    return chances / chances.sum()


def count_alike(*columns: np.ndarray) -> np.ndarray:
    """How many rows have the values that each row has, (n,) int."""
    codes = np.column_stack([np.unique(column, return_inverse=True)[1] for column in columns])
    _, which, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    return counts[which.ravel()]
