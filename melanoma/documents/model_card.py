"""A run's model card: what it is for, what it learned from, how good it is, what breaks it. Markdown and PDF.

Follows "Model Cards for Model Reporting" (Mitchell et al. 2019, doi:10.1145/3287560.3287596). Every number comes from
the run's own files; what they lack reads "not measured".
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from melanoma.audit.contents import count_by_split
from melanoma.diagnoses import CODES, NAMES
from melanoma.documents.card_kinds import list_kinds
from melanoma.documents.card_statements import list_licences, state_reporting_items, state_uses
from melanoma.documents.cards import Section, Table, write_markdown, write_pdf
from melanoma.documents.known_limits import list_limits
from melanoma.documents.wording import NOT_MEASURED, is_measured, tabulate_predictive_values, write_share
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.tables import write_estimate
from melanoma.run import Evaluation, Run, RunFacts, operating_point_name
from melanoma.run.evaluation import DiagnosisEstimates, GroupEstimates
from melanoma.sources import name_source

HEADLINE = {
    "balanced_accuracy_9": "Balanced accuracy, nine diagnoses",
    "balanced_accuracy_7": "Balanced accuracy, seven merged classes",
    "accuracy": "Accuracy",
    "melanoma_auc": "Melanoma AUC",
    "malignant_auc": "Malignancy AUC",
    "melanoma_sensitivity": "Melanomas predicted as melanoma",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity, read off the test ROC curve",
    "ece": "Expected calibration error",
}
PER_DIAGNOSIS = {"sensitivity": "sensitivity", "specificity": "specificity", "auc": "AUC", "referred": "referred"}
PER_GROUP = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy_9": "balanced accuracy",
    "melanoma_auc": "melanoma AUC",
    "malignant_auc": "malignancy AUC",
}
SEEN_BY_MONET = (
    "Ink, hair and gel: photos of MILK10k that the concept model MONET (Kim et al. 2024) scores 0.5 or more for it."
)
PATIENTS = {"per_age": "age", "per_sex": "sex", "per_site": "body site", "per_skin_tone": "skin tone"}


def write_card(run: Run) -> tuple[Section, ...]:
    """The card of one run, whatever it lacks."""
    return (
        _identify(run),
        *state_uses(),
        _describe_data(run),
        _list_headline(run.evaluation),
        _list_operating_points(run),
        *list_kinds(run),
        _list_groups(run.evaluation),
        list_limits(run),
        state_reporting_items(run.evaluation),
        _explain_reporting(run),
    )


def as_markdown(run: Run) -> str:
    """The card as a Markdown file."""
    return write_markdown(f"Model card: {run.name}", write_card(run))


def as_pdf(run: Run) -> bytes:
    """The card as a PDF."""
    return write_pdf(f"Model card: {run.name}", write_card(run))


def _write(name: str, estimate: Estimate | None) -> str:
    """An estimate as its name says it is written, or "not measured"."""
    if estimate is None or not is_measured(estimate):
        return NOT_MEASURED
    text = write_estimate(name, estimate)
    return write_share(estimate) if "%" in text else text


def _identify(run: Run) -> Section:
    """Which network this card is about, and whether its estimates are of that very network."""
    facts, evaluation = run.facts, run.evaluation
    lines = (
        f"Run: {run.name}, {facts.architecture}, {run.input_size} x {run.input_size} pixels",
        f"State: {run.state}; ended {facts.ended or 'not recorded'}",
        f"SHA-256 of the network: {run.sha256 or 'this run keeps no network'}",
        f"Fingerprint of photos, labels and split: {facts.data.fingerprint or 'not recorded'}",
        f"Starting weights: {_describe_start(facts)}",
        f"Evaluated: {evaluation.made if evaluation else NOT_MEASURED}",
        f"Seed {facts.seed}; hardware: {facts.hardware or 'not recorded'}",
    )
    warnings = [facts.warning] if facts.warning else []
    if run.state == "training":
        warnings.append("This run is still training. What follows will change.")
    if evaluation and run.sha256 and evaluation.network_sha256 != run.sha256:
        warnings.append("The estimates below were measured on another network file than the one in this run.")
    return Section("Network", (*warnings, lines))


def _describe_start(facts: RunFacts) -> str:
    """Where training began."""
    if facts.architecture == "baseline-cnn":
        weights = "random"
    elif "efficientnet-lite" in facts.architecture:
        weights = "EfficientNet-Lite, trained on ImageNet (Apache-2.0)"
    else:
        weights = "ImageNet weights as Keras gives them"
    runs = " and ".join(facts.started_from)
    if facts.concept_erasure:
        return f"those of {facts.concept_erasure.run}, its last layer changed by concept erasure; at first {weights}"
    if facts.averaged:
        return f"the mean of those of {' and '.join(facts.averaged)}; at first {weights}"
    if facts.ensemble:
        return f"those of {' and '.join(member.run for member in facts.ensemble)}, as an ensemble; at first {weights}"
    return f"those of {runs}; at first {weights}" if runs else weights


def _describe_data(run: Run) -> Section:
    """Counts per diagnosis, split and source; how labels and splits were made; licences."""
    blocks: list[str | Table] = []
    if run.split is not None:
        counts = run.split["source"].value_counts()
        total = ", ".join(f"{name_source(str(name))} {count:,}" for name, count in counts.items())
        blocks.append(f"{len(run.split):,} photos: {total}.")
        rows = count_by_split(run.split).map(lambda cell: f"{cell:,}" if isinstance(cell, int) else cell)
        blocks.append(Table("Photos and lesions per diagnosis and split", rows))
    else:
        blocks.append("Counts per diagnosis and split: not recorded in this run.")
    if run.facts.protocol == "leaky":
        blocks.append("Data leakage example: the split was not made by lesion. The estimates are too high.")
    else:
        blocks.append(
            "All photos of a lesion, and near-identical photos, are in one split. It was made before anything was "
            "sampled or augmented. Temperature and thresholds were chosen on validation photos. Test photos were "
            "used only to measure."
        )
    blocks += [
        "Labels: MILK10k's histology first, then ISIC 2017 ground truth, then ISIC 2019, then HAM10000, then the "
        "folder names of the nine-class set. Photos with contradictory labels were left out. Not every label rests on "
        "histology.",
        "Preprocessing: upright sRGB, the centre square of the frame, Pillow's bicubic resize. It is the same in "
        "training and in use.",
        list_licences(run),
    ]
    return Section("Training data and licences", tuple(blocks))


def _list_headline(evaluation: Evaluation | None) -> Section:
    """Headline estimates, and how they are made again."""
    rows = [
        {
            "estimate": words,
            "value (95 % interval)": _write(words, getattr(evaluation and evaluation.headline, field, None)),
        }
        for field, words in HEADLINE.items()
    ]
    table = Table("Estimates", pd.DataFrame(rows))
    if evaluation is None:
        return Section("Performance on test photos", (table,))
    photos = (
        f"Measured on {evaluation.photos:,} dermoscopic test photos of {evaluation.lesions:,} lesions. They come from "
        "the same sources as the training photos. No photos of another hospital were tested."
    )
    intervals = f"Intervals: {evaluation.intervals}."
    return Section("Performance on test photos", (photos, intervals, table, f"Made by: {evaluation.command}"))


def _list_operating_points(run: Run) -> Section:
    """Thresholds with test sensitivity, specificity and, by prevalence, predictive values."""
    calibration = run.calibration
    if calibration is None:
        return Section("Operating points", ("Not measured: this run is not calibrated.",))
    rows, predictive = [], []
    for name, point in calibration.operating_points.items():
        label = operating_point_name(name)
        rows.append(
            {
                "operating point": label,
                "refer when": f"{point.score_name} at least {percent(point.threshold, 1)}",
                "chosen for": point.target,
                "test sensitivity": write_share(point.test.sensitivity),
                "test specificity": write_share(point.test.specificity),
            }
        )
        values = tabulate_predictive_values(point)
        values.insert(0, "operating point", label)
        predictive.append(values)
    text = (
        f"Default: {operating_point_name(calibration.default_operating_point)}. "
        "Thresholds were chosen on validation photos."
    )
    blocks: list[str | Table] = [text, Table("On test photos", pd.DataFrame(rows))]
    if any(len(values) for values in predictive):
        blocks.append(Table("Predictive values by prevalence", pd.concat(predictive, ignore_index=True)))
    return Section("Operating points", tuple(blocks))


def _list_groups(evaluation: Evaluation | None) -> Section:
    """Estimates per diagnosis, source and group of patients; the groups that nobody measured."""
    diagnoses = {NAMES[code]: evaluation.per_class.get(code) if evaluation else None for code in CODES}
    blocks: list[str | Table] = [
        "Sensitivity and specificity of a diagnosis: of the likeliest diagnosis. Of a source or a group of patients: "
        "of the decision to refer malignant lesions. A group with few photos has a wide interval.",
        Table("By diagnosis", _tabulate_groups(diagnoses, "diagnosis", PER_DIAGNOSIS)),
    ]
    if evaluation and evaluation.per_source:
        sources = {name_source(source): row for source, row in evaluation.per_source.items()}
        blocks.append(Table("By source", _tabulate_groups(sources, "source", PER_GROUP)))
    else:
        blocks.append(f"By source: {NOT_MEASURED}.")
    if evaluation and evaluation.per_set:
        blocks.append(Table("By part of the test split", _tabulate_groups(evaluation.per_set, "part", PER_GROUP)))
    unknown: list[str] = []
    for field, label in PATIENTS.items():
        if groups := getattr(evaluation, field, None):
            blocks.append(Table(f"By {label}", _tabulate_groups(groups, label, PER_GROUP)))
        else:
            unknown.append(label)
    if evaluation and evaluation.per_artefact:
        blocks.append(
            Table("By what lies over the lesion", _tabulate_groups(evaluation.per_artefact, "seen", PER_GROUP))
        )
        blocks.append(SEEN_BY_MONET)
    blocks.append(f"By {', '.join([*unknown, 'dermatoscope'])} and hospital: {NOT_MEASURED}.")
    return Section("Performance by group", tuple(blocks))


def _tabulate_groups(
    groups: Mapping[str, DiagnosisEstimates | GroupEstimates | None], label: str, columns: Mapping[str, str]
) -> pd.DataFrame:
    """A row a group: its number of test photos and each estimate in words."""
    rows = []
    for name, group in groups.items():
        photos = group.support if isinstance(group, DiagnosisEstimates) else group and group.photos
        estimates = {words: _write(words, getattr(group, field, None)) for field, words in columns.items()}
        rows.append({label: name, "test photos": NOT_MEASURED if photos is None else f"{photos:,}"} | estimates)
    return pd.DataFrame(rows)


def _explain_reporting(run: Run) -> Section:
    return Section(
        "Reporting a problem",
        (
            "Open an issue in the repository that this app came from. Attach no photo and nothing about a patient. For "
            f"a public photo, its ISIC image id is enough. Say what you expected, and name the run {run.name} and the "
            "SHA-256 above.",
        ),
    )
