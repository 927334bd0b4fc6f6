"""What every model card says whatever the run: uses, licences, and the reporting guideline's items."""

from __future__ import annotations

import pandas as pd

from melanoma.diagnoses import MALIGNANT, NAMES
from melanoma.documents.cards import Section, Table
from melanoma.documents.wording import GROUPS
from melanoma.run import Evaluation, Run
from melanoma.sources import ARTEFACTS, EVERYDAY, ISIC2019, SOURCES

LITE_WEIGHTS = ("EfficientNet-Lite weights, ImageNet", "start of training", "Apache-2.0")


def list_licences(run: Run) -> Table:
    """Licences of what went into a run, and of what it was measured on; of every source where the run names none."""
    evaluation, learned = run.evaluation, {count.source for count in run.facts.data.counts}
    sources = [source for source in SOURCES if source.id in learned] if learned else list(SOURCES)
    if learned:
        sources.append(ISIC2019)
        sources += [ARTEFACTS] if evaluation and evaluation.robustness else []
        sources += [EVERYDAY] if evaluation and evaluation.out_of_distribution else []
    rows = [(source.name, source.use, source.terms) for source in dict.fromkeys(sources)]
    rows += [LITE_WEIGHTS] if "efficientnet-lite" in run.facts.architecture else []
    columns = ["material", "used for", "licence"]
    return Table("Licences: research and other non-commercial use only", pd.DataFrame(rows, columns=columns))


def state_uses() -> tuple[Section, Section]:
    """What it is for, and what it is not for."""
    malignant = ", ".join(NAMES[code] for code in MALIGNANT)
    intended = (
        "Research and teaching with photos of a single skin lesion, mostly dermoscopic. The network gives a calibrated "
        "probability for each of nine diagnoses, and a decision at a stated threshold. Heatmaps show where it looked.",
        f"Diagnoses: {', '.join(NAMES.values())}.",
        f"Counted as malignant: {malignant}.",
        "Users: dermatologists, other clinicians trained in dermoscopy, researchers. They decide by themselves.",
    )
    outside = (
        "Diagnosis, triage or treatment of patients, and use by patients: it is not a medical device, and no clinic "
        "has tested it.",
        "Reassurance: a low probability does not rule out melanoma.",
        "Photos without a dermatoscope, unless a section below says how the network did on them.",
        "Mucosa, nails, rashes and wounds.",
        "Diagnoses other than the nine.",
        "Commercial use: the licences of the training photos forbid it.",
    )
    return Section("Intended use and users", intended), Section("Out of scope", (outside,))


def list_measured_groups(evaluation: Evaluation) -> list[str]:
    """What the test photos were grouped by, each group with estimates of its own."""
    return ["diagnosis", *(name for name, part in GROUPS.items() if getattr(evaluation, part))]


def state_reporting_items(evaluation: Evaluation | None) -> Section:
    """Which CLEAR Derm items this card answers, and which it cannot."""
    not_measured = "not answered: not measured"
    measured = list_measured_groups(evaluation) if evaluation else []
    patients = [name for name in measured if name in ("age", "sex", "body site")]
    groups = "in part: by " + ", ".join(measured) if measured else not_measured
    rows = [
        ("data", "kind of images; preprocessing; public availability", "answered"),
        ("data", "artefacts in the images", "in part: tested with cut-outs, not labelled"),
        ("data", "devices, light and conditions of acquisition", "not answered: the sources do not say"),
        ("data", "synthetic images", "answered: none"),
        ("data", "reference standard of the labels", "in part: order of label sources; histology not per photo"),
        (
            "data",
            "skin tone and ethnicity",
            "in part: skin tone, where a source records it" if "skin tone" in measured else not_measured,
        ),
        (
            "data",
            "age, sex and body site",
            "in part: " + ", ".join(patients) + ", where the sources record it" if patients else not_measured,
        ),
        ("data", "separate training, validation and test", "in part: by lesion; patients are not known"),
        ("data", "external test set", "not answered: none"),
        ("technique", "development of the network; code and weights", "answered: in the repository and this run"),
        ("technical assessment", "performance with intervals", "answered" if evaluation else not_measured),
        ("technical assessment", "comparison with other algorithms and readers on the same photos", "not answered"),
        ("technical assessment", "bias across groups", groups),
        ("application", "use cases, target conditions and users", "answered"),
        ("application", "effect on clinicians and patients", "not answered: not studied"),
    ]
    return Section(
        "CLEAR Derm",
        (
            "Items of the CLEAR Derm consensus guidelines (Daneshjou et al. 2022, doi:10.1001/jamadermatol.2021.4915), "
            "shortened. This is our own reading. Nobody else has checked it.",
            Table("Items", pd.DataFrame(rows, columns=["part", "item", "this card"])),
        ),
    )
