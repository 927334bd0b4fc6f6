"""An answer in words: the decision, what its threshold has meant on test photos, and what else the lesion could be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isnan

import pandas as pd

from melanoma.diagnoses import NAMES, mark_diagnosis
from melanoma.estimates import Estimate, percent, percent_apart
from melanoma.photo import Photo
from melanoma.run import MALIGNANT, Abstention, KindEvaluation, OperatingPoint, PredictionSet, Run, operating_point_name
from melanoma.serving import REFER, ROUTINE, UNDECIDED, Prediction
from melanoma.sources import CLINICAL, DERMOSCOPIC, name_source

FLOOR, ENOUGH = 0.9, 40  # sensitivity below which a group of so many malignant test photos is named
GROUPS = {
    "source": "per_source",
    "age": "per_age",
    "sex": "per_sex",
    "body site": "per_site",
    "skin tone": "per_skin_tone",
}
FAINT = 0.01  # a prediction set may name diagnoses less likely than this
NOT_MEASURED = "not measured"
RESEARCH_USE = "Research use only, not a medical device."
NOTE = (
    "It gives a second opinion on one lesion, for research. It is no medical device and makes no diagnosis: you do.",
    "It knows nine diagnoses and one photo. It does not know the patient, the history, or how the lesion has changed.",
    "It misses melanomas. Routine never means harmless: what worries you should be seen, whatever it says.",
    "It learned mostly from light skin and from a few hospitals. Elsewhere it is less often right, and as sure.",
    "Photos go to the computer that runs this program, stay in its memory while the page is open, and are not stored.",
)
LESION_ATTENTION = (
    "This network was trained to put its evidence on the lesion. A map that lies there is therefore no proof that "
    "the answer is right. The deletion test checks that."
)


KIND_NAMES = {DERMOSCOPIC: "dermoscopic photo", CLINICAL: "clinical close-up"}
SUSPICIOUS = "Such a photo is not called routine."
ONE_PHOTO = "A photo of the lesion is not routine by itself, so the lesion is not either."
CLINICAL_CAUTION = (
    "Clinical photos of one study alone were learned from and tested on. With another camera, light or skin colour "
    "this answer is hardly tested: have the lesion seen where in doubt."
)


def write_headline(prediction: Prediction) -> str:
    """The decision and what it rests on, in Markdown. `describe_decision` says the rest."""
    words = {REFER: "Refer", UNDECIDED: "Undecided: have it seen"}.get(prediction.decision, "Routine")
    return f"**{words}.** {write_reason(prediction)}"


def write_reason(prediction: Prediction) -> str:
    """What the decision rests on: the photo where it is not good enough, else the score and the threshold."""
    if prediction.referred_for_quality:
        return "The photo is not good enough to call it routine."
    if prediction.undecided_for_suspicion:
        return "Something may lie over the lesion."
    numbers = write_numbers(prediction)
    return f"{numbers}. This does not rule out melanoma." if prediction.decision == ROUTINE else numbers


def write_numbers(prediction: Prediction) -> str:
    """The score and the threshold, with as many decimals as tell them apart."""
    name, (score, threshold) = prediction.point.score_name, _score_and_threshold(prediction)
    return f"{name[0].upper()}{name[1:]} {score}, threshold {threshold}"


def describe_decision(prediction: Prediction) -> str:
    """What is wrong with the photo, if anything, and on which side of the threshold it lies."""
    score, threshold = _score_and_threshold(prediction)
    side = "at or above" if prediction.reaches_threshold else "below"
    comparison = (
        f"At the {operating_point_name(prediction.operating_point)} operating point, the "
        f"{prediction.point.score_name} of {score} is {side} the threshold of {threshold}."
    )
    photo = (ONE_PHOTO,) if prediction.undecided_for_a_photo else ()
    suspicions = (*prediction.assessment.suspicions, SUSPICIOUS) if prediction.undecided_for_suspicion else ()
    return " ".join((*prediction.assessment.reasons, comparison, *photo, *suspicions))


def _score_and_threshold(prediction: Prediction) -> tuple[str, str]:
    """Both in per cent, with as many decimals as tell them apart."""
    score, threshold = prediction.score, prediction.threshold
    return percent_apart(score, threshold), percent_apart(threshold, score)


def describe_kind(prediction: Prediction) -> str:
    """As which kind the photo or photos were read, and where such photos were hardly tested."""
    is_clinical = prediction.shows_both_kinds or prediction.kind.kind == CLINICAL
    clinical = (CLINICAL_CAUTION,) if is_clinical else ()
    return " ".join((describe_reading(prediction), *clinical, *prediction.assessment.cautions))


def describe_reading(prediction: Prediction) -> str:
    """As which kind the photo was read and who says so, or how many photos the answer rests on."""
    if prediction.photos > 1:
        return f"One answer for the lesion, from {prediction.photos} photos."
    kind = prediction.kind
    said = "as you said" if kind.said else "as the network sees it" if kind.seen else ""
    return f"Read as a {KIND_NAMES[kind.kind]}{', ' if said else ''}{said}."


def describe_threshold(point: OperatingPoint) -> str:
    """What the threshold has meant on test photos, with 95 % intervals."""
    lesions = "malignant lesions" if point.score == MALIGNANT else NAMES[point.score]
    return (
        f"On test photos, this threshold had sensitivity {write_share(point.test.sensitivity)} and specificity "
        f"{write_share(point.test.specificity)} for {lesions}. In brackets: 95 % intervals."
        + (f" {describe_abstention(point.abstention, point.threshold)}" if point.abstention else "")
    )


def describe_abstention(abstention: Abstention, threshold: float) -> str:
    """Which scores are undecided, how many test photos that are, and what it gives to have these seen too."""
    low, high = percent_apart(abstention.least_score, threshold), percent_apart(threshold, abstention.least_score)
    return (
        f"Scores from {low} up to {high} are undecided: {write_share(abstention.undecided)} of test photos. With these "
        f"seen too, sensitivity is {write_share(abstention.sensitivity)} and specificity "
        f"{write_share(abstention.specificity)}."
    )


def tabulate_lesion(photos: Sequence[tuple[str, Photo, Prediction]]) -> pd.DataFrame:
    """The photos of one lesion, a row each: name, kind, quality, malignancy probability, decision by itself."""
    rows = [
        (name, one.kind_name, one.assessment.quality, percent(one.malignancy), one.decision) for name, _, one in photos
    ]
    return pd.DataFrame(rows, columns=["photo", "kind", "quality", "malignancy probability", "decision by itself"])


def describe_weakest_group(evaluation: KindEvaluation | None) -> str:
    """The group whose malignant lesions the default operating point finds least; empty where all reach FLOOR.

    Groups of at least ENOUGH malignant test photos, by source, age, sex, body site and skin tone.
    """
    if evaluation is None:
        return ""
    groups = [
        (f"{by} {name_source(name) if by == 'source' else name}", group.sensitivity)
        for by, field in GROUPS.items()
        for name, group in (getattr(evaluation, field) or {}).items()
        if (group.malignant or 0) >= ENOUGH and is_measured(group.sensitivity)
    ]
    short = [(name, rate) for name, rate in groups if rate is not None and rate.value < FLOOR]
    if not short:
        return ""
    name, rate = min(short, key=lambda each: each[1].value)
    return f"Of malignant lesions, fewest were found for {name}: {write_share(rate)}."


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
    likely = list_likely(prediction)
    faint = [code for code in prediction.differential if code not in likely]
    names = ", ".join(map(mark_diagnosis, likely))
    if faint:
        names += f"; below {percent(FAINT)}: {', '.join(map(mark_diagnosis, faint))}"
    return (
        f"**Most likely {mark_diagnosis(prediction.top)}, {percent(prediction.probability(prediction.top))}.** "
        f"Prediction set ({percent(prediction_set.target_coverage)}): {names}."
        f"{describe_unlearned(prediction)}"
    )


def list_likely(prediction: Prediction) -> list[str]:
    """Diagnoses of the prediction set that are not FAINT, the likeliest first."""
    return [code for code in prediction.differential if prediction.probability(code) >= FAINT]


def describe_unlearned(prediction: Prediction) -> str:
    """Which diagnoses the network has never seen, and therefore does not offer; empty where it has seen all."""
    names = ", ".join(map(mark_diagnosis, prediction.unlearned))
    return f" The network has learned from no photo of: {names}. It cannot recognise these." if names else ""


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
