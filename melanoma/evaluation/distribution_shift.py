"""What the network knows that it should not (the source), and how sure it is off its ground."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from melanoma.diagnoses import NAMES, index
from melanoma.evaluation.bootstrap import SEED, Resamples, figure
from melanoma.evaluation.metrics import malignant_scores
from melanoma.evaluation.robustness import Answer, Subjects

FOLDS = 5
FEWEST = 20  # photos of each source below which a probe says nothing
PROBED = ("NV", "MEL")
SOURCES = ("ham10000", "isic2017")
PROBE_NOTE = (
    "logistic regression on what the network's last layer reads, telling ham10000 from isic2017 among photos of one "
    "diagnosis; validation and test photos, cross-validated by lesion; 0.5 is chance: the network kept nothing that "
    "names the source. answer: the same probe on the nine logits, which are all that the answer is made of. colours: "
    "on the mean and spread of each colour channel alone"
)
UNFAMILIAR_NOTE = (
    "mean_top: mean probability of the top diagnosis; above_90: share of photos where it is above 0.9; refer: share "
    "referred at the high-sensitivity point"
)
BLUR = 0.06  # standard deviation, of the side
SURE = 0.9


def source_probe(
    features: np.ndarray,
    logits: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    sources: np.ndarray,
    groups: np.ndarray,
) -> dict:
    """`source_probe` of evaluation.json: how well sources are told apart within one diagnosis.

    features: (n, d); logits: (n, 9); images: (n, s, s, 3) uint8; labels: (n,) int; sources, groups: (n,). A diagnosis
    with fewer than FEWEST photos of either source is None.
    """
    moments = np.concatenate([images.mean(axis=(1, 2)), images.std(axis=(1, 2))], axis=1)
    result: dict = {"note": PROBE_NOTE, "chance": 0.5}
    for code in PROBED:
        own = (labels == index(code)) & np.isin(sources, SOURCES)
        counts = {source: int((sources[own] == source).sum()) for source in SOURCES}
        if min(counts.values()) < FEWEST:
            result[code] = None
            continue
        second = sources[own] == SOURCES[1]
        result[code] = {
            "diagnosis": NAMES[code],
            "photos": counts,
            **probe(features[own], second, groups[own]),
            "answer": probe(logits[own], second, groups[own]),
            "colours": probe(moments[own], second, groups[own]),
        }
    return result


def probe(features: np.ndarray, positive: np.ndarray, groups: np.ndarray) -> dict[str, dict]:
    """AUC and balanced accuracy of a cross-validated linear probe, intervals over lesions.

    features: (n, d); positive: (n,) bool; groups: (n,), never divided between fitting and testing.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scores = np.empty(len(positive))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for fitted, held_out in folds.split(features, positive, groups):
        # Strong shrinkage: there are more features than melanomas of one source.
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000))
        model.fit(features[fitted], positive[fitted])
        scores[held_out] = model.decision_function(features[held_out])
    resamples = Resamples.of_lesions(groups)
    recalls = resamples.share(scores > 0, positive), resamples.share(scores <= 0, ~positive)
    return {"auc": figure(resamples.auc(positive, scores)), "balanced_accuracy": figure((recalls[0] + recalls[1]) / 2)}


def confidence(probabilities: np.ndarray, groups: np.ndarray, threshold: float) -> dict:
    """How sure the answers are, and how many are referred. probabilities: (n, 9), calibrated; groups: (n,)."""
    resamples = Resamples.of_lesions(groups)
    top = probabilities.max(axis=1)
    return {
        "photos": len(top),
        "mean_top": figure(resamples.mean(top)),
        "above_90": figure(resamples.share(top > SURE)),
        "refer": figure(resamples.share(malignant_scores(probabilities) >= threshold)),
    }


def unfamiliar(
    subjects: Subjects,
    everyday: np.ndarray,
    answer: Answer,
    threshold: float,
    *,
    advance: Callable[[], None] = lambda: None,
) -> dict:
    """`unfamiliar` of evaluation.json: confidence on photos unlike those learned from, beside the clean ones.

    everyday: (m, s, s, 3) uint8, photos of no skin; m may be 0, and the entry is then left out.
    """
    rng = np.random.default_rng(SEED)
    kinds: dict[str, Callable[[], np.ndarray]] = {
        "clean": lambda: subjects.images,
        "blurred": lambda: np.stack([blurred(pixels) for pixels in subjects.images]),
        "channels swapped": lambda: subjects.images[..., ::-1],
        "badly framed": lambda: subjects.seen_through(lambda image: corner(image, rng)),
    }
    result: dict = {"note": UNFAMILIAR_NOTE}
    for name, images in kinds.items():
        result[name] = confidence(answer(np.ascontiguousarray(images())), subjects.groups, threshold)
        advance()
    if len(everyday):
        result["everyday"] = confidence(answer(everyday), np.arange(len(everyday)), threshold)
    advance()
    return result


PASSES = 5  # times that `unfamiliar` calls `advance`


def blurred(pixels: np.ndarray) -> np.ndarray:
    """pixels: (s, s, 3) uint8, far out of focus: nothing finer than a twentieth of the side is left."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * len(pixels))))


def corner(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """One quarter of the frame, at a random corner: the lesion is cut through, or outside."""
    width, height = image.width // 2, image.height // 2
    left, top = int(rng.integers(2)) * (image.width - width), int(rng.integers(2)) * (image.height - height)
    return image.crop((left, top, left + width, top + height))
