"""The nine diagnoses: the one truth about their order, names, codes, colours and what is malignant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis; `name` is also its folder name in the nine-class ISIC set."""

    code: str
    name: str
    malignant: bool  # counted in the malignant sum; actinic keratosis is a precursor and is counted
    colour: str  # Okabe-Ito and neighbours: told apart by colour-blind readers, no red/green verdict


DIAGNOSES = (
    Diagnosis("AK", "actinic keratosis", True, "#E69F00"),
    Diagnosis("BCC", "basal cell carcinoma", True, "#56B4E9"),
    Diagnosis("DF", "dermatofibroma", False, "#999999"),
    Diagnosis("MEL", "melanoma", True, "#CC79A7"),
    Diagnosis("NV", "nevus", False, "#0072B2"),
    Diagnosis("PBK", "pigmented benign keratosis", False, "#B8A200"),
    Diagnosis("SCC", "squamous cell carcinoma", True, "#D55E00"),
    Diagnosis("SK", "seborrheic keratosis", False, "#117755"),
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
