"""How good the probabilities are: estimates with intervals. Knows arrays and tables, no data loader."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, log_loss, roc_auc_score

from melanoma.diagnoses import CODES, MALIGNANT, MERGED_CODES, index, merged
from melanoma.evaluation.bootstrap import DRAWS, SEED, Resamples, assign_bins, estimate, round_digits
from melanoma.evaluation.score_bands import measure_score_bands
from melanoma.run.evaluation import (
    Confusion,
    DiagnosisEstimates,
    Evaluation,
    GroupEstimates,
    Headline,
    KindEvaluation,
    Reliability,
    ReliabilityBin,
)

BINS = 15
MALIGNANT_COLUMNS = [index(code) for code in MALIGNANT]
MERGED_INDEX = np.array([MERGED_CODES.index(merged(code)) for code in CODES])  # (9,) -> one of seven
PROBABILITIES = [f"p_{code}" for code in CODES]  # columns of predictions.csv

INTERVALS = (
    f"95 % percentile bootstrap over lesions: {DRAWS:,} draws, each with all photos of every lesion drawn, "
    f"seed {SEED}; where all or none of the photos are hit, the exact bound for as many lesions; for the calibration "
    "errors the draws are centred on the measured value, which resampling would inflate"
)
NOTES = {
    "balanced_accuracy_9": "mean sensitivity over those of the nine diagnoses that the test split holds",
    "balanced_accuracy_7": "the same over seven classes: AK and SCC, PBK and SK merged by adding their probabilities",
    "specificity_at_95_sensitivity": "malignant against benign, threshold read off the test ROC itself, the published "
    "way; the operating points in calibration.json carry thresholds chosen on validation",
    "ece": f"top diagnosis, {BINS} equal-width bins, after temperature; ece_before: before it",
    "melanoma_sensitivity": "share of melanomas whose top diagnosis is melanoma",
    "referred": "share of a diagnosis's photos that are referred at the default operating point",
    "sensitivity and specificity of a source, age group, sex or body site": "of malignant lesions, at the default "
    "operating point",
}


def softmax(logits: np.ndarray) -> np.ndarray:
    """logits: (n, classes) -> probabilities of the same shape, rows sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def measure_epoch(labels: np.ndarray, logits: np.ndarray) -> dict[str, float]:
    """What is watched after each epoch. labels: (n,) int; logits: (n, classes).

    loss is the plain cross-entropy in nats; AUCs are of melanoma, and of all malignant, against the rest;
    macro_auc is the mean over the diagnoses present of each against the rest, the steadiest one to
    choose an epoch by where a diagnosis has a dozen photos.
    """
    probabilities = softmax(logits.astype(np.float64))
    top = probabilities.argmax(axis=1)
    malignant = [index(code) for code in MALIGNANT]
    return {
        "loss": log_loss(labels, probabilities, labels=range(len(CODES))),
        "accuracy": float((top == labels).mean()),
        "balanced_accuracy": balanced_accuracy_score(labels, top),
        "melanoma_auc": roc_auc_score(labels == index("MEL"), probabilities[:, index("MEL")]),
        "malignant_auc": roc_auc_score(np.isin(labels, malignant), probabilities[:, malignant].sum(axis=1)),
        "macro_auc": np.mean([roc_auc_score(labels == i, probabilities[:, i]) for i in np.unique(labels)]),
    }


def labels_of(predictions: pd.DataFrame) -> np.ndarray:
    """Column `diagnosis` -> (n,) int, index into CODES."""
    return np.array([index(code) for code in predictions["diagnosis"]], dtype=int)


def probabilities_of(predictions: pd.DataFrame) -> np.ndarray:
    """Columns p_AK .. p_VASC -> (n, 9) float64."""
    return predictions[PROBABILITIES].to_numpy(np.float64)


def malignancy_of(probabilities: np.ndarray) -> np.ndarray:
    """probabilities: (n, 9) -> (n,) sum over the malignant diagnoses."""
    return probabilities[:, MALIGNANT_COLUMNS].sum(axis=1)


def is_malignant(labels: np.ndarray) -> np.ndarray:
    """labels: (n,) int -> (n,) bool."""
    return np.isin(labels, MALIGNANT_COLUMNS)


def merge_classes(probabilities: np.ndarray) -> np.ndarray:
    """probabilities: (n, 9) -> (n, 7) over MERGED_CODES: those of merged diagnoses added."""
    return probabilities @ (MERGED_INDEX[:, None] == np.arange(len(MERGED_CODES)))


def estimate_headline(
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    *,
    before: np.ndarray | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Headline:
    """The headline estimates; None where the photos leave one undefined. NOTES says what the names mean.

    labels: (n,) int, index into CODES; probabilities: (n, 9), calibrated; groups: (n,) lesion group of
    each photo; before: (n, 9), the probabilities before calibration, for `ece_before`.
    """
    resamples = Resamples.of_lesions(groups, draws, seed)
    top = probabilities.argmax(axis=1)
    melanoma, malignant = labels == index("MEL"), is_malignant(labels)
    scores = malignancy_of(probabilities)
    seven = MERGED_INDEX[labels], merge_classes(probabilities).argmax(axis=1)
    return Headline(
        accuracy=estimate(resamples.share(top == labels)),
        balanced_accuracy_9=estimate(balanced_accuracy(resamples, labels, top)),
        balanced_accuracy_7=estimate(balanced_accuracy(resamples, *seven)),
        melanoma_auc=estimate(resamples.auc(melanoma, probabilities[:, index("MEL")])),
        malignant_auc=estimate(resamples.auc(malignant, scores)),
        specificity_at_95_sensitivity=estimate(resamples.specificity_at(malignant, scores)),
        melanoma_sensitivity=estimate(resamples.share(top == index("MEL"), melanoma)),
        ece=estimate(top_label_error(resamples, labels, probabilities), centre=True),
        ece_before=None if before is None else estimate(top_label_error(resamples, labels, before), centre=True),
    )


def balanced_accuracy(resamples: Resamples, labels: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Mean sensitivity over the classes in `labels`, for each resample; of one without a class, over the others."""
    each = np.stack([resamples.share(top == k, labels == k) for k in np.unique(labels)])
    return np.nanmean(each, axis=0)


def top_label_error(resamples: Resamples, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Expected calibration error of the top diagnosis, for each resample."""
    return resamples.calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels, BINS)


def estimate_per_class(
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    *,
    threshold: float,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, DiagnosisEstimates]:
    """Code -> the diagnosis against the rest: support; sensitivity and specificity of the top one; AUC; share referred.

    threshold: of the malignancy probability, from which a photo is referred. An estimate is None where the
    diagnosis is absent. Other arguments as for `estimate_headline`.
    """
    resamples = Resamples.of_lesions(groups, draws, seed)
    top, referred = probabilities.argmax(axis=1), malignancy_of(probabilities) >= threshold
    return {
        code: DiagnosisEstimates(
            support=int((labels == k).sum()),
            sensitivity=estimate(resamples.share(top == k, labels == k)),
            specificity=estimate(resamples.share(top != k, labels != k)),
            auc=estimate(resamples.auc(labels == k, probabilities[:, k])),
            referred=estimate(resamples.share(referred, labels == k)),
        )
        for k, code in enumerate(CODES)
    }


def estimate_per_group(
    names: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    *,
    threshold: float,
    before: np.ndarray | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, GroupEstimates]:
    """Name -> estimates among its photos.

    names: (n,) str, of sources, say. Sensitivity and specificity are of malignant lesions, at `threshold` of the
    malignancy probability. Other arguments as for `estimate_headline`.
    """
    result = {}
    for name in np.unique(names):
        own = names == name
        mine = labels[own], probabilities[own], groups[own]
        resamples = Resamples.of_lesions(groups[own], draws, seed)
        referred, malignant = malignancy_of(mine[1]) >= threshold, is_malignant(mine[0])
        raw = None if before is None else before[own]
        headline = estimate_headline(*mine, before=raw, draws=draws, seed=seed)
        result[str(name)] = GroupEstimates(
            **vars(headline),
            photos=int(own.sum()),
            malignant=int(malignant.sum()),
            lesions=len(np.unique(groups[own])),
            classes_present=classes_present(labels[own]),
            sensitivity=estimate(resamples.share(referred, malignant)),
            specificity=estimate(resamples.share(~referred, ~malignant)),
        )
    return result


def classes_present(labels: np.ndarray) -> tuple[str, ...]:
    """Codes of the diagnoses that `labels` holds."""
    return tuple(CODES[k] for k in np.unique(labels))


def bin_reliability(labels: np.ndarray, probabilities: np.ndarray) -> tuple[ReliabilityBin, ...]:
    """Reliability diagram of the top diagnosis: each bin with its mean confidence, accuracy and count.

    Confidence and accuracy are None in an empty bin.
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    member = assign_bins(confidence, BINS)
    bins = []
    for k in range(BINS):
        own = member == k
        bins.append(
            ReliabilityBin(
                low=round_digits(k / BINS),
                high=round_digits((k + 1) / BINS),
                confidence=round_digits(confidence[own].mean()) if own.any() else None,
                accuracy=round_digits(correct[own].mean()) if own.any() else None,
                count=int(own.sum()),
            )
        )
    return tuple(bins)


def count_confusion(labels: np.ndarray, probabilities: np.ndarray) -> Confusion:
    """Counts of photos: a row for each true diagnosis, a column for each top one, in the order of CODES."""
    counts = confusion_matrix(labels, probabilities.argmax(axis=1), labels=range(len(CODES)))
    return Confusion(CODES, tuple(tuple(row) for row in counts.tolist()))


def evaluate_kind(
    test: pd.DataFrame, before: np.ndarray, probabilities: np.ndarray, threshold: float
) -> KindEvaluation:
    """All that predictions tell of test photos of one kind: no photo, no table of patients.

    test: rows of predictions.csv of the test split, and `group`; before, probabilities: (n, 9), raw and calibrated;
    threshold: of the kind's default operating point, on the malignancy probability.
    """
    labels, groups = labels_of(test), test["group"].to_numpy()
    sources = test["source"].to_numpy()
    return KindEvaluation(
        photos=len(test),
        lesions=int(test["group"].nunique()),
        classes_present=classes_present(labels),
        headline=estimate_headline(labels, probabilities, groups, before=before),
        per_class=estimate_per_class(labels, probabilities, groups, threshold=threshold),
        per_source=estimate_per_group(sources, labels, probabilities, groups, threshold=threshold, before=before),
        reliability=Reliability(bin_reliability(labels, before), bin_reliability(labels, probabilities)),
        confusion=count_confusion(labels, probabilities),
        score_bands=measure_score_bands(
            malignancy_of(probabilities), is_malignant(labels), Resamples.of_lesions(groups)
        ),
    )


def evaluate_predictions(
    test: pd.DataFrame,
    before: np.ndarray,
    probabilities: np.ndarray,
    threshold: float,
    *,
    command: str,
    made: str,
    network_sha256: str,
    data_fingerprint: str | None = None,
) -> Evaluation:
    """evaluation.json of dermoscopic test photos, as far as predictions tell; arguments as for `evaluate_kind`."""
    return Evaluation(
        **vars(evaluate_kind(test, before, probabilities, threshold)),
        command=command,
        made=made,
        network_sha256=network_sha256,
        data_fingerprint=data_fingerprint,
        split="test",
        intervals=INTERVALS,
        notes=NOTES,
    )
