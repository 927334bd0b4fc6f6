"""Files of the public layouts with synthetic examples for photos, so that no private photo is needed."""

from pathlib import Path

import pandas as pd
from PIL import Image

from melanoma.photo.synthetic import draw_example

HAM_HEADER = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]
MILK_CONCEPTS = {
    "MONET_ulceration_crust": 0.1,
    "MONET_hair": 0.2,
    "MONET_vasculature_vessels": 0.3,
    "MONET_erythema": 0.4,
    "MONET_pigmented": 0.5,
    "MONET_gel_water_drop_fluid_dermoscopy_liquid": 0.6,
    "MONET_skin_markings_pen_ink_purple_pen": 0.7,
}


def write_photo(path: Path, seed: int, width: int = 60, height: int = 45) -> None:
    """A synthetic example at `path`, in the format that its suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"lossless": True} if path.suffix == ".webp" else {"quality": 95}
    Image.fromarray(draw_example(seed, width, height)).save(path, **options)


def write_milk10k(folder: Path, lesions: list[tuple[str, str, str, int]], suffix: str = ".webp") -> None:
    """MILK10k's layout: lesions of (lesion id, diagnosis_full, clinical id and dermoscopic id with a comma, seed)."""
    metadata, supplement = [], []
    for lesion, histology, ids, seed in lesions:
        clinical, dermoscopic = ids.split(",")
        for image_id, kind, drawing in (
            (clinical, "clinical: close-up", seed + 500),
            (dermoscopic, "dermoscopic", seed),
        ):
            write_photo(folder / "MILK10k_Training_Input" / lesion / f"{image_id}{suffix}", drawing)
            row = {"lesion_id": lesion, "image_type": kind, "isic_id": image_id, "age_approx": 70.0, "sex": "male"}
            metadata.append(row | {"skin_tone_class": seed % 6, "site": "head_neck_face"} | MILK_CONCEPTS)
            supplement.append({"isic_id": image_id, "diagnosis_full": histology})
    pd.DataFrame(metadata).to_csv(folder / "MILK10k_Training_Metadata.csv", index=False)
    pd.DataFrame(supplement).to_csv(folder / "MILK10k_Training_Supplement.csv", index=False)
