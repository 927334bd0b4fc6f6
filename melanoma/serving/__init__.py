"""Run + Photo -> Prediction. The only place that decides: refer, undecided or routine."""

from melanoma.serving.classifier import Classifier, open_engine, why_not_ready
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.lesion import answer_lesion
from melanoma.serving.prediction import (
    REFER,
    ROUTINE,
    UNDECIDED,
    Decision,
    Prediction,
    calibrate_logits,
    sum_malignant,
)

__all__ = [
    "REFER",
    "ROUTINE",
    "UNDECIDED",
    "Classifier",
    "Decision",
    "KindOfPhoto",
    "Prediction",
    "answer_lesion",
    "calibrate_logits",
    "open_engine",
    "sum_malignant",
    "why_not_ready",
]
