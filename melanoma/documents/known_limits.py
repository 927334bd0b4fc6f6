"""What breaks the network: a section of its model card. Each limit has its measured size where there is one."""

from __future__ import annotations

from melanoma.diagnoses import CODES, NAMES
from melanoma.documents.cards import Section
from melanoma.documents.wording import (
    CLINICAL_CAUTION,
    LESION_ATTENTION,
    NOT_MEASURED,
    describe_weakest_group,
    write_share,
    write_statistic,
)
from melanoma.evaluation.kinds import EVERYDAY_PHOTO
from melanoma.run import Evaluation, Run
from melanoma.run.evaluation import Confidence
from melanoma.serving import Prediction
from melanoma.sources import OTHER, name_source

FEW = 200  # training photos below which a diagnosis is called rare


def list_limits(run: Run) -> Section:
    """Every known limit."""
    evaluation = run.evaluation
    items = (
        _describe_artefacts(evaluation),
        _describe_dark_skin(evaluation),
        _list_rare_diagnoses(run),
        "Sources confound labels: a network can recognise the camera instead of the lesion. "
        + _list_single_sources(run),
        _describe_source_probe(evaluation),
        "Aspect ratio: ISIC 2017 and nine-class photos are read as 4:3 frames in training, even where a file is "
        f"square. An uploaded photo is read as it is. Effect: {NOT_MEASURED}.",
        _describe_everyday_photos(evaluation),
        "Other diagnoses: a lesion that is none of the nine gets one of the nine.",
        "A heatmap shows where the network looked, not whether it is right. "
        + (f"{LESION_ATTENTION} " if run.is_lesion_attentive else "")
        + "Faithfulness of the maps: "
        + ("on the performance page." if evaluation and evaluation.faithfulness else f"{NOT_MEASURED}."),
    )
    return Section("Known limits", (items,))


def summarise_limits(run: Run, prediction: Prediction) -> tuple[str, ...]:
    """What whoever reads one answer should know, three or four lines; `list_limits` says the rest."""
    evaluation, calibration = run.evaluation, run.calibration
    lines = [
        f"A lesion that is none of the nine diagnoses gets one of the nine. {_list_rare_diagnoses(run)}",
        _describe_dark_skin(evaluation),
        _describe_artefacts(evaluation),
    ]
    kind = prediction.kind.kind
    # Groups were measured at the default operating point, on single photos.
    if evaluation and calibration and prediction.photos == 1 and prediction.point == calibration.of_kind(kind).default:
        lines.insert(0, describe_weakest_group(evaluation.of_kind(kind)))
    return tuple(filter(None, lines))


def _describe_artefacts(evaluation: Evaluation | None) -> str:
    robustness = evaluation.robustness if evaluation else None
    artefacts = robustness.changes.get("artefact", {}) if robustness else {}
    shares = "; ".join(f"{name} {write_share(variation.decision)}" for name, variation in artefacts.items())
    return f"Artefacts change answers. Share of decisions that change when one is added: {shares or NOT_MEASURED}."


def _describe_dark_skin(evaluation: Evaluation | None) -> str:
    groups = (evaluation.per_skin_tone if evaluation else None) or {}
    dark = [f"{name}: {group.photos} test photos" for name, group in groups.items() if name[0] in "012"]
    if not dark:
        return (
            "Skin tone: almost no dark skin is in the data, and no photo states a skin tone. The error on dark skin is "
            "not known."
        )
    return f"Skin tone (0 darkest, 5 lightest): few photos of dark skin. {'; '.join(dark)}."


def _list_rare_diagnoses(run: Run) -> str:
    """Diagnoses with few training photos."""
    if run.split is None:
        return "Diagnoses with few training photos: not recorded in this run."
    photos = run.split.loc[run.split["split"] == "train", "diagnosis"].value_counts()
    rare = ", ".join(f"{NAMES[code]} {photos.get(code, 0)}" for code in CODES if photos.get(code, 0) < FEW)
    return f"Diagnoses with fewer than {FEW} training photos: {rare or 'none'}."


def _list_single_sources(run: Run) -> str:
    """Diagnoses of which all photos come from one source."""
    if run.split is None:
        return "Sources per diagnosis: not recorded in this run."
    sources = run.split.groupby("diagnosis")["source"].unique()
    single = [
        f"{NAMES[code]} ({name_source(sources[code][0])})"
        for code in CODES
        if code in sources and len(sources[code]) == 1
    ]
    return f"Diagnoses whose photos all come from one source: {', '.join(single) or 'none'}."


def _describe_source_probe(evaluation: Evaluation | None) -> str:
    probes = evaluation.source_probe.diagnoses if evaluation and evaluation.source_probe else {}
    features = [f"{NAMES[code]} {write_statistic(probe.auc)}" for code, probe in probes.items() if probe]
    answers = [
        f"{NAMES[code]} {write_statistic(probe.answer.auc)}" for code, probe in probes.items() if probe and probe.answer
    ]
    return (
        "Source probe: AUC for telling the source from the network's features, 0.5 being chance: "
        f"{'; '.join(features) or NOT_MEASURED}. From its nine answers: {'; '.join(answers) or NOT_MEASURED}."
    )


def _describe_everyday_photos(evaluation: Evaluation | None) -> str:
    clinical = _describe_clinical_photos(evaluation)
    counts = evaluation.kinds.counts.get(EVERYDAY_PHOTO) if evaluation and evaluation.kinds else None
    if counts:
        return (
            f"Photos without a lesion: of {sum(counts.values())} everyday test photos, {counts[OTHER]} were taken for "
            f"such and get no answer. The others get one. {clinical}"
        )
    report = evaluation.out_of_distribution if evaluation else None
    everyday = (report.photos.get("everyday") if report else None) or Confidence(photos=0)
    return (
        "Out-of-distribution photos get an answer too. Of photos without skin, referred: "
        f"{write_share(everyday.refer)}; with a diagnosis above 90 %: {write_share(everyday.above_90)}. {clinical}"
    )


def _describe_clinical_photos(evaluation: Evaluation | None) -> str:
    if evaluation is None or evaluation.clinical is None:
        return f"Photos without a dermatoscope: {NOT_MEASURED}."
    return f"Photos without a dermatoscope: {CLINICAL_CAUTION}"
