"""A run's saved predictions on one split, and what they say at any threshold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.metrics import auc, average_precision_score, confusion_matrix, precision_recall_curve, roc_curve

from melanoma.diagnoses import CODES, MERGED_CODES, index, merged
from melanoma.diagnoses import MALIGNANT as MALIGNANT_CODES
from melanoma.estimates import UNDEFINED, Estimate
from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.evaluation.calibration import apply_temperature, find_threshold
from melanoma.evaluation.metrics import malignancy_of, merge_classes, probabilities_of
from melanoma.run import MALIGNANT, Run, RunError
from melanoma.sources import DERMOSCOPIC


@dataclass(frozen=True)
class SavedPredictions:
    """A run's saved predictions on one split.

    probabilities: (n, 9) calibrated, in the order of CODES; the others have n entries; `lesions` are
    group ids, the unit that intervals resample. A score is MALIGNANT, the malignancy probability, or a code.
    """

    image_ids: np.ndarray
    diagnoses: np.ndarray
    sources: np.ndarray
    lesions: np.ndarray
    probabilities: np.ndarray

    def score(self, name: str) -> np.ndarray:
        """(n,) the malignancy probability, or the probability of one code."""
        return malignancy_of(self.probabilities) if name == MALIGNANT else self.probabilities[:, index(name)]

    def positive(self, name: str) -> np.ndarray:
        """(n,) bool: what `score` should find."""
        return np.isin(self.diagnoses, MALIGNANT_CODES if name == MALIGNANT else [name])

    def top(self, seven: bool = False) -> np.ndarray:
        """(n,) most likely codes, or `seven` merged codes by the sum of their probabilities."""
        if seven:
            return np.array(MERGED_CODES)[merge_classes(self.probabilities).argmax(axis=1)]
        return np.array(CODES)[self.probabilities.argmax(axis=1)]

    def take(self, rows: np.ndarray) -> SavedPredictions:
        """Those at `rows`, positions or (n,) bool, in their order."""
        return SavedPredictions(*(getattr(self, field.name)[rows] for field in fields(self)))

    @cached_property
    def resamples(self) -> Resamples:
        """The draws that the estimates in evaluation.json rest on too."""
        return Resamples.of_lesions(self.lesions)


def load_predictions(run: Run, split: str, kind: str = DERMOSCOPIC) -> SavedPredictions | None:
    """Saved predictions on photos of one kind in `split` (validation or test), calibrated where the run has that.

    None for a run without predictions. Raises RunError where it has none on such photos.
    """
    if run.predictions is None:
        return None
    table = run.predictions[run.predictions["split"] == split]
    kinds = table.get("kind", pd.Series(DERMOSCOPIC, table.index))  # runs from before photos had kinds
    table = table[kinds == kind]
    if table.empty:
        raise RunError(f"{run.name} has no predictions on {kind} {split} photos. Evaluate it again.")
    if run.split is not None:
        table = table.merge(run.split[["image_id", "group"]].drop_duplicates("image_id"), on="image_id", how="left")
    lesions = table["group"].fillna(table["image_id"]) if "group" in table else table["image_id"]
    calibrated = run.calibration is not None and kind in run.calibration.kinds
    temperature = run.calibration.of_kind(kind).temperature if run.calibration and calibrated else 1.0
    return SavedPredictions(
        table["image_id"].to_numpy(str),
        table["diagnosis"].to_numpy(str),
        table["source"].to_numpy(str),
        lesions.to_numpy(str),
        apply_temperature(probabilities_of(table), temperature),
    )


def estimate_rates(predictions: SavedPredictions, score: str, threshold: float) -> tuple[Estimate, Estimate]:
    """Sensitivity and specificity of `score >= threshold`; UNDEFINED without a photo that tells."""
    positive, flagged = predictions.positive(score), predictions.score(score) >= threshold
    sensitivity = estimate(predictions.resamples.share(flagged, positive))
    specificity = estimate(predictions.resamples.share(~flagged, ~positive))
    return sensitivity or UNDEFINED, specificity or UNDEFINED


def find_target_threshold(predictions: SavedPredictions, score: str, target_sensitivity: float) -> float:
    """The largest threshold whose sensitivity on these photos is at least the target (0 to 1)."""
    return find_threshold(predictions.score(score)[predictions.positive(score)], target_sensitivity)


def trace_roc(predictions: SavedPredictions, score: str) -> tuple[pd.DataFrame, float]:
    """ROC points (specificity, sensitivity, threshold) and the area under them."""
    false_positive, sensitivity, thresholds = roc_curve(predictions.positive(score), predictions.score(score))
    table = pd.DataFrame({"specificity": 1 - false_positive, "sensitivity": sensitivity, "threshold": thresholds})
    return table, float(auc(false_positive, sensitivity))


def trace_precision_recall(predictions: SavedPredictions, score: str) -> tuple[pd.DataFrame, float]:
    """Precision-recall points (sensitivity, precision, threshold) and the average precision."""
    positive, scores = predictions.positive(score), predictions.score(score)
    precision, recall, thresholds = precision_recall_curve(positive, scores)
    table = pd.DataFrame({"sensitivity": recall, "precision": precision, "threshold": [*thresholds, 1.0]})
    return table, float(average_precision_score(positive, scores))


def tabulate_confusion(predictions: SavedPredictions, seven: bool = False) -> pd.DataFrame:
    """Counts: a row a true diagnosis, a column a predicted one; nine classes, or seven as public benchmarks."""
    codes = MERGED_CODES if seven else CODES
    true = [merged(code) for code in predictions.diagnoses] if seven else predictions.diagnoses
    return pd.DataFrame(confusion_matrix(true, predictions.top(seven), labels=codes), index=codes, columns=codes)


def divide_rows(counts: pd.DataFrame) -> pd.DataFrame:
    """Each row of a confusion matrix as shares of its true diagnosis, 0 to 1; NaN in a row without photos."""
    return counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)


def list_cell_photos(predictions: SavedPredictions, true: str, top: str, seven: bool = False) -> pd.DataFrame:
    """The photos in one cell of the confusion matrix (codes, or merged codes), the most certain first.

    Columns: image_id, source, diagnosis, predicted (codes), probability of it.
    """
    inside = np.isin(predictions.diagnoses, true.split("+")) & (predictions.top(seven) == top)
    table = pd.DataFrame(
        {
            "image_id": predictions.image_ids[inside],
            "source": predictions.sources[inside],
            "diagnosis": predictions.diagnoses[inside],
            "predicted": predictions.top()[inside],
            "probability": predictions.probabilities.max(axis=1)[inside].round(3),
        }
    )
    return table.sort_values("probability", ascending=False, ignore_index=True)
