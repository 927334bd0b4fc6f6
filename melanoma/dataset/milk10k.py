"""MILK10k (ISIC 2025 challenge) in its public layout: a folder a lesion, in it one photo of each kind.

`MILK10k_Training_Input/<lesion>/<photo>.jpg` or `.webp`, and three tables: ground truth (eleven classes, not read,
as the supplement is finer), metadata and supplement.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from melanoma.dataset.public_csv import read_public_csv
from melanoma.sources import CLINICAL, DERMOSCOPIC

FOLDER = "milk10k"
KIND_OF = {"dermoscopic": DERMOSCOPIC, "clinical: close-up": CLINICAL}
# `diagnosis_full` of the supplement -> code. What is not listed, and starts with neither word of STARTS, is none of
# the nine: inflammation, other benign and other malignant lesions, collisions. Bowen's disease and keratoacanthoma
# are SCC, as ISIC 2019 files them.
CODE_OF = {
    "Basal cell carcinoma": "BCC",
    "Squamous cell carcinoma, Invasive": "SCC",
    "Squamous cell carcinoma in situ, Bowens disease": "SCC",
    "Keratoacanthoma": "SCC",
    "Blue nevus": "NV",
    "Seborrheic keratosis": "SK",
    "Solar lentigo": "PBK",
    "Lichen planus like keratosis": "PBK",
    "Solar or actinic keratosis": "AK",
    "Dermatofibroma": "DF",
    "Angiokeratoma": "VASC",
    "Hemangioma": "VASC",
    "Hemangioma, Hobnail": "VASC",
    "Pyogenic granuloma": "VASC",
}
STARTS = {"Nevus": "NV", "Melanoma": "MEL"}  # in some twenty kinds of nevus and three of melanoma
CONCEPTS = {  # column of the metadata -> what MONET scored there
    "MONET_ulceration_crust": "ulceration",
    "MONET_hair": "hair",
    "MONET_vasculature_vessels": "vessels",
    "MONET_erythema": "erythema",
    "MONET_pigmented": "pigment",
    "MONET_gel_water_drop_fluid_dermoscopy_liquid": "gel",
    "MONET_skin_markings_pen_ink_purple_pen": "ink",
}


def read_milk10k(data: Path) -> pd.DataFrame:
    """image_id -> lesion_id, kind, diagnosis, histology, and age_approx, sex, site, skin_tone_class as stated.

    diagnosis: a code, None for a lesion that is none of the nine; histology: the supplement's `diagnosis_full`.
    Empty where MILK10k is not below `data`. Raises TableError.
    """
    columns = ["lesion_id", "kind", "diagnosis", "histology", "age_approx", "sex", "site", "skin_tone_class"]
    table = _read_metadata(data)
    if table.empty:
        return pd.DataFrame(columns=columns)
    supplement = read_public_csv(data / FOLDER / "MILK10k_Training_Supplement.csv", "isic_id", ["diagnosis_full"])
    table["kind"] = table["image_type"].map(KIND_OF)
    table["histology"] = supplement["diagnosis_full"].reindex(table.index)
    table["diagnosis"] = table["histology"].map(settle_histology).astype(object)
    return table.reindex(columns=columns)


def settle_histology(diagnosis_full: str) -> str | None:
    """Code of a diagnosis as the supplement names it; None for one that is none of the nine, or not stated."""
    if not isinstance(diagnosis_full, str):
        return None
    first = diagnosis_full.replace(",", " ").split(" ")[0]
    return CODE_OF.get(diagnosis_full, STARTS.get(first))


def read_concept_scores(data: Path) -> pd.DataFrame:
    """image_id -> score (0 to 1) of each of CONCEPTS, as MONET saw them in the photo (Kim et al. 2024)."""
    table = _read_metadata(data)
    return table.reindex(columns=list(CONCEPTS)).rename(columns=CONCEPTS)


def _read_metadata(data: Path) -> pd.DataFrame:
    path = data / FOLDER / "MILK10k_Training_Metadata.csv"
    if not path.exists():
        return pd.DataFrame()
    return read_public_csv(path, "isic_id", ("lesion_id", "image_type")).rename_axis("image_id")
