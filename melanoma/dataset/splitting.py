"""Train, validation and test by lesion: made before anything is sampled or augmented."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pandas as pd

from melanoma.dataset.duplicates import find_near_duplicates, label_components
from melanoma.sources import DERMOSCOPIC

SPLITS = ("train", "validation", "test")
EXCLUDED = "excluded"  # train or validation once, and of a lesion that is test: neither learned from nor tested on
FOLDS = {"test": 3, "validation": 2, "train": 15}  # of 20: 15 %, 10 %, 75 %
MANIFEST = ["image_id", "diagnosis", "group", "source", "kind", "split"]  # columns of a stored split
DARK_SKIN = 2  # MILK10k's skin tones up to it are kept in the same shares in each split


class TooFewPhotosError(ValueError):
    """Not enough photos to hold any out."""


def group_lesions(table: pd.DataFrame, thumbnail_rows: np.ndarray) -> pd.Series:
    """Group of each row: one lesion, or several that two ids, or near-duplicate pictures, tie together.

    table: columns image_id, lesion_id and, for a lesion that has a second id, also_lesion_id.
    thumbnail_rows: (n, k) float32 from `make_thumbnails`, in the order of `table`. A group is named after its first
    image id, so that the name does not depend on the order of the table.
    """
    first: dict[str, int] = {}
    pairs = [(i, j) for i, j, _ in find_near_duplicates(thumbnail_rows)]
    for column in table.columns.intersection(["lesion_id", "also_lesion_id"]):
        for row, lesion in enumerate(table[column]):
            if isinstance(lesion, str):
                pairs.append((first.setdefault(lesion, row), row))
    labels = label_components(len(table), pairs)
    return table.groupby(labels)["image_id"].transform("min").rename("group")


def split_photos(table: pd.DataFrame, seed: int, earlier: pd.DataFrame | None = None) -> pd.Series:
    """Split of each row of `table` (columns image_id, diagnosis, source, group): train, validation, test or EXCLUDED.

    earlier: columns image_id, split of a split that is to be extended; what was test stays test, and what was not
    never becomes test. A group with earlier photos takes their split: test before train before validation. Where that
    is test, its photos that were train or validation are EXCLUDED. Groups without earlier photos are split by
    `split_by_group`; they are train where they are too few to hold any out. Raises TooFewPhotosError when all are new
    and too few.
    """
    if earlier is None:
        return split_by_group(table, seed)
    before = table["image_id"].map(earlier.set_index("image_id")["split"])
    order = pd.CategoricalDtype([EXCLUDED, "validation", "train", "test"], ordered=True)
    rank = before.astype(order).cat.codes  # -1: new
    split = pd.Series(
        rank.groupby(table["group"]).transform("max").map(dict(enumerate(order.categories))), name="split", dtype=object
    )
    new = split.isna()
    if new.all():
        return split_by_group(table, seed)
    if new.any():
        try:
            split[new] = split_by_group(table[new], seed)
        except TooFewPhotosError:
            split[new] = "train"
    never_test = before.isin(["train", "validation", EXCLUDED])
    split[(never_test & (split == "test")) | (before == EXCLUDED)] = EXCLUDED
    return split


def split_by_group(table: pd.DataFrame, seed: int) -> pd.Series:
    """Split of each row of `table` (columns diagnosis, source, group): no group lies in two splits.

    Stratified by diagnosis, source and, where a skin tone is stated, dark or fair skin; the same table and seed give
    the same split. Raises TooFewPhotosError when no stratum has as many photos as there are folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    strata = table["diagnosis"] + "|" + table["source"]
    if "skin_tone" in table:
        strata += (table["skin_tone"] <= DARK_SKIN).fillna(False).map({True: "|dark", False: ""})
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


def write_manifest(table: pd.DataFrame) -> bytes:
    """A split as it is stored: CSV of the columns MANIFEST, sorted by image id.

    `kind` is left out where every photo is dermoscopic, as it was before photos had kinds: such a split keeps its file.
    """
    dermoscopic = "kind" not in table or (table["kind"] == DERMOSCOPIC).all()
    columns = [column for column in MANIFEST if not (column == "kind" and dermoscopic)]
    return table[columns].sort_values("image_id").to_csv(index=False).encode()


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 of the stored split: the same data and split, the same hash."""
    return hashlib.sha256(write_manifest(table)).hexdigest()
