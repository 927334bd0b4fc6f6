"""What the network knows that it should not: the source of a photo."""

from __future__ import annotations

import numpy as np

from melanoma.diagnoses import NAMES, index
from melanoma.evaluation.bootstrap import SEED, Resamples, estimate
from melanoma.run.evaluation import DiagnosisProbe, Probe, SourceProbe

FOLDS = 5
CHANCE = 0.5  # AUC of a probe that tells nothing
FEWEST = 20  # photos of each source below which a probe says nothing
PROBE_DIAGNOSES = ("NV", "MEL")
SOURCES = ("ham10000", "isic2017")
NOTE = (
    "logistic regression on what the network's last layer reads, telling ham10000 from isic2017 among photos of one "
    "diagnosis; validation and test photos, cross-validated by lesion; 0.5 is chance: the network kept nothing that "
    "names the source. answer: the same probe on the nine logits, which are all that the answer is made of. colours: "
    "on the mean and spread of each colour channel alone"
)


def probe_sources(
    features: np.ndarray,
    logits: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    sources: np.ndarray,
    groups: np.ndarray,
) -> SourceProbe:
    """How well sources are told apart within one diagnosis.

    features: (n, d); logits: (n, 9); images: (n, s, s, 3) uint8; labels: (n,) int; sources, groups: (n,). A diagnosis
    with fewer than FEWEST photos of either source is None.
    """
    moments = np.concatenate([images.mean(axis=(1, 2)), images.std(axis=(1, 2))], axis=1)
    diagnoses: dict[str, DiagnosisProbe | None] = {}
    for code in PROBE_DIAGNOSES:
        own = (labels == index(code)) & np.isin(sources, SOURCES)
        counts = {source: int((sources[own] == source).sum()) for source in SOURCES}
        if min(counts.values()) < FEWEST:
            diagnoses[code] = None
            continue
        second = sources[own] == SOURCES[1]
        diagnoses[code] = DiagnosisProbe(
            **vars(fit_probe(features[own], second, groups[own])),
            diagnosis=NAMES[code],
            photos=counts,
            answer=fit_probe(logits[own], second, groups[own]),
            colours=fit_probe(moments[own], second, groups[own]),
        )
    return SourceProbe(NOTE, CHANCE, diagnoses)


def fit_probe(features: np.ndarray, positive: np.ndarray, groups: np.ndarray) -> Probe:
    """AUC and balanced accuracy of a cross-validated linear probe, intervals over lesions.

    features: (n, d); positive: (n,) bool; groups: (n,), never divided between fitting and testing.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scores = np.empty(len(positive))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for training, held_out in folds.split(features, positive, groups):
        # Strong shrinkage: there are more features than melanomas of one source.
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000))
        model.fit(features[training], positive[training])
        scores[held_out] = model.decision_function(features[held_out])
    resamples = Resamples.of_lesions(groups)
    recalls = resamples.share(scores > 0, positive), resamples.share(scores <= 0, ~positive)
    return Probe(estimate(resamples.auc(positive, scores)), estimate((recalls[0] + recalls[1]) / 2))
