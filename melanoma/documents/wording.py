"""An answer in words: the decision at its threshold, what that threshold has meant, what else it could be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from melanoma.diagnoses import CODES, MALIGNANT, NAMES, index
from melanoma.estimates import Interval, point_words, score_words

if TYPE_CHECKING:
    from melanoma.serving.classifier import Prediction

FAINT = 0.01  # a conformal set may hold diagnoses this unlikely, where few photos set its threshold
RESEARCH_USE = "Research use only, not a medical device."
TAUGHT_PLACES = (
    "In training this network was asked to put its evidence on the lesion. That its maps lie there was taught, "
    "so it is no proof that the answer rests on the right thing; deletion and insertion test that."
)


def headline(prediction: Prediction) -> str:
    """The decision and what it rests on, in a few words."""
    return f"{prediction.decision.capitalize()}: malignant sum {prediction.malignant:.2f}"


def decision(prediction: Prediction, point: dict) -> str:
    """The decision with its score and threshold, one sentence. `point`: one of calibration.json's."""
    side = "at or above" if prediction.score >= prediction.threshold else "below"
    return (
        f"At the {point_words(prediction.operating_point)} operating point this photo scores "
        f"{near(prediction.score, prediction.threshold)} on the {score_words(point['score'])}, "
        f"{side} the threshold {near(prediction.threshold, prediction.score)}: {prediction.decision}."
    )


def most_likely(prediction: Prediction) -> str:
    """The likeliest diagnosis and what else it could be, in Markdown; ◆ marks what counts as malignant."""
    others = [code for code in prediction.differential if code != prediction.top]
    faint = [code for code in others if prediction.probabilities[index(code)] < FAINT]
    words = [f"**Most likely {marked(prediction.top)}**, {prediction.probabilities[index(prediction.top)]:.0%}."]
    if likely := [marked(code) for code in others if code not in faint]:
        words.append(f"**Could also be** {', '.join(likely)}.")
    if faint:
        words.append(f"Below {FAINT:.0%}, yet not ruled out: {', '.join(marked(code) for code in faint)}.")
    if not others:
        words.append("No other diagnosis is in the differential.")
    return " ".join(words)


def marked(code: str) -> str:
    """A diagnosis's name with its mark: ◆ counted as malignant, ◇ benign."""
    return f"{NAMES[code]} {'◆' if code in MALIGNANT else '◇'}"


def plain(text: str) -> str:
    """A user's words, such as a file name, kept from being read as Markdown."""
    return re.sub(r"([\\`*{}\[\]()#+!|<>~$:])", r"\\\1", text)


def near(value: float, other: float) -> str:
    """A score with as many decimals (at least two) as it takes to tell it from `other`."""
    for digits in (2, 3, 4):
        if f"{value:.{digits}f}" != f"{other:.{digits}f}":
            return f"{value:.{digits}f}"
    return f"{value:.4f}"


def track_record(point: dict) -> str:
    """What the threshold has meant on test photos, with 95 % intervals."""
    test = point["test"]
    return (
        f"On test photos this threshold had sensitivity {Interval.of(test['sensitivity']).words()} "
        f"and specificity {Interval.of(test['specificity']).words()} (95 % intervals)."
    )


def in_practice(point: dict) -> list[dict]:
    """Predictive values by prevalence: rows for a table; empty where the run has none."""
    test = point["test"]
    return [
        {
            "malignant lesions among those photographed": f"{float(prevalence):.0%}",
            "of those referred, malignant": Interval.of(value).words(),
            "of those not referred, benign": Interval.of(test["npv"][prevalence]).words(3),
        }
        for prevalence, value in test.get("ppv", {}).items()
    ]


def set_coverage(calibration: dict) -> str:
    """What the differential's set promises: a share of past test photos, no guarantee."""
    conformal = calibration["conformal"]
    tenths = round(10 * conformal["target_coverage"])
    lows = {code: Interval.of(f) for code, f in conformal.get("test_coverage", {}).items() if code in NAMES}
    sentence = (
        f"The differential is made so that in {tenths} of 10 photos of a class it holds the true diagnosis; "
        "no guarantee for this one."
    )
    if not lows:
        return sentence
    worst = min(lows, key=lambda code: lows[code].value)
    return f"{sentence} On test photos it did least often for {NAMES[worst]}: {lows[worst].words()}."


def option(code: str, prediction: Prediction) -> str:
    """A diagnosis in a list to choose from, with its probability."""
    return f"{NAMES[code]}, {prediction.probabilities[index(code)]:.0%}"


def ranked(prediction: Prediction) -> list[str]:
    """Codes, the likeliest first."""
    return [CODES[i] for i in (-prediction.probabilities).argsort(kind="stable")]


def network(run_name: str, evaluation: dict | None) -> str:
    """Which network answers and how good it has been, one line."""
    figures = (evaluation or {}).get("figures", {})
    parts = [
        f"{label} {Interval.of(figures[key]).words()}"
        for key, label in (("balanced_accuracy_9", "balanced accuracy"), ("melanoma_auc", "melanoma AUC"))
        if key in figures
    ]
    return f"Network {run_name}" + (": on test photos " + ", ".join(parts) + "." if parts else ".")
