"""Photos of one lesion under two ids: a list that is part of the project, and one that may come with the data.

`same_lesions.csv` holds ids alone: pairs of photos, and how many of their keypoints agree, as `melanoma.audit` counts
them. Eight suffice where one is MILK10k's; twelve among the older photos, some of which share a ruler or a round frame.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from melanoma.dataset.duplicates import label_components
from melanoma.dataset.public_csv import read_ids
from melanoma.sources import MILK10K

PAIRS = Path(__file__).parent / "same_lesions.csv"
DATA_PAIRS = "milk10k/same_lesion_in_ham10000.csv"  # columns image_id, isic_id


def read_same_lesions(data: Path) -> list[tuple[str, str]]:
    """Pairs of image ids that show the same lesion; none for a folder without MILK10k.

    The first split was made from the older sources alone and without this list, and stays what it is for them.
    """
    if not (data / MILK10K.id).exists():
        return []
    pairs = list(pd.read_csv(PAIRS)[["image_id", "other_id"]].itertuples(index=False, name=None))
    if (data / DATA_PAIRS).exists():
        columns = ["image_id", "isic_id"]
        pairs += read_ids(data / DATA_PAIRS, columns)[columns].itertuples(index=False, name=None)
    return pairs


def name_shared_lesions(image_ids: pd.Index, pairs: list[tuple[str, str]]) -> pd.Series:
    """image_id -> name of the lesion that it shares by `pairs`, which is the first image id of it; None for none.

    A pair counts where both photos are among `image_ids`.
    """
    place = {image_id: row for row, image_id in enumerate(image_ids)}
    edges = [(place[a], place[b]) for a, b in pairs if a in place and b in place]
    names = pd.Series(image_ids, index=image_ids).groupby(label_components(len(place), edges)).transform("min")
    shared = {row for edge in edges for row in edge}
    return names.where([row in shared for row in range(len(names))], None).astype(object)
