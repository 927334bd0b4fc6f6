"""A run's model card: what it is for, what it learned from, how good it is, what breaks it. Markdown and PDF.

Follows "Model Cards for Model Reporting" (Mitchell et al. 2019, doi:10.1145/3287560.3287596). A figure comes from
the run's own files, and one that they lack reads "not measured".
"""

from __future__ import annotations

import pandas as pd

from melanoma.audit.contents import count_by_split
from melanoma.diagnoses import CODES, NAMES
from melanoma.documents import cards, wording
from melanoma.documents.card_statements import licences, reporting_guideline, uses
from melanoma.documents.cards import Section, Table
from melanoma.estimates import Interval, is_figure, point_words, score_words
from melanoma.run.folder import Run
from melanoma.sources import name_source

NOT_MEASURED = "not measured"
FEW = 200  # training photos below which a diagnosis is called rare

FIGURES = {
    "balanced_accuracy_9": "Balanced accuracy, nine diagnoses",
    "balanced_accuracy_7": "Balanced accuracy, seven merged classes",
    "accuracy": "Accuracy",
    "melanoma_auc": "Melanoma AUC",
    "malignant_auc": "Malignant AUC",
    "melanoma_sensitivity": "Melanomas whose top diagnosis is melanoma",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity, read off the test ROC",
    "ece": "Calibration error",
}
PER_CLASS = {"sensitivity": "sensitivity", "specificity": "specificity", "auc": "AUC", "referred": "share referred"}
PER_SOURCE = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy_9": "balanced accuracy",
    "melanoma_auc": "melanoma AUC",
    "malignant_auc": "malignant AUC",
}
PEOPLE = {"per_age": "age", "per_sex": "sex", "per_site": "body site"}


def model_card(run: Run) -> tuple[Section, ...]:
    """The card of one run, whatever it lacks."""
    evaluation, calibration = run.evaluation or {}, run.calibration or {}
    return (
        identity(run, evaluation),
        *uses(),
        training_data(run),
        test_figures(evaluation),
        operating_points(calibration),
        groups(evaluation),
        known_failures(run, evaluation),
        reporting_guideline(evaluation),
        problems(run),
    )


def stated(value: object, digits: int = 2) -> str:
    """A stored figure with its 95 % interval, a plain number as it is, or "not measured"."""
    if is_figure(value):
        return Interval.of(value).words(digits)
    return str(value) if isinstance(value, int | float) else NOT_MEASURED


def identity(run: Run, evaluation: dict) -> Section:
    """Which network this card is about, and whether its figures are of that very network."""
    facts = run.facts
    size = run.input_size
    lines = [
        f"Run: {run.name}, {facts.get('architecture', 'unnamed network')}, {size} x {size} pixels",
        f"State: {run.state}; ended {facts.get('ended', 'not recorded')}",
        f"SHA-256 of the network: {run.sha256 or 'no network is kept in this run'}",
        f"Fingerprint of photos, labels and split: {facts.get('data', {}).get('fingerprint', 'not recorded')}",
        f"Starting weights: {starting_weights(facts)}",
        f"Evaluated: {evaluation.get('made', NOT_MEASURED)}",
        f"Seed {facts.get('seed', 'not recorded')}; hardware: {facts.get('hardware', 'not recorded')}",
    ]
    warnings = [facts["warning"]] if facts.get("warning") else []
    if run.state == "training":
        warnings.append("This run is still training: what follows will change.")
    measured = evaluation.get("network_sha256")
    if measured and run.sha256 and measured != run.sha256:
        warnings.append("The figures below were measured on another network file than the one in this run.")
    return Section("Network", (*warnings, tuple(lines)))


def starting_weights(facts: dict) -> str:
    """Where training began."""
    architecture = facts.get("architecture", "")
    if architecture == "baseline-cnn":
        weights = "random"
    elif architecture.startswith("efficientnet-lite"):
        weights = "EfficientNet-Lite, trained on ImageNet (Apache-2.0)"
    else:
        weights = "ImageNet weights as Keras gives them"
    if facts.get("erased"):
        return f"those of {facts['parent']}, its last layer changed, which began from {weights}"
    if facts.get("blend"):
        return f"the mean of those of {facts['parent']}, which began from {weights}"
    if facts.get("joined"):
        return f"those of {facts['parent']}, side by side, which began from {weights}"
    return f"run {facts['parent']}, which began from {weights}" if facts.get("parent") else weights


def training_data(run: Run) -> Section:
    """Counts per diagnosis, split and source; how labels and splits were made; licences."""
    blocks: list = []
    if run.split is not None:
        counted = count_by_split(run.split).astype(str)
        sources = run.split["source"].value_counts()
        total = ", ".join(f"{name_source(name)} {count:,}" for name, count in sources.items())
        blocks += [f"{len(run.split):,} photos: {total}.", Table("Photos and lesions per diagnosis and split", counted)]
    else:
        blocks.append("This run keeps no split: counts per diagnosis and split are not recorded.")
    if run.facts.get("protocol") == "lesion-grouped":
        blocks.append(
            "Photos of one lesion, and near-identical pictures, share a split, made before anything was sampled or "
            "augmented. Temperature and thresholds were chosen on validation photos; test photos only measure."
        )
    elif run.facts.get("protocol") == "leaky":
        blocks.append("The split was not made by lesion: figures of this run overstate how good it is.")
    else:
        blocks.append("How the split was made is not recorded.")
    blocks += [
        "Labels: ISIC 2017 ground truth, then ISIC 2019, then HAM10000, then the folder of the nine-class set where "
        "nothing else speaks. Photos whose labels still contradict each other were left out. Not every label rests "
        "on histology.",
        "Preprocessing: upright sRGB, the centre square of the frame, Pillow's bicubic resize; the same in training "
        "and use.",
        licences(run.facts.get("architecture", "")),
    ]
    return Section("Training data and licences", tuple(blocks))


def test_figures(evaluation: dict) -> Section:
    """Headline figures, and how they are remade."""
    figures = evaluation.get("figures", {})
    rows = [{"figure": words, "value (95 % interval)": stated(figures.get(name))} for name, words in FIGURES.items()]
    photos = (
        f"Measured on {evaluation.get('photos', '?')} test photos of {evaluation.get('lesions', '?')} lesions from the "
        "same collections as the training photos. No photos of another hospital were tested."
    )
    said = (photos, f"Intervals: {evaluation.get('intervals', NOT_MEASURED)}.") if figures else ()
    remade = (f"Made by: {evaluation['command']}",) if evaluation.get("command") else ()
    return Section("How good it is on test photos", (*said, Table("Figures", pd.DataFrame(rows)), *remade))


def operating_points(calibration: dict) -> Section:
    """Thresholds with test sensitivity, specificity and, by prevalence, predictive values."""
    points = calibration.get("operating_points", {})
    if not points:
        return Section("Operating points", ("Not measured: this run is not calibrated.",))
    rows, predictive = [], []
    for name, point in points.items():
        test = point.get("test", {})
        rows.append(
            {
                "operating point": point_words(name),
                "threshold": f"{score_words(point['score'])} at or above {point['threshold']:.3f}",
                "chosen for": point.get("target", "not recorded"),
                "test sensitivity": stated(test.get("sensitivity")),
                "test specificity": stated(test.get("specificity")),
            }
        )
        for prevalence, value in test.get("ppv", {}).items():
            what = "melanoma" if point["score"] == "MEL" else "malignant"
            predictive.append(
                {
                    "operating point": point_words(name),
                    "prevalence": f"{float(prevalence):.0%} {what}",
                    "PPV": stated(value, 3),
                    "NPV": stated(test.get("npv", {}).get(prevalence), 3),
                }
            )
    default = point_words(calibration.get("default_operating_point", "not recorded"))
    by_prevalence = (Table("Predictive values by prevalence", pd.DataFrame(predictive)),) if predictive else ()
    text = f"Default: {default}. Thresholds were chosen on validation photos."
    return Section("Operating points", (text, Table("On test photos", pd.DataFrame(rows)), *by_prevalence))


def groups(evaluation: dict) -> Section:
    """Figures per diagnosis, source and group of patients; the groups that nobody measured."""
    classes, sources = evaluation.get("per_class", {}), evaluation.get("per_source", {})
    per_class = grouped({NAMES[c]: classes.get(c, {}) for c in CODES}, "diagnosis", "support", PER_CLASS)
    named = {name_source(name): figures for name, figures in sources.items()}
    blocks = [
        "Sensitivity and specificity of a diagnosis are of the top diagnosis; of a source or of patients, of the "
        "decision to refer malignant lesions. A group with few photos has a wide interval, and should be read so.",
        Table("By diagnosis", per_class),
    ]
    if named:
        blocks.append(Table("By source", grouped(named, "source", "photos", PER_SOURCE)))
    else:
        blocks.append("By source: not measured.")
    unknown = ["skin type"]
    for key, label in PEOPLE.items():
        if found := evaluation.get(key):
            blocks.append(Table(f"By {label}", grouped(found, label, "photos", PER_SOURCE)))
        else:
            unknown.append(label)
    blocks.append(f"By {', '.join(unknown)}, dermatoscope and hospital: not measured.")
    return Section("Figures by group", tuple(blocks))


def grouped(nested: dict[str, dict], label: str, count: str, columns: dict[str, str]) -> pd.DataFrame:
    """{group: figures} -> a row a group: its number of test photos and each figure in words."""
    return pd.DataFrame(
        [
            {label: name, "test photos": stated(figures.get(count))}
            | {words: stated(figures.get(key)) for key, words in columns.items()}
            for name, figures in nested.items()
        ]
    )


def known_failures(run: Run, evaluation: dict) -> Section:
    """What breaks it, with the measured size of each failure where there is one."""
    laid = evaluation.get("robustness", {}).get("changes", {}).get("artefact", {})
    everyday = evaluation.get("unfamiliar", {}).get("everyday", {})
    clutter = "; ".join(f"{kind} {stated(changed.get('decision'))}" for kind, changed in laid.items())
    probes = {c: f for c, f in evaluation.get("source_probe", {}).items() if c in NAMES and f and "auc" in f}
    told = "; ".join(f"{NAMES[code]} {stated(found['auc'])}" for code, found in probes.items())
    answers = "; ".join(
        f"{NAMES[c]} {stated(found['answer']['auc'])}" for c, found in probes.items() if "answer" in found
    )
    items = (
        f"Artefacts: ink, rulers and gel bubbles change answers. Share of decisions changed when one is laid on a "
        f"photo: {clutter or NOT_MEASURED}.",
        "Skin types: barely any dark skin is in the data, and no photo carries a skin type. How often the network is "
        "wrong on dark skin is not known.",
        rare_diagnoses(run),
        "Sources confound labels: a network can score by recognising the camera. " + single_sources(run),
        f"The source can be read off the network's features; AUC of a probe for it, 0.5 being chance: "
        f"{told or NOT_MEASURED}. Off its nine answers: {answers or NOT_MEASURED}.",
        "Photos stored squashed: for training, ISIC 2017 and nine-class photos are read as 4:3 frames, squashed to a "
        "square or not. An upload is read as it is, since its true shape is not known. Effect: not measured.",
        f"Photos unlike dermoscopy get an answer all the same. Of photos that show no lesion, referred: "
        f"{stated(everyday.get('refer'))}; answered with more than 90 % certainty: "
        f"{stated(everyday.get('above_90'))}. Telephone photos without a dermatoscope: not measured.",
        "A diagnosis that is none of the nine is given as one of the nine.",
        "A heatmap shows where the network looked, not whether it is right. "
        + (f"{wording.TAUGHT_PLACES} " if run.taught_places else "")
        + "How faithful the maps are: "
        + ("on the performance page." if evaluation.get("faithfulness") else f"{NOT_MEASURED}."),
    )
    return Section("Known failures", (items,))


def rare_diagnoses(run: Run) -> str:
    """Diagnoses with few training photos."""
    if run.split is None:
        return "Diagnoses with few photos: not recorded in this run."
    photos = run.split.loc[run.split["split"] == "train", "diagnosis"].value_counts()
    rare = ", ".join(f"{NAMES[code]} {photos.get(code, 0)}" for code in CODES if photos.get(code, 0) < FEW)
    return f"Diagnoses with fewer than {FEW} training photos, less well known to the network: {rare or 'none'}."


def single_sources(run: Run) -> str:
    """Diagnoses of which all photos come from one source."""
    if run.split is None:
        return "Sources per diagnosis: not recorded in this run."
    found = run.split.groupby("diagnosis")["source"].unique()
    lone = [f"{NAMES[c]} ({name_source(found[c][0])})" for c in CODES if c in found and len(found[c]) == 1]
    return f"Diagnoses whose photos all come from one source: {', '.join(lone) or 'none'}."


def problems(run: Run) -> Section:
    """How to report one."""
    return Section(
        "Reporting a problem",
        (
            "Open an issue in the tracker of the repository that this app came from. Attach no photo and nothing "
            "about a patient; an ISIC image id is enough where the photo is public. Say what was expected, and name "
            f"the run {run.name} with the SHA-256 above.",
        ),
    )


def as_markdown(run: Run) -> str:
    """The card as a Markdown file."""
    return cards.markdown(f"Model card: {run.name}", model_card(run))


def as_pdf(run: Run) -> bytes:
    """The card as a PDF."""
    return cards.pdf(f"Model card: {run.name}", model_card(run))
