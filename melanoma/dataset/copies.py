"""Where the public downloads keep their photos, and the sharpest copy of each."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from melanoma.serving.cells import plain_text

FOUR_TO_THREE = 4 / 3
SPELLINGS = {".jpg": (".jpg", ".jpeg"), ".webp": (".webp",)}  # suffixes in lower case, by that of a pattern


@dataclass(frozen=True)
class Layout:
    """One folder of copies: where they lie (see `list_files`), their true aspect if stored squashed, their sharpness.

    `sharpness` is the smaller side in pixels of the centre square; the copy with the largest is used.
    """

    pattern: str
    aspect: float | None
    sharpness: int


LAYOUTS = (
    Layout("ham10000_600x450/*.jpg", None, 450),
    Layout("ham10000_288/*.webp", None, 288),
    Layout("isic2017_288/*.webp", None, 288),
    Layout("ham10000_224/*.jpg", None, 224),
    Layout("isic2017/ISIC-2017_*_Data/*.jpg", FOUR_TO_THREE, 192),
    Layout("ham10000/images/*.jpg", None, 150),
    Layout("ham10000/HAM10000_images_part_*/*.jpg", None, 150),  # as Kaggle has it, once so and once
    Layout("ham10000/ham10000_images_part_*/*.jpg", None, 150),
    Layout("isic9/*/*/*.jpg", FOUR_TO_THREE, 135),
    Layout("milk10k/MILK10k_Training_Input/*/*.jpg", None, 450),
    Layout("milk10k/MILK10k_Training_Input/*/*.webp", None, 288),
)


def find_best_copies(data: Path) -> pd.DataFrame:
    """image_id -> path, aspect of its sharpest copy. Raises FileNotFoundError when `data` holds none of LAYOUTS."""
    rows = [
        (image_id_of(path), str(path), layout.aspect, layout.sharpness)
        for layout in LAYOUTS
        for path in list_files(data, layout.pattern)
    ]
    if not rows:
        above = data.resolve().parent
        if any(x.pattern.startswith(f"{data.resolve().name}/") and holds(above, x) for x in LAYOUTS):
            raise FileNotFoundError(f"{data} is one of the public downloads. Name the folder that it lies in: {above}")
        raise FileNotFoundError(
            f"{data} holds none of the known layouts: {', '.join(x.pattern for x in LAYOUTS)}. "
            "Only the nine diagnoses can be learned, from these layouts; folders of other classes cannot."
        )
    table = pd.DataFrame(rows, columns=["image_id", "path", "aspect", "sharpness"])
    best = table.sort_values(["sharpness", "path"], ascending=[False, True]).drop_duplicates("image_id")
    return best.drop(columns="sharpness").set_index("image_id").sort_index()


def holds_downloads(data: Path) -> bool:
    """Whether a folder holds photos in any of LAYOUTS."""
    return any(holds(data, layout) for layout in LAYOUTS)


def holds(data: Path, layout: Layout) -> bool:
    """Whether a folder holds a photo in this layout."""
    return next(list_files(data, layout.pattern), None) is not None


def list_files(data: Path, pattern: str) -> Iterator[Path]:
    """The photos of a pattern such as `images/*.jpg`, sorted, whatever the case of their suffix.

    Regular files alone; a file that a folder links to several times counts once; hidden files and folders, which
    editors and other systems leave there, do not; nor do names that are no text, which no table can mean.
    """
    folder, _, suffix = pattern.rpartition("/*")
    seen = set()
    for path in sorted(data.glob(f"{folder}/*")):
        if plain_text(str(path)) != str(path):
            continue
        if path.suffix.lower() not in SPELLINGS[suffix] or any(part.startswith(".") for part in path.parts[-2:]):
            continue
        try:
            status = path.stat()
        except OSError:  # a link to itself, or to what is gone
            continue
        file = path.parent, status.st_dev, status.st_ino
        if stat.S_ISREG(status.st_mode) and file not in seen:
            seen.add(file)
            yield path


def image_id_of(path: Path | str) -> str:
    """Image id of a file: `ISIC_0000013_downsampled.jpg` and a download manager's `ISIC_0000013(1).jpg` are one."""
    return re.sub(r"(_downsampled|\s*\(\d+\))$", "", Path(path).stem)
