"""Photos in memory: the table of a data folder with its split, and what one split of it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import Progress

from melanoma.dataset import packing
from melanoma.dataset.batches import NO_DIAGNOSIS
from melanoma.dataset.duplicates import make_thumbnails
from melanoma.dataset.earlier_split import read_earlier_split
from melanoma.dataset.photo_table import describe_left_out, read_photo_table
from melanoma.dataset.public_tables import read_nine_class_files
from melanoma.dataset.splitting import group_lesions, split_photos
from melanoma.diagnoses import index
from melanoma.sources import KINDS


@dataclass(frozen=True)
class PhotoSet:
    """Photos of one split. images: (n, s, s, 3) uint8; labels: (n,) int, index into CODES, or NO_DIAGNOSIS.

    lesions: (n, m, m) uint8, 255 where the lesion is or may be; None where no mask is needed. kinds: (n,) int, index
    into KINDS; sources: (n,) ids of sources; None where the table does not tell.
    """

    images: np.ndarray
    labels: np.ndarray
    lesions: np.ndarray | None = None
    kinds: np.ndarray | None = None
    sources: np.ndarray | None = None

    @classmethod
    def of(cls, table: pd.DataFrame, images: np.ndarray, lesions: np.ndarray | None = None) -> PhotoSet:
        """`images` and `lesions` with the diagnoses, kinds and sources of `table`, row for row."""
        labels = np.array([index(code) if isinstance(code, str) else NO_DIAGNOSIS for code in table["diagnosis"]])
        kinds = np.array([KINDS.index(kind) for kind in table["kind"]]) if "kind" in table else None
        sources = table["source"].to_numpy(str) if "source" in table else None
        return cls(images, labels, lesions, kinds, sources)


def load_table(data: Path, seed: int, nine_class_set: bool, bar: Progress) -> tuple[pd.DataFrame, np.ndarray]:
    """The labelled table with group and split, and its photos (n, 224, 224, 3) uint8.

    The split is made over all photos, so that the runs of one seed share it; a run on the nine-class
    set uses its part of it. What is left out is said above the progress bar.
    """
    table = read_photo_table(data)
    images, read = packing.pack_readable(table, packing.PACKED_SIZE, count_on(bar, packing.PACKED_SIZE))
    for sentence in (*describe_left_out(data, table), *describe_unreadable(table["path"][~read])):
        bar.console.print(sentence, markup=False, highlight=False)
    table, images = (table, images) if read.all() else (table[read].reset_index(drop=True), images[read])
    table["group"] = group_lesions(table, make_thumbnails(images))
    table["split"] = split_photos(table, seed, read_earlier_split())
    if nine_class_set:
        rows = table["image_id"].isin(read_nine_class_files(data)["image_id"]).to_numpy()
        table, images = table[rows].reset_index(drop=True), images[rows]
    return table, images


def describe_unreadable(paths: Sequence[str]) -> list[str]:
    """A sentence on photos that cannot be read; none where there are none."""
    some = ", ".join(list(paths)[:3]) + (", …" if len(paths) > 3 else "")
    return [f"Left out, as they cannot be read as photos: {len(paths)} ({some})."] if len(paths) else []


def load_photos(table: pd.DataFrame, size: int, bar: Progress) -> np.ndarray:
    """Photos of `table`, through the serving path, (n, size, size, 3) uint8, with a progress bar."""
    return packing.pack(table, size, count_on(bar, size))


def count_on(bar: Progress, size: int) -> Callable[[Iterable, int], Iterable]:
    """What passes photos on while they are read, and counts them on a progress bar."""

    def count(rows: Iterable, total: int) -> Iterator:
        task = bar.add_task(f"reading photos at {size} px", total=total)
        for row in rows:
            bar.advance(task)
            yield row

    return count
