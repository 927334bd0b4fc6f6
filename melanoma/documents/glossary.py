"""The terms that results are stated in, each explained once: for the tooltips of every page."""

from __future__ import annotations

import re

TERMS = {
    "sensitivity": "Of the lesions that have what is looked for, the share that is found.",
    "specificity": "Of the lesions that do not have it, the share that is rightly left.",
    "positive predictive value": "Of the lesions with such a result, the share that is malignant. It falls where "
    "malignant lesions are rarer.",
    "negative predictive value": "Of the lesions that are not referred, the share that is benign.",
    "prevalence": "How many of all lesions photographed in a clinic are malignant.",
    "likelihood ratio": "How many times more frequent a result is among malignant lesions than among benign ones. The "
    "odds before the photo, times this ratio, are the odds after it.",
    "AUC": "Area under the ROC curve: how often a lesion that has what is looked for gets a higher probability "
    "than one that has not. 0.5 is chance, 1 is perfect. It does not depend on a threshold.",
    "average precision": "Area under the precision-recall curve: the mean share of true ones among those found, over "
    "all thresholds. Chance is the share of lesions that have what is looked for.",
    "accuracy": "The share of photos whose likeliest diagnosis is right. Frequent diagnoses count most.",
    "balanced accuracy": "The mean over the diagnoses of the share that is named right: rare and frequent ones count "
    "the same.",
    "calibration": "Stated probabilities are calibrated where they come true: of all photos with 70 %, 70 % are so.",
    "calibration error": "ECE, expected calibration error: how far stated probabilities lie from the share that was "
    "right, on average over ranges of probability. 0 is best.",
    "operating point": "A threshold with what it was chosen for: from which probability a lesion is referred, and from "
    "which it is undecided.",
    "prediction set": "All diagnoses that are likely enough not to be ruled out. For each diagnosis it is made to hold "
    "the true one in a stated share of photos.",
    "coverage": "The share of photos whose prediction set holds the true diagnosis.",
    "malignancy probability": "The sum of the probabilities of melanoma, basal cell carcinoma, squamous cell carcinoma "
    "and actinic keratosis.",
    "95 % interval": "How far chance may have moved a result: of intervals made in this way, 19 of 20 hold the true "
    "value. It knows nothing of other clinics, cameras or patients.",
}
CONTAINED = {  # a term whose name holds another one's: the longer one is meant
    "accuracy": ("balanced accuracy",),
    "calibration": ("calibration error",),
}


def define(term: str) -> str:
    """A term and what it means, in Markdown. KeyError for one that is not explained here."""
    return f"**{term[0].upper()}{term[1:]}.** {TERMS[term]}"


def explain(text: str) -> str | None:
    """What each term that a text names means, a Markdown paragraph each, in the order of TERMS; None without any."""
    found = [define(term) for term in TERMS if _names(text, term)]
    return "\n\n".join(found) or None


def _names(text: str, term: str) -> bool:
    for longer in CONTAINED.get(term, ()):
        text = re.sub(re.escape(longer), " ", text, flags=re.IGNORECASE)
    return re.search(rf"\b{re.escape(term)}s?\b", text, flags=re.IGNORECASE) is not None
