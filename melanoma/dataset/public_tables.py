"""Readers of the tables of the older public downloads, each empty where the download is not there.

They raise TableError for a table that cannot be used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from melanoma.dataset.copies import image_id_of, list_files
from melanoma.dataset.public_csv import read_public_csv
from melanoma.diagnoses import code_of

PARTS = {"train": "Train", "test": "Test"}  # of the nine-class set
HAM_CODES = {"bcc": "BCC", "bkl": "PBK", "df": "DF", "mel": "MEL", "nv": "NV", "vasc": "VASC"}  # akiec: AK or SCC
ISIC2019_CODES = {"AK": "AK", "BCC": "BCC", "DF": "DF", "MEL": "MEL", "NV": "NV", "SCC": "SCC", "VASC": "VASC"}


def read_isic2017(data: Path) -> pd.Series:
    """image_id -> code from the three Part 3 ground truths: melanoma, seborrheic keratosis, else nevus."""
    paths = sorted(data.glob("isic2017/*_Part3_GroundTruth.csv"))
    if not paths:
        return pd.Series(dtype=object)
    table = pd.concat([read_public_csv(path, "image_id", ("melanoma", "seborrheic_keratosis")) for path in paths])
    table = table[~table.index.duplicated()]
    codes = pd.Series("NV", index=table.index)
    codes[table["seborrheic_keratosis"] == 1] = "SK"
    codes[table["melanoma"] == 1] = "MEL"
    return codes


def read_isic2019(data: Path) -> pd.Series:
    """image_id -> code from the ISIC 2019 ground truth; `BKL` stays, as it holds PBK and SK alike."""
    path = data / "isic2019" / "ISIC_2019_Training_GroundTruth.csv"
    if not path.exists():
        return pd.Series(dtype=object)
    table = _by_image_id(read_public_csv(path, "image")).apply(pd.to_numeric, errors="coerce")
    table = table[(table > 0).any(axis=1)]  # the others say nothing
    return table.idxmax(axis=1).map({**ISIC2019_CODES, "BKL": "BKL"}).dropna()


def read_isic2019_metadata(data: Path) -> pd.DataFrame:
    """image_id -> age_approx, sex, anatom_site_general, lesion_id."""
    path = data / "isic2019" / "ISIC_2019_Training_Metadata.csv"
    if not path.exists():
        return pd.DataFrame(columns=["age_approx", "sex", "anatom_site_general", "lesion_id"])
    columns = ("age_approx", "sex", "anatom_site_general", "lesion_id")
    return _by_image_id(read_public_csv(path, "image", columns))


def _by_image_id(table: pd.DataFrame) -> pd.DataFrame:
    """A table by file name -> by image id."""
    table.index = table.index.map(image_id_of)
    return table[~table.index.duplicated()]


def read_ham10000(data: Path) -> pd.DataFrame:
    """image_id -> diagnosis (None for akiec, which is AK or SCC), lesion_id and patient columns."""
    path = data / "ham10000" / "HAM10000_metadata.csv"
    if not path.exists():
        return pd.DataFrame(columns=["diagnosis", "lesion_id", "age", "sex", "localization"])
    table = read_public_csv(path, "image_id", ("dx", "lesion_id", "age", "sex", "localization"))
    table["diagnosis"] = table["dx"].map(HAM_CODES)
    return table


def read_nine_class_files(data: Path) -> pd.DataFrame:
    """Each file of the nine-class set: image_id, path, part (Train or Test), diagnosis (of its folder).

    Folders that are named for none of the nine are left out, see `count_foreign_classes`.
    """
    rows = [
        (image_id_of(path), str(path), PARTS.get(part.lower(), part), code)
        for path, part, _, code in _list_by_class(data)
        if code
    ]
    return pd.DataFrame(rows, columns=["image_id", "path", "part", "diagnosis"])


def count_foreign_classes(data: Path) -> dict[str, int]:
    """Photos of the nine-class set in folders that are named for none of the nine, by the folder's name."""
    return dict(Counter(name for _, _, name, code in _list_by_class(data) if not code))


def _list_by_class(data: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Path, part, name of the class, and its code, empty for none of the nine, of each file."""
    for path in list_files(data, "isic9/*/*/*.jpg"):
        part, name = path.parts[-3:-1]
        try:
            yield path, part, name, code_of(name)
        except KeyError:
            yield path, part, name, ""


def read_folder_labels(data: Path) -> pd.Series:
    """image_id -> code, for ids that lie in the folders of one diagnosis of the nine-class set only."""
    codes = read_nine_class_files(data).groupby("image_id")["diagnosis"].agg(set)
    return codes[codes.map(len) == 1].map(lambda c: next(iter(c)))
