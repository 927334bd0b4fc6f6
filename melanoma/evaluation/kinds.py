"""How well a network tells dermoscopic photos, clinical close-ups and photos without a lesion apart."""

from __future__ import annotations

import numpy as np

from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.run.evaluation import KindRecognition
from melanoma.sources import KINDS, OTHER


def measure_kinds(kinds: np.ndarray, logits: np.ndarray, groups: np.ndarray) -> KindRecognition:
    """kinds: (n,) of KINDS; logits: (n, 3) in their order; groups: (n,) lesion of each photo."""
    seen = np.array(KINDS)[logits.argmax(axis=1)]
    resamples = Resamples.of_lesions(groups)
    present = [kind for kind in KINDS if (kinds == kind).any()]
    return KindRecognition(
        recognised={kind: estimate(resamples.share(seen == kind, kinds == kind)) for kind in present},
        refused={kind: estimate(resamples.share(seen == OTHER, kinds == kind)) for kind in present if kind != OTHER},
        counts={kind: {other: int(((kinds == kind) & (seen == other)).sum()) for other in KINDS} for kind in present},
    )
