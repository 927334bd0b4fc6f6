"""The nine diagnoses: the one truth about their order, names, codes, colours and what is malignant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Terminology:
    """A diagnosis in standard terminologies: empty where no public source was found that says so.

    snomed_ct: concept id; icd_10: category of the WHO's ICD-10, which may hold other diagnoses too; icd_o: morphology.
    """

    snomed_ct: str = ""
    icd_10: str = ""
    icd_o: str = ""

    def describe(self) -> str:
        """The codes in words, `SNOMED CT 93655004 · ICD-10 C43 · ICD-O 8720/3`; empty where there is none."""
        codes = {"SNOMED CT": self.snomed_ct, "ICD-10": self.icd_10, "ICD-O": self.icd_o}
        return " · ".join(f"{system} {code}" for system, code in codes.items() if code)


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis; `name` is also its folder name in the nine-class ISIC set."""

    code: str
    name: str
    malignant: bool  # counted in the malignant sum; actinic keratosis is a precursor and is counted
    colour: str  # Okabe-Ito and neighbours: told apart by colour-blind readers, no red/green verdict
    terminology: Terminology = Terminology()


# Where each code was checked:
# SNOMED CT 201101007: DICOM PS3.16, CID 4405. 254701007, 254651007: OMOP vocabulary, in the cohort of OHDSI/Legend
#   "Malignant neoplasm". 93655004: the melanoma list of the CVD-COVID-UK consortium (CCU002_02), and several others
#   that name it "Malignant melanoma of skin". 400096001: the UK edition at a FHIR terminology server.
#   Public lists give these very codes other meanings too (Merkel cell carcinoma, dysplastic nevus): those are wrong.
# ICD-10 C43, C44, D22, D23, L57.0, L82: the titles and inclusions of ICD-10 and ICD-10-CM.
# ICD-O 8720/3: SEER's training modules. 8090/3, 8070/3: WHO Classification of Skin Tumours (2005), at pubcan.org.
#   8832/0: ICD-O's "Dermatofibroma, NOS".
# None of the systems has one code for a group: pigmented benign keratoses, vascular lesions.
DIAGNOSES = (
    Diagnosis("AK", "actinic keratosis", True, "#E69F00", Terminology("201101007", "L57.0")),
    Diagnosis("BCC", "basal cell carcinoma", True, "#56B4E9", Terminology("254701007", "C44", "8090/3")),
    Diagnosis("DF", "dermatofibroma", False, "#999999", Terminology("", "D23", "8832/0")),
    Diagnosis("MEL", "melanoma", True, "#CC79A7", Terminology("93655004", "C43", "8720/3")),
    Diagnosis("NV", "nevus", False, "#0072B2", Terminology("400096001", "D22")),
    Diagnosis("PBK", "pigmented benign keratosis", False, "#B8A200"),
    Diagnosis("SCC", "squamous cell carcinoma", True, "#D55E00", Terminology("254651007", "C44", "8070/3")),
    Diagnosis("SK", "seborrheic keratosis", False, "#117755", Terminology("", "L82")),
    Diagnosis("VASC", "vascular lesion", False, "#882255"),
)

CODES = tuple(d.code for d in DIAGNOSES)
NAMES = {d.code: d.name for d in DIAGNOSES}
COLOURS = {d.code: d.colour for d in DIAGNOSES}
MALIGNANT = tuple(d.code for d in DIAGNOSES if d.malignant)

# Other spellings, and names that the nine go by in folders
SYNONYMS = {
    "actinic keratoses": "AK",
    "solar keratosis": "AK",
    "basal cell carcinomas": "BCC",
    "basalioma": "BCC",
    "dermatofibromas": "DF",
    "melanomas": "MEL",
    "malignant melanoma": "MEL",
    "naevus": "NV",
    "nevi": "NV",
    "naevi": "NV",
    "melanocytic nevus": "NV",
    "melanocytic naevus": "NV",
    "melanocytic nevi": "NV",
    "melanocytic naevi": "NV",
    "pigmented benign keratoses": "PBK",
    "squamous cell carcinomas": "SCC",
    "seborrheic keratoses": "SK",
    "seborrhoeic keratosis": "SK",
    "seborrhoeic keratoses": "SK",
    "vascular lesions": "VASC",
    **{d.code.lower(): d.code for d in DIAGNOSES},
}

# Public benchmarks have seven classes: ISIC 2018 merges these pairs.
MERGED_CODES = ("AK+SCC", "BCC", "DF", "MEL", "NV", "PBK+SK", "VASC")


def merged(code: str) -> str:
    """The code among the seven merged classes that holds `code`."""
    return next(m for m in MERGED_CODES if code in m.split("+"))


def index(code: str) -> int:
    """Position of `code` in every array of probabilities; ValueError for an unknown code."""
    return CODES.index(code)


def mark_diagnosis(code: str) -> str:
    """A diagnosis's name with its mark: ◆ counted as malignant, ◇ benign."""
    return f"{NAMES[code]} {'◆' if code in MALIGNANT else '◇'}"


def code_of(name: str) -> str:
    """Code of a diagnosis given its name or one of SYNONYMS, any case, with `_` or `-` for spaces.

    KeyError when it is none of the nine.
    """
    plain = " ".join(name.replace("_", " ").replace("-", " ").lower().split())
    return {**{d.name: d.code for d in DIAGNOSES}, **SYNONYMS}[plain]
