"""What every model card says whatever the run: uses, licences, and the reporting guideline's items."""

from __future__ import annotations

import pandas as pd

from melanoma.diagnoses import MALIGNANT, NAMES
from melanoma.documents.cards import Section, Table

LICENCES = (
    ("HAM10000", "photos, labels", "CC BY-NC 4.0 (one copy says BY-NC-SA); doi:10.1038/sdata.2018.161"),
    ("ISIC 2017 challenge", "photos, labels", "CC0"),
    ("ISIC 2019 challenge", "labels and lesion ids", "CC BY-NC"),
    ("nine-class ISIC set", "photos, labels where no other speaks", "none found; taken as non-commercial"),
    ("artefact cut-outs", "robustness tests alone", "CC BY-NC 4.0; doi:10.5826/dpc.1203a126"),
)
LITE_WEIGHTS = ("EfficientNet-Lite weights, ImageNet", "start of training", "Apache-2.0")


def licences(architecture: str) -> Table:
    """Licences of what went into a network of this architecture."""
    rows = [*LICENCES, *([LITE_WEIGHTS] if architecture.startswith("efficientnet-lite") else [])]
    columns = ["material", "used for", "licence"]
    return Table("Licences: research and other non-commercial use only", pd.DataFrame(rows, columns=columns))


def uses() -> tuple[Section, Section]:
    """What it is for, and what it is not for."""
    malignant = ", ".join(NAMES[code] for code in MALIGNANT)
    intended = (
        "Research on, and teaching with, dermoscopic photos of single pigmented or suspicious skin lesions. It gives "
        "a calibrated probability for each of nine diagnoses, a decision at a stated threshold, and maps of where "
        "the network looked.",
        f"Diagnoses: {', '.join(NAMES.values())}. Counted as malignant: {malignant}.",
        "Users: dermatologists and other clinicians trained in dermoscopy, who decide by themselves; researchers.",
    )
    outside = (
        "Diagnosis, triage or treatment of patients, and use by patients: it is no medical device and no clinic "
        "has tested it",
        "Reassurance: a low probability does not rule a melanoma out",
        "Photos without a dermatoscope, mucosa, nails, rashes, wounds, and diagnoses other than the nine",
        "Any commercial use: the licences of the training photos forbid it",
    )
    return Section("Intended use and users", intended), Section("Out of scope", (outside,))


def reporting_guideline(evaluation: dict) -> Section:
    """Which CLEAR Derm items this card answers, and which it cannot."""
    measured = "answered" if evaluation.get("figures") else "not answered: not measured"
    sources = "in part: by source and diagnosis alone" if evaluation.get("per_source") else "not answered: not measured"
    people = "not answered: not measured"
    if evaluation.get("per_age"):
        sources = "in part: by source, diagnosis, age, sex and body site; not by skin type"
        people = "in part: figures by group, where the collections record it"
    rows = [
        ("data", "kind of images; preprocessing; public availability", "answered"),
        ("data", "artefacts in the images", "in part: tested with cut-outs, not labelled"),
        ("data", "devices, light and conditions of acquisition", "not answered: the collections do not say"),
        ("data", "synthetic images", "answered: none; training photos are varied and get drawn clutter"),
        ("data", "reference standard of the labels", "in part: order of label sources; histology not per photo"),
        ("data", "skin tone and ethnicity", "not answered: not recorded"),
        ("data", "age, sex and body site", people),
        ("data", "separate training, validation and test", "in part: by lesion; patients are not known"),
        ("data", "external test set", "not answered: none"),
        ("technique", "how the network was developed; code and weights", "answered: in the repository and this run"),
        ("technical assessment", "performance with intervals", measured),
        ("technical assessment", "comparison with other algorithms and readers on the same photos", "not answered"),
        ("technical assessment", "bias across groups", sources),
        ("application", "use cases, target conditions and users", "answered"),
        ("application", "effect on clinicians and patients", "not answered: not studied"),
    ]
    return Section(
        "CLEAR Derm",
        (
            "What this card answers of the CLEAR Derm consensus guidelines (Daneshjou et al. 2022, "
            "doi:10.1001/jamadermatol.2021.4915), by the guideline's four parts and in this card's own words. It is "
            "our own reading, checked by nobody else.",
            Table("Items", pd.DataFrame(rows, columns=["part", "item", "this card"])),
        ),
    )
