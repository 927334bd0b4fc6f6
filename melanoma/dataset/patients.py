"""Age, sex, body site and skin tone of the photos, in the same words whatever table states them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.dataset.milk10k import read_milk10k
from melanoma.dataset.public_tables import read_ham10000, read_isic2019_metadata

SEXES = ("female", "male")
SITES = ("head and neck", "torso", "upper limb", "lower limb", "palms and soles", "mouth and genitals")
SKIN_TONES = (0, 1, 2, 3, 4, 5)  # MILK10k's classes, 0 the darkest
# The tables' names -> SITES. Hands and feet of HAM10000 and MILK10k are limbs, as ISIC 2019 files them.
SITE_OF = (
    dict.fromkeys(("scalp", "face", "ear", "neck", "head/neck", "head_neck_face"), "head and neck")
    | dict.fromkeys(("trunk", "back", "chest", "abdomen"), "torso")
    | dict.fromkeys(("anterior torso", "posterior torso", "lateral torso"), "torso")
    | dict.fromkeys(("upper extremity", "upper_extremity", "hand"), "upper limb")
    | dict.fromkeys(("lower extremity", "lower_extremity", "foot"), "lower limb")
    | dict.fromkeys(("acral", "palms/soles"), "palms and soles")
    | dict.fromkeys(("genital", "oral/genital"), "mouth and genitals")
)
COLUMNS = ("age", "sex", "site", "skin_tone")


def read_patients(data: Path) -> pd.DataFrame:
    """image_id -> age (years, float), sex (of SEXES), site (of SITES), skin_tone (Int64, of SKIN_TONES).

    Missing where no table says. HAM10000's table wins over that of ISIC 2019, which fills what it leaves open; only
    MILK10k states a skin tone. Ages are stated to the nearest five years.
    """
    ham = read_ham10000(data).rename(columns={"localization": "site"})
    later = read_isic2019_metadata(data).rename(columns={"age_approx": "age", "anatom_site_general": "site"})
    milk = read_milk10k(data).rename(columns={"age_approx": "age", "skin_tone_class": "skin_tone"})
    patients = harmonise(ham).combine_first(harmonise(later)).combine_first(harmonise(milk))
    return patients[list(COLUMNS)].astype({"skin_tone": "Int64"}).rename_axis("image_id")


def harmonise(table: pd.DataFrame) -> pd.DataFrame:
    """A table's own age, sex, site, skin_tone -> the same in our words, missing for all else."""
    stated = table.reindex(columns=list(COLUMNS))
    age, tone = (pd.to_numeric(stated[name], errors="coerce").astype(float) for name in ("age", "skin_tone"))
    return pd.DataFrame(
        {
            "age": age.where(np.isfinite(age)),
            "sex": stated["sex"].map({sex: sex for sex in SEXES}).astype(object),
            "site": stated["site"].map(SITE_OF).astype(object),
            "skin_tone": tone.where(tone.isin(list(SKIN_TONES))),
        },
        index=table.index,
    )
