"""An answer in words: the decision, what its threshold has meant on test photos, and what else the lesion could be."""

from __future__ import annotations

import re
from math import isnan

import pandas as pd

from melanoma.diagnoses import NAMES, mark_diagnosis
from melanoma.estimates import Estimate, percent, percent_apart
from melanoma.run import MALIGNANT, OperatingPoint, PredictionSet, Run, operating_point_name
from melanoma.serving import REFER, Prediction

FAINT = 0.01  # a prediction set may name diagnoses less likely than this
NOT_MEASURED = "not measured"
RESEARCH_USE = "Research use only, not a medical device."
LESION_ATTENTION = (
    "This network was trained to put its evidence on the lesion. A map that lies there is therefore no proof that "
    "the answer is right. The deletion test checks that."
)


def write_headline(prediction: Prediction) -> str:
    """The decision and what it rests on, in Markdown. `describe_decision` says the rest."""
    if prediction.referred_for_quality:
        return "**Refer.** The photo is not good enough to call it routine."
    name, (score, threshold) = prediction.point.score_name, _score_and_threshold(prediction)
    numbers = f"{name[0].upper()}{name[1:]} {score}, threshold {threshold}"
    if prediction.decision == REFER:
        return f"**Refer.** {numbers}"
    return f"**Routine.** {numbers}. This does not rule out melanoma."


def describe_decision(prediction: Prediction) -> str:
    """What is wrong with the photo, if anything, and on which side of the threshold it lies."""
    score, threshold = _score_and_threshold(prediction)
    side = "at or above" if prediction.reaches_threshold else "below"
    comparison = (
        f"At the {operating_point_name(prediction.operating_point)} operating point, the "
        f"{prediction.point.score_name} of {score} is {side} the threshold of {threshold}."
    )
    return " ".join((*prediction.assessment.reasons, comparison))


def _score_and_threshold(prediction: Prediction) -> tuple[str, str]:
    """Both in per cent, with as many decimals as tell them apart."""
    score, threshold = prediction.score, prediction.threshold
    return percent_apart(score, threshold), percent_apart(threshold, score)


def describe_threshold(point: OperatingPoint) -> str:
    """What the threshold has meant on test photos, with 95 % intervals."""
    lesions = "malignant lesions" if point.score == MALIGNANT else NAMES[point.score]
    return (
        f"On test photos, this threshold had sensitivity {write_share(point.test.sensitivity)} and specificity "
        f"{write_share(point.test.specificity)} for {lesions}. In brackets: 95 % intervals."
    )


def tabulate_predictive_values(point: OperatingPoint) -> pd.DataFrame:
    """A row a prevalence: it, the positive and the negative predictive value; empty where the run has none."""
    columns = ["prevalence", "positive predictive value", "negative predictive value"]
    negative = point.test.npv or {}
    rows = [
        (percent(float(prevalence)), write_share(positive), write_share(negative.get(prevalence)))
        for prevalence, positive in (point.test.ppv or {}).items()
    ]
    return pd.DataFrame(rows, columns=columns)


def describe_diagnoses(prediction: Prediction, prediction_set: PredictionSet) -> str:
    """The likeliest diagnosis and the prediction set, in Markdown; ◆ marks what counts as malignant."""
    likely = [code for code in prediction.differential if prediction.probability(code) >= FAINT]
    faint = [code for code in prediction.differential if code not in likely]
    names = ", ".join(map(mark_diagnosis, likely))
    if faint:
        names += f"; below {percent(FAINT)}: {', '.join(map(mark_diagnosis, faint))}"
    return (
        f"**Most likely {mark_diagnosis(prediction.top)}, {percent(prediction.probability(prediction.top))}.** "
        f"Prediction set ({percent(prediction_set.target_coverage)}): {names}."
    )


def describe_coverage(prediction_set: PredictionSet) -> str:
    """What a prediction set promises, what it has kept on test photos, and how many diagnoses it names."""
    return " ".join(
        (_describe_target(prediction_set), _describe_lowest(prediction_set), _describe_size(prediction_set))
    )


def _describe_target(prediction_set: PredictionSet) -> str:
    target = percent(prediction_set.target_coverage)
    return (
        f"For each diagnosis, the prediction set should hold the true one in {target} of photos. "
        "It promises nothing for one photo."
    )


def _describe_lowest(prediction_set: PredictionSet) -> str:
    items = prediction_set.test_coverage.items()
    coverage = {code: share for code, share in items if share is not None and is_measured(share)}
    if not coverage:
        return f"Coverage on test photos: {NOT_MEASURED}."
    lowest = min(coverage, key=lambda code: coverage[code].value)
    return f"On test photos, coverage was lowest for {NAMES[lowest]}: {coverage[lowest].percent()}."


def _describe_size(prediction_set: PredictionSet) -> str:
    size = prediction_set.mean_size
    if size is None or not is_measured(size):
        return f"Diagnoses named on average: {NOT_MEASURED}."
    return f"It names {size.text(1)} of the {len(NAMES)} diagnoses on average."


def describe_network(run: Run) -> str:
    """Which network answers, and how good it has been on test photos."""
    headline = run.evaluation.headline if run.evaluation else None
    if headline is None:
        return f"Network {run.name}. Results on test photos: {NOT_MEASURED}."
    return (
        f"Network {run.name}. On test photos: balanced accuracy {write_share(headline.balanced_accuracy_9)}, "
        f"melanoma AUC {write_statistic(headline.melanoma_auc)}."
    )


def write_option(code: str, prediction: Prediction) -> str:
    """A diagnosis in a list to choose from, with its probability."""
    return f"{NAMES[code]}, {percent(prediction.probability(code))}"


def is_measured(estimate: Estimate | None) -> bool:
    """Whether there is a number."""
    return estimate is not None and not isnan(estimate.value)


def write_share(estimate: Estimate | None) -> str:
    """A share with its interval, `94 % (91–96 %)`, with the decimals it takes so that none reads `> 99 %`."""
    if estimate is None or not is_measured(estimate):
        return NOT_MEASURED
    for digits in (0, 1):
        if not set("<>") & set(text := estimate.percent(digits)):
            return text
    return estimate.percent(2)


def write_statistic(estimate: Estimate | None) -> str:
    """A statistic that is no share, such as an AUC: `0.94 (0.91–0.96)`."""
    return NOT_MEASURED if estimate is None or not is_measured(estimate) else estimate.text()


def escape_markdown(text: str) -> str:
    """A user's words, such as a file name, kept from being read as Markdown."""
    return re.sub(r"([\\`*{}\[\]()#+!|<>~$:])", r"\\\1", text)
