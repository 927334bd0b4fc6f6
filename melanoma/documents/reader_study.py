"""A reader study in words and tables: its design, its results, and every answer as CSV."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from melanoma.casebook.reader_study import StudyCase
from melanoma.casebook.reader_study_results import StudyLine
from melanoma.diagnoses import CODES
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.reader_study import FEW, Contrast, StudyAnalysis
from melanoma.serving.cells import encode_csv

DESIGN = (
    "Every reader reads every photo twice, in two sessions: once alone and once with the network's answer.",
    "In the first session half of the cases come with support, drawn so that malignant and benign ones are shared out "
    "evenly. For every second reader the halves are exchanged.",
    "The order is random, another for each reader and session, and the same when they come back.",
    "Practice items come first and do not count.",
    "An answer cannot be changed, and no item can be left out.",
    "The days between the sessions are your choice. They lie in the results.",
)
NOT_MEASURED = "–"


def describe_support(case: StudyCase) -> str:
    """What stands under the network's decision."""
    return (
        f"Probability of malignancy {percent(case.malignancy)}; it refers from {percent(case.threshold)}. "
        "It may be wrong."
    )


def tabulate_analysis(analysis: StudyAnalysis) -> pd.DataFrame:
    """A row a statistic: alone, with support, difference; all with their intervals."""

    def share(estimate: Estimate) -> str:
        return estimate.percent()

    def points(estimate: Estimate) -> str:
        low, high = 100 * estimate.low, 100 * estimate.high
        return f"{100 * estimate.value:+.0f} ({low:+.0f} to {high:+.0f}) points"

    def kappa(estimate: Estimate) -> str:
        return estimate.text()

    def change(estimate: Estimate) -> str:
        return f"{estimate.value:+.2f} ({estimate.low:+.2f} to {estimate.high:+.2f})"

    def seconds(estimate: Estimate) -> str:
        return f"{estimate.value:.1f} s ({estimate.low:.1f}–{estimate.high:.1f} s)"

    def more(estimate: Estimate) -> str:
        return f"{estimate.value:+.1f} s ({estimate.low:+.1f} to {estimate.high:+.1f} s)"

    rows = (
        ("Sensitivity for malignant cases", analysis.sensitivity, share, points),
        ("Specificity", analysis.specificity, share, points),
        ("Balanced accuracy of the diagnosis", analysis.balanced_accuracy, share, points),
        ("Time, median", analysis.seconds, seconds, more),
        ("Cohen's kappa with the reference", analysis.cohen_kappa, kappa, change),
        ("Fleiss' kappa between readers", analysis.fleiss_kappa, kappa, change),
    )
    return pd.DataFrame(
        [
            {
                "": name,
                "alone": _write(one.alone, write),
                "with support": _write(one.supported, write),
                "with support less alone": _write(one.difference, write_difference),
            }
            for name, one, write, write_difference in rows
        ]
    )


def _write(estimate: Estimate | None, write: Callable[[Estimate], str]) -> str:
    return NOT_MEASURED if estimate is None else write(estimate)


def describe_analysis(analysis: StudyAnalysis, washout_days: int) -> list[str]:
    """What the table rests on, and the switches."""
    sentences = [
        f"{analysis.readers} reader{'s' * (analysis.readers > 1)}, {analysis.cases} cases, {analysis.pairs} readings "
        "alone with their counterpart with support. In brackets: 95 % intervals, by bootstrap over readers and cases.",
        "Sensitivity and specificity: would the reader excise, biopsy or refer it? Malignant counts actinic keratosis.",
        _describe_switches("Whether to act", analysis.referral_switches.to_right, analysis.referral_switches.to_wrong),
        _describe_switches("Diagnosis", analysis.diagnosis_switches.to_right, analysis.diagnosis_switches.to_wrong),
        f"Between the sessions lay at least {washout_days} days."
        + ("" if washout_days >= 14 else " Readers may have remembered photos."),
    ]
    if analysis.readers < FEW:
        sentences.append(f"Fewer than {FEW} readers say little about other readers, whatever the interval.")
    differences = [one.difference for one in vars(analysis).values() if isinstance(one, Contrast) and one.difference]
    if any(one.low == one.high for one in differences):
        sentences.append(
            "An interval without width means that these readings did not differ, not that others will not."
        )
    if analysis.unpaired:
        sentences.append(f"{analysis.unpaired} readings are left out until their counterpart is there.")
    return sentences


def _describe_switches(what: str, to_right: Estimate | None, to_wrong: Estimate | None) -> str:
    right, wrong = _write(to_right, Estimate.percent), _write(to_wrong, Estimate.percent)
    return f"{what}: support switched {right} of readings to right, {wrong} to wrong."


def tabulate_progress(lines: tuple[StudyLine, ...]) -> pd.DataFrame:
    """A row a reader: hash, role, answers alone and with support, without practice."""
    rows = {line.reader.name: {"role": line.reader.role, "alone": 0, "with support": 0} for line in lines}
    for line in lines:
        if not line.case.practice:
            rows[line.reader.name]["with support" if line.reading.supported else "alone"] += 1  # type: ignore[operator]
    return pd.DataFrame([{"reader": name, **row} for name, row in rows.items()])


def as_csv(lines: tuple[StudyLine, ...]) -> str:
    """Every answer, practice too: who (hashed), what, when, and what the network had said."""
    rows = [
        {
            "reader": line.reader.name,
            "role": line.reader.role,
            "half": line.reader.half,
            "session": line.reading.session,
            "place": line.reading.place,
            "case": line.case.number,
            "photo_sha256": line.case.sha256,
            "practice": line.case.practice,
            "with_support": line.reading.supported,
            "reference": line.case.truth,
            "diagnosis": line.reading.diagnosis,
            "would_act": line.reading.refers,
            "confidence": line.reading.confidence,
            "seconds": line.reading.seconds,
            "made": line.reading.made.isoformat(timespec="seconds"),
            "network_diagnosis": CODES[max(range(len(CODES)), key=line.case.probabilities.__getitem__)],
            "network_malignancy": round(line.case.malignancy, 6),
            "network_decision": line.case.decision,
        }
        for line in lines
    ]
    return encode_csv(pd.DataFrame(rows))
