"""How well a network tells dermoscopic photos, clinical close-ups and photos without a lesion apart."""

from __future__ import annotations

import numpy as np

from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.evaluation.metrics import softmax
from melanoma.run.evaluation import KindRecognition
from melanoma.serving.kinds import see_kinds
from melanoma.sources import CLINICAL, DERMOSCOPIC, KINDS, OTHER

BARE_SKIN, EVERYDAY_PHOTO = "bare skin", "everyday photo"  # what a photo without a lesion shows


def measure_kinds(shows: np.ndarray, logits: np.ndarray, groups: np.ndarray) -> KindRecognition:
    """What photos are taken for in use.

    shows: (n,) DERMOSCOPIC, CLINICAL, BARE_SKIN or EVERYDAY_PHOTO; logits: (n, 3) of KINDS; groups: (n,) lesions.
    """
    seen = np.array(see_kinds(softmax(logits.astype(np.float64))))
    resamples = Resamples.of_lesions(groups)
    present = [name for name in (DERMOSCOPIC, CLINICAL, BARE_SKIN, EVERYDAY_PHOTO) if (shows == name).any()]
    right = {name: name if name in KINDS else OTHER for name in present}
    return KindRecognition(
        recognised={name: estimate(resamples.share(seen == right[name], shows == name)) for name in present},
        refused={name: estimate(resamples.share(seen == OTHER, shows == name)) for name in present if name in KINDS},
        counts={name: {kind: int(((shows == name) & (seen == kind)).sum()) for kind in KINDS} for name in present},
    )
