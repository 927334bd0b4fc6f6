"""The public downloads joined to one table of photos and labels.

Labels are settled in this order: MILK10k's histology, ISIC 2017 ground truth, ISIC 2019 ground truth, HAM10000 `dx`,
and the folder of the nine-class set where it is the only folder. A photo that none of them settles is dropped.
Where an id has several copies, the sharpest one is used.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from melanoma.dataset.copies import find_best_copies, image_id_of
from melanoma.dataset.milk10k import read_milk10k
from melanoma.dataset.patients import read_patients
from melanoma.dataset.public_csv import TableError
from melanoma.dataset.public_tables import (
    count_foreign_classes,
    read_folder_labels,
    read_ham10000,
    read_isic2017,
    read_isic2019,
    read_isic2019_metadata,
)
from melanoma.dataset.same_lesions import name_shared_lesions, read_same_lesions
from melanoma.diagnoses import NAMES
from melanoma.sources import DERMOSCOPIC, HAM10000, ISIC2017, ISIC_ARCHIVE, MILK10K

MASKS = "ham10000/masks/*_segmentation.png"


def read_photo_table(data: Path) -> pd.DataFrame:
    """Every labelled photo below `data`: one row an image id, sorted by it.

    Columns: image_id, path, aspect (NaN: as stored), diagnosis (code), label_from (milk10k, isic2017, isic2019,
    ham10000 or folder), lesion_id (None where no table gives one), also_lesion_id (of a photo that shows the same
    lesion as one under another id), source (id of `melanoma.sources`), kind, mask (path of the lesion mask, None where
    there is none), and age, sex, site, skin_tone of `read_patients`. Raises FileNotFoundError when `data` holds none
    of the layouts, and TableError for a table that cannot be used.
    """
    copies = find_best_copies(data)
    labels = settle_labels(data, copies.index)
    if labels.empty:
        raise TableError(
            f"None of the {len(copies)} photos below {data} has a diagnosis: put the download's table beside them, "
            f"such as HAM10000_metadata.csv, or name folders for the nine ({', '.join(NAMES.values())})."
        )
    return describe_photos(data, copies.join(labels, how="inner")).reset_index()


def describe_left_out(data: Path, table: pd.DataFrame) -> list[str]:
    """What lies below `data` and is not in its photo table, a sentence for each kind; none where all is."""
    sentences = []
    foreign = count_foreign_classes(data)
    if foreign:
        names = ", ".join(f"{name} ({photos})" for name, photos in sorted(foreign.items()))
        sentences.append(f"Left out, as their folders are named for none of the nine diagnoses: {names}.")
    without = find_best_copies(data).index.difference(table["image_id"])
    if len(without):
        some = ", ".join(without[:3]) + (", …" if len(without) > 3 else "")
        sentences.append(f"Left out, as nothing settles which of the nine they are: {len(without)} photos ({some}).")
    return sentences


def read_unknown_lesions(data: Path) -> pd.DataFrame:
    """MILK10k's photos of lesions that are none of the nine, and their histology: never learned from or tested as one.

    Columns as of `read_photo_table`, with `histology` for diagnosis and label_from. They show what a network says
    to a lesion that it cannot know (out of distribution). Empty where MILK10k is not below `data`.
    """
    milk = read_milk10k(data)
    unknown = milk.loc[milk["diagnosis"].isna(), ["histology"]]
    if unknown.empty:
        return pd.DataFrame(columns=["image_id", "path", "aspect", "histology", "lesion_id", "source", "kind"])
    return describe_photos(data, find_best_copies(data).join(unknown, how="inner")).reset_index()


def describe_photos(data: Path, photos: pd.DataFrame) -> pd.DataFrame:
    """Photos by image_id with lesion_id, also_lesion_id, source, kind, mask, and what is known of the patient."""
    milk, ids = read_milk10k(data), photos.index
    table = photos.copy()
    table["lesion_id"] = read_lesion_ids(data).reindex(ids)
    table["also_lesion_id"] = name_shared_lesions(ids, read_same_lesions(data))
    table["source"] = find_sources(data, ids)
    table["kind"] = milk["kind"].reindex(ids).fillna(DERMOSCOPIC).astype(object)
    masks = {image_id_of(path.stem.removesuffix("_segmentation")): str(path) for path in data.glob(MASKS)}
    table["mask"] = [masks.get(i) for i in ids]
    return table.join(read_patients(data).reindex(ids))


def settle_labels(data: Path, image_ids: pd.Index) -> pd.DataFrame:
    """image_id -> diagnosis, label_from; ids that nothing settles are absent."""
    ham = read_ham10000(data)
    later = read_isic2019(data)
    later = later.where(later != "BKL", ham["diagnosis"].reindex(later.index)).dropna()
    settled = pd.DataFrame(index=image_ids, columns=["diagnosis", "label_from"], dtype=object)
    for name, labels in (
        (MILK10K.id, read_milk10k(data)["diagnosis"]),
        (ISIC2017.id, read_isic2017(data)),
        ("isic2019", later),
        (HAM10000.id, ham["diagnosis"]),
        ("folder", read_folder_labels(data)),
    ):
        known = labels.dropna().reindex(image_ids).dropna()
        new = known.index[settled.loc[known.index, "diagnosis"].isna()]
        settled.loc[new, "diagnosis"] = known[new]
        settled.loc[new, "label_from"] = name
    return settled.dropna(subset="diagnosis")


def find_sources(data: Path, image_ids: pd.Index) -> list[str]:
    """Id of the source of each photo."""
    members = (
        (HAM10000.id, set(read_ham10000(data).index)),
        (ISIC2017.id, set(read_isic2017(data).index)),
        (MILK10K.id, set(read_milk10k(data).index)),
    )
    return [next((source for source, ids in members if i in ids), ISIC_ARCHIVE.id) for i in image_ids]


def read_lesion_ids(data: Path) -> pd.Series:
    """image_id -> lesion id, from HAM10000, MILK10k and the ISIC 2019 metadata (HAM10000's wins)."""
    own = pd.concat([read_ham10000(data)["lesion_id"], read_milk10k(data)["lesion_id"]])
    later = read_isic2019_metadata(data)["lesion_id"].dropna()
    return pd.concat([own, later[~later.index.isin(own.index)]])
