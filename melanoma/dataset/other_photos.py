"""Photos that show no lesion, for a network to learn that they are neither dermoscopic nor clinical.

Everyday photos, and crops of bare skin: corners of dermoscopic photos that the lesion mask leaves free, and corners of
clinical close-ups, whose lesion lies in the middle. They have no diagnosis.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.dataset.packing import MASK_SIZE, pack_masks
from melanoma.dataset.splitting import FOLDS, SPLITS
from melanoma.sources import CLINICAL, DERMOSCOPIC, EVERYDAY, OTHER

COLUMNS = ["image_id", "path", "aspect", "crop", "diagnosis", "group", "source", "kind", "split", "mask"]
SIDES = (0.5, 0.42, 0.34)  # of a crop, in shares of the centre square; the largest that is free is taken
CLINICAL_SIDE = 0.34
CROPS = 1000  # of each kind of photo


def read_other_photos(data: Path, table: pd.DataFrame, seed: int, crops: int = CROPS) -> pd.DataFrame:
    """Everyday photos below `data`, and crops of bare skin of the photos of `table`: columns COLUMNS.

    table: columns image_id, path, aspect, group, source, kind, split, mask. crop: (left, top, side) in shares of the
    centre square, None for all of it. A crop has group and split of its photo; everyday photos are split by their
    names and `seed`, so that more of them move none. `crops` of each kind of photo at most.
    """
    used = table[table["split"].isin(SPLITS)].assign(order=lambda t: [draw_share(i, seed) for i in t["image_id"]])
    used = used.sort_values("order")
    masked = used[(used["kind"] == DERMOSCOPIC) & used["mask"].map(lambda path: isinstance(path, str))]
    clinical = used[used["kind"] == CLINICAL].head(crops)
    corners = find_free_corners(masked, crops)
    skin = [
        masked.loc[list(corners)].assign(crop=list(corners.values())),
        clinical.assign(crop=[list_corners(CLINICAL_SIDE)[int(order * 4e9) % 4] for order in clinical["order"]]),
    ]
    skin = pd.concat(skin).assign(image_id=lambda t: t["image_id"] + "-skin")
    everyday = pd.DataFrame({"path": [str(path) for path in sorted((data / EVERYDAY.id).glob("*.jpg"))]}, dtype=object)
    everyday["image_id"] = everyday["group"] = [Path(path).stem for path in everyday["path"]]
    everyday["split"] = [assign_split(draw_share(i, seed)) for i in everyday["image_id"]]
    others = pd.concat([skin, everyday.assign(source=EVERYDAY.id, aspect=np.nan, crop=None)], ignore_index=True)
    return others.assign(kind=OTHER, diagnosis=None, mask=None)[COLUMNS]


def find_free_corners(masked: pd.DataFrame, most: int) -> dict[int, tuple[float, float, float]]:
    """Row label -> (left, top, side) of the largest corner without lesion, of the first `most` photos that have one."""
    corners: dict[int, tuple[float, float, float]] = {}
    for label, row in masked.iterrows():
        if len(corners) == most:
            break
        mask = pack_masks(row.to_frame().T)[0] > 0
        free = [c for side in SIDES for c in list_corners(side) if not mask.all() and not mask[cut(c, MASK_SIZE)].any()]
        if free:
            corners[label] = free[0]
    return corners


def list_corners(side: float) -> list[tuple[float, float, float]]:
    """The four corner squares (left, top, side) of the unit square."""
    return [(left, top, side) for left in (0.0, 1 - side) for top in (0.0, 1 - side)]


def cut(crop: tuple[float, float, float], size: int) -> tuple[slice, slice]:
    """Rows and columns of a crop in a picture of `size` pixels a side."""
    left, top, side = (round(share * size) for share in crop)
    return slice(top, top + side), slice(left, left + side)


def draw_share(name: str, seed: int) -> float:
    """A number from 0 to 1 that depends on name and seed alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8]) / 2**64


def assign_split(share: float) -> str:
    """The split of a photo that stands at `share` (0 to 1) of all, in the stated parts."""
    bounds = np.cumsum(list(FOLDS.values())) / sum(FOLDS.values())
    return list(FOLDS)[int(np.searchsorted(bounds, share, side="right"))]
