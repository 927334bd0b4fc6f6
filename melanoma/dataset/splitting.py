"""Train, validation and test by lesion: made before anything is sampled or augmented."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pandas as pd

from melanoma.dataset.duplicates import components, near_duplicates

SPLITS = ("train", "validation", "test")
FOLDS = {"test": 3, "validation": 2, "train": 15}  # of 20: 15 %, 10 %, 75 %


class TooFewPhotosError(ValueError):
    """Not enough photos to hold any out."""


def lesion_groups(table: pd.DataFrame, thumbnail_rows: np.ndarray) -> pd.Series:
    """Group of each row: one lesion, or several lesions that near-duplicate pictures tie together.

    `thumbnail_rows`: (n, k) float32 from `duplicates.thumbnails`, in the order of `table`. A group is
    named after its first image id, so that the name does not depend on the order of the table.
    """
    first: dict[str, int] = {}
    pairs = [(i, j) for i, j, _ in near_duplicates(thumbnail_rows)]
    for row, lesion in enumerate(table["lesion_id"]):
        if isinstance(lesion, str):
            pairs.append((first.setdefault(lesion, row), row))
    labels = components(len(table), pairs)
    return table.groupby(labels)["image_id"].transform("min").rename("group")


def split_by_group(table: pd.DataFrame, seed: int) -> pd.Series:
    """Split of each row of `table` (columns diagnosis, source, group): no group lies in two splits.

    Stratified by diagnosis and source; the same table and seed give the same split. Raises TooFewPhotosError
    when no diagnosis of a source has as many photos as there are folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    strata = table["diagnosis"] + "|" + table["source"]
    if strata.value_counts().max() < sum(FOLDS.values()):
        raise TooFewPhotosError(f"too few photos to split: at least one diagnosis needs {sum(FOLDS.values())} or more")
    folds = np.empty(len(table), dtype=int)
    splitter = StratifiedGroupKFold(n_splits=sum(FOLDS.values()), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # some strata have < 20 photos
        for fold, (_, held_out) in enumerate(splitter.split(table, strata, table["group"])):
            folds[held_out] = fold
    bounds = np.cumsum(list(FOLDS.values()))
    names = np.array(list(FOLDS))
    return pd.Series(names[np.searchsorted(bounds, folds, side="right")], index=table.index, name="split")


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 of (image_id, diagnosis, group, source, split): the same data and split, the same hash."""
    rows = table[["image_id", "diagnosis", "group", "source", "split"]].sort_values("image_id")
    return hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
