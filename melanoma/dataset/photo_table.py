"""Readers of the public downloads, joined to one table of photos and labels.

Labels are settled in this order: ISIC 2017 ground truth, ISIC 2019 ground truth, HAM10000 `dx`, and the
folder of the nine-class set where it is the only folder. A photo that none of them settles is dropped.
Where an id has several copies, the sharpest one is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from melanoma.diagnoses import code_of

FOUR_TO_THREE = 4 / 3

HAM_CODES = {"bcc": "BCC", "bkl": "PBK", "df": "DF", "mel": "MEL", "nv": "NV", "vasc": "VASC"}  # akiec: AK or SCC
ISIC2019_CODES = {"AK": "AK", "BCC": "BCC", "DF": "DF", "MEL": "MEL", "NV": "NV", "SCC": "SCC", "VASC": "VASC"}


@dataclass(frozen=True)
class Layout:
    """One folder of copies: where they lie, their true aspect if stored squashed, their sharpness.

    `sharpness` is the smaller side in pixels of the centre square; the copy with the largest is used.
    """

    pattern: str
    aspect: float | None
    sharpness: int


LAYOUTS = (
    Layout("ham10000_600x450/*.jpg", None, 450),
    Layout("ham10000_224/*.jpg", None, 224),
    Layout("isic2017/ISIC-2017_*_Data/*.jpg", FOUR_TO_THREE, 192),
    Layout("ham10000/images/*.jpg", None, 150),
    Layout("isic9/*/*/*.jpg", FOUR_TO_THREE, 135),
)

MASKS = "ham10000/masks/*_segmentation.png"


def photo_table(data: Path) -> pd.DataFrame:
    """Every labelled photo below `data`: one row an image id, sorted by it.

    Columns: image_id, path, aspect (NaN: as stored), diagnosis (code), label_from (isic2017, isic2019,
    ham10000 or folder), lesion_id (None where no table gives one), source (ham10000, isic2017 or
    isic-archive), mask (path of the lesion mask, None where there is none). Raises FileNotFoundError when
    `data` holds none of the layouts.
    """
    copies = best_copies(data)
    labels = settle_labels(data, copies.index)
    table = copies.join(labels, how="inner")
    table["lesion_id"] = lesion_ids(data).reindex(table.index)
    ham, challenge = set(ham10000(data).index), set(isic2017(data).index)
    table["source"] = [
        "ham10000" if i in ham else "isic2017" if i in challenge else "isic-archive" for i in table.index
    ]
    masks = {bare_id(path.stem.removesuffix("_segmentation")): str(path) for path in data.glob(MASKS)}
    table["mask"] = [masks.get(i) for i in table.index]
    return table.reset_index()


def best_copies(data: Path) -> pd.DataFrame:
    """image_id -> path, aspect of its sharpest copy."""
    rows = [
        (bare_id(path.stem), str(path), layout.aspect, layout.sharpness)
        for layout in LAYOUTS
        for path in sorted(data.glob(layout.pattern))
    ]
    if not rows:
        raise FileNotFoundError(f"{data} holds none of the known layouts: {', '.join(x.pattern for x in LAYOUTS)}")
    table = pd.DataFrame(rows, columns=["image_id", "path", "aspect", "sharpness"])
    best = table.sort_values(["sharpness", "path"], ascending=[False, True]).drop_duplicates("image_id")
    return best.drop(columns="sharpness").set_index("image_id").sort_index()


def bare_id(stem: str) -> str:
    """`ISIC_0000013_downsampled` and a download manager's `ISIC_0000013(1)` -> `ISIC_0000013`."""
    return re.sub(r"(_downsampled|\s*\(\d+\))$", "", stem)


def settle_labels(data: Path, image_ids: pd.Index) -> pd.DataFrame:
    """image_id -> diagnosis, label_from; ids that nothing settles are absent."""
    ham = ham10000(data)
    challenge = isic2017(data)
    later = isic2019(data)
    later = later.where(later != "BKL", ham["diagnosis"].reindex(later.index)).dropna()
    settled = pd.DataFrame(index=image_ids, columns=["diagnosis", "label_from"], dtype=object)
    for name, labels in (
        ("isic2017", challenge),
        ("isic2019", later),
        ("ham10000", ham["diagnosis"]),
        ("folder", single_folders(data)),
    ):
        found = labels.dropna().reindex(image_ids).dropna()
        new = found.index[settled.loc[found.index, "diagnosis"].isna()]
        settled.loc[new, "diagnosis"] = found[new]
        settled.loc[new, "label_from"] = name
    return settled.dropna(subset="diagnosis")


def isic2017(data: Path) -> pd.Series:
    """image_id -> code from the three Part 3 ground truths: melanoma, seborrheic keratosis, else nevus."""
    tables = [pd.read_csv(path) for path in sorted(data.glob("isic2017/*_Part3_GroundTruth.csv"))]
    if not tables:
        return pd.Series(dtype=object)
    table = pd.concat(tables).set_index("image_id")
    codes = pd.Series("NV", index=table.index)
    codes[table["seborrheic_keratosis"] == 1] = "SK"
    codes[table["melanoma"] == 1] = "MEL"
    return codes


def isic2019(data: Path) -> pd.Series:
    """image_id -> code from the ISIC 2019 ground truth; `BKL` stays, as it holds PBK and SK alike."""
    path = data / "isic2019" / "ISIC_2019_Training_GroundTruth.csv"
    if not path.exists():
        return pd.Series(dtype=object)
    table = pd.read_csv(path).set_index("image")
    table.index = table.index.map(bare_id)
    return table.idxmax(axis=1).map({**ISIC2019_CODES, "BKL": "BKL"}).dropna()


def ham10000(data: Path) -> pd.DataFrame:
    """image_id -> diagnosis (None for akiec, which is AK or SCC), lesion_id and patient columns."""
    path = data / "ham10000" / "HAM10000_metadata.csv"
    if not path.exists():
        return pd.DataFrame(columns=["diagnosis", "lesion_id", "age", "sex", "localization"])
    table = pd.read_csv(path).set_index("image_id")
    table["diagnosis"] = table["dx"].map(HAM_CODES)
    return table


def folders(data: Path) -> pd.DataFrame:
    """Each file of the nine-class set: image_id, path, part (Train or Test), diagnosis (of its folder)."""
    rows = [
        (bare_id(path.stem), str(path), path.parts[-3], code_of(path.parts[-2]))
        for path in sorted(data.glob("isic9/*/*/*.jpg"))
    ]
    return pd.DataFrame(rows, columns=["image_id", "path", "part", "diagnosis"])


def single_folders(data: Path) -> pd.Series:
    """image_id -> code, for ids that lie in the folders of one diagnosis only."""
    codes = folders(data).groupby("image_id")["diagnosis"].agg(set)
    return codes[codes.map(len) == 1].map(lambda c: next(iter(c)))


def lesion_ids(data: Path) -> pd.Series:
    """image_id -> lesion id, from HAM10000 and the ISIC 2019 metadata (HAM10000's wins)."""
    path = data / "isic2019" / "ISIC_2019_Training_Metadata.csv"
    ham = ham10000(data)["lesion_id"]
    if not path.exists():
        return ham
    table = pd.read_csv(path).set_index("image")
    table.index = table.index.map(bare_id)
    later = table["lesion_id"].dropna()
    return pd.concat([ham, later[~later.index.isin(ham.index)]])
