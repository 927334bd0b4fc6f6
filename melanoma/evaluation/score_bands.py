"""What a malignancy probability has meant on test photos, band by band: the likelihood ratio of each."""

from __future__ import annotations

import numpy as np

from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.run.evaluation import ScoreBand

EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
ENOUGH = 20  # photos that a band must hold to say anything


def measure_score_bands(scores: np.ndarray, malignant: np.ndarray, resamples: Resamples) -> tuple[ScoreBand, ...]:
    """scores: (n,) malignancy probabilities; malignant: (n,) bool -> a band between each two of EDGES.

    The likelihood ratio is the share of the malignant photos that lie in the band over that of the benign ones
    (stratum-specific likelihood ratio: Peirce and Cornell 1993, Med Decis Making 13:141). It does not depend on how
    many of the photos are malignant. It is None for a band of fewer than ENOUGH photos, or without a benign one.
    """
    places = np.clip(np.searchsorted(EDGES, scores, side="right") - 1, 0, len(EDGES) - 2)
    return tuple(
        _measure_band(places == k, (EDGES[k], EDGES[k + 1]), malignant, resamples) for k in range(len(EDGES) - 1)
    )


def _measure_band(
    inside: np.ndarray, ends: tuple[float, float], malignant: np.ndarray, resamples: Resamples
) -> ScoreBand:
    benign = ~malignant
    ratio = None
    if inside.sum() >= ENOUGH and (inside & benign).any():
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = estimate(resamples.share(inside, malignant) / resamples.share(inside, benign))
    return ScoreBand(*ends, int((inside & malignant).sum()), int((inside & benign).sum()), ratio)
