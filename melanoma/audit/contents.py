"""What a run learned from, counted from its split: photos and lesions by diagnosis, source and split."""

from __future__ import annotations

import pandas as pd

from melanoma.dataset.splitting import SPLITS
from melanoma.diagnoses import DIAGNOSES
from melanoma.sources import name_source


def count_by_source(split: pd.DataFrame) -> pd.DataFrame:
    """split.csv -> columns diagnosis (name), source, photos; every pair of the two, 0 where there is none."""
    table = pd.crosstab(split["diagnosis"], split["source"]).reindex([d.code for d in DIAGNOSES], fill_value=0)
    table.index = pd.Index([d.name for d in DIAGNOSES], name="diagnosis")
    table.columns = [name_source(source) for source in table.columns]
    return table.melt(ignore_index=False, var_name="source", value_name="photos").reset_index()


def count_by_split(split: pd.DataFrame) -> pd.DataFrame:
    """split.csv -> one row a diagnosis: malignant, photos, lesions, and photos in train, validation and test."""
    photos = pd.crosstab(split["diagnosis"], split["split"]).reindex(columns=SPLITS, fill_value=0)
    lesions = split.groupby("diagnosis")["group"].nunique()
    rows = [
        {
            "diagnosis": d.name,
            "malignant": "yes" if d.malignant else "no",
            "photos": int(photos.loc[d.code].sum()),
            "lesions": int(lesions[d.code]),
            **{name: int(photos.loc[d.code, name]) for name in SPLITS},
        }
        for d in DIAGNOSES
        if d.code in photos.index
    ]
    return pd.DataFrame(rows)
