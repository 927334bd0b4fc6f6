"""The photos that heatmaps are measured on: a run's own, with lesion masks in the frame of the crop where there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma.dataset.copies import find_best_copies
from melanoma.dataset.packing import pack
from melanoma.diagnoses import index
from melanoma.evaluation.bootstrap import SEED, Resamples
from melanoma.evaluation.progress import SILENT, Progress, track
from melanoma.explain.localisation import MASK_PLACES
from melanoma.photo.preprocessing import centre_square
from melanoma.run import Run, RunError
from melanoma.sources import CLINICAL

FEWEST = 8


@dataclass(frozen=True)
class MaskedPhotos:
    """Photos with lesion masks, or without.

    images: (n, s, s, 3) uint8 network inputs; masks: (n, m, m) bool, m = MASK_PLACES, in the crop's frame, or None
    where the source has none; labels: (n,) int; groups: (n,) lesion of each photo; expert: {row: mask} for photos that
    also have an expert mask.
    """

    images: np.ndarray
    masks: np.ndarray | None
    labels: np.ndarray
    groups: np.ndarray
    expert: dict[int, np.ndarray]

    def take(self, rows: np.ndarray) -> MaskedPhotos:
        """The photos at `rows`, (m,) int, in that order."""
        new = {int(row): i for i, row in enumerate(rows)}
        expert = {new[row]: mask for row, mask in self.expert.items() if row in new}
        masks = None if self.masks is None else self.masks[rows]
        return MaskedPhotos(self.images[rows], masks, self.labels[rows], self.groups[rows], expert)

    @cached_property
    def lesion_shares(self) -> np.ndarray:
        """(n,) share of the crop that each lesion covers. Only with masks."""
        assert self.masks is not None
        return self.masks.mean(axis=(1, 2))

    @cached_property
    def resamples(self) -> Resamples:
        """Their bootstrap over lesions."""
        return Resamples.of_lesions(self.groups)


def order_by_lesion(groups: np.ndarray, seed: int = SEED) -> np.ndarray:
    """groups: (n,) lesion of each photo -> (n,) rows in random order whose beginnings are samples by lesion.

    First comes one photo of each lesion, then each one's second, and so on: every sample holds as many lesions as it
    can, and a smaller sample lies within a larger one.
    """
    rng = np.random.default_rng(seed)
    names, lesion = np.unique(groups, return_inverse=True)
    place = rng.permutation(len(names))[lesion]
    shuffled = rng.permutation(len(groups))
    counts = np.zeros(len(names), int)
    turn = np.empty(len(groups), int)
    for row in shuffled:
        turn[row] = counts[lesion[row]]
        counts[lesion[row]] += 1
    return np.lexsort((place, turn))


def read_mask(path: Path) -> np.ndarray:
    """A lesion mask of the whole frame -> (MASK_PLACES, MASK_PLACES) bool of the crop that the network sees."""
    with Image.open(path) as image:
        box = centre_square(image.width, image.height)
        return np.asarray(image.convert("L").resize((MASK_PLACES, MASK_PLACES), Image.Resampling.BOX, box=box)) > 127


def load_masked_photos(
    run: Run, data: Path, split: str = "test", *, most: int | None = None, progress: Progress = SILENT
) -> MaskedPhotos:
    """The run's HAM10000 photos of a split (`validation` or `test`) that have a lesion mask, `most` of them or all.

    RunError when there are too few, FileNotFoundError when `data` holds no photos.
    """
    if run.split is None:
        raise RunError(f"{run.name} has no split, so its {split} photos are unknown. Train it again.")
    table = run.split[(run.split["split"] == split) & (run.split["source"] == "ham10000")]
    table = table.join(find_best_copies(data), on="image_id", how="inner")
    folder = data / "ham10000" / "masks"
    table = table[[(folder / f"{i}_segmentation.png").exists() for i in table["image_id"]]].reset_index(drop=True)
    if most is not None and len(table):
        table = table.iloc[np.sort(order_by_lesion(table["group"].to_numpy())[:most])].reset_index(drop=True)
    if len(table) < FEWEST:
        raise RunError(f"{data}/ham10000 holds lesion masks of {len(table)} of {run.name}'s {split} photos: too few.")
    masks = np.stack([read_mask(folder / f"{i}_segmentation.png") for i in table["image_id"]])
    marked = masks.any(axis=(1, 2))
    table, masks = table[marked].reset_index(drop=True), masks[marked]
    expert = {}
    for row, image_id in enumerate(table["image_id"]):
        path = data / "ham10000_600x450" / f"{image_id}_expert.png"
        if path.exists() and (mask := read_mask(path)).any():
            expert[row] = mask
    images = pack(table, run.input_size, track(progress, "reading photos"))
    labels = np.array([index(code) for code in table["diagnosis"]])
    return MaskedPhotos(images, masks, labels, table["group"].to_numpy(), expert)


def load_clinical_photos(
    run: Run, data: Path, split: str = "test", *, most: int | None = None, progress: Progress = SILENT
) -> MaskedPhotos:
    """The run's clinical photos of a split, `most` of them or all: no public source has lesion masks of such photos.

    RunError when there are too few, FileNotFoundError when `data` holds no photos.
    """
    if run.split is None or "kind" not in run.split:
        raise RunError(f"{run.name} has no clinical photos in its split. Measure its dermoscopic ones.")
    table = run.split[(run.split["split"] == split) & (run.split["kind"] == CLINICAL)]
    table = table.join(find_best_copies(data), on="image_id", how="inner").reset_index(drop=True)
    if len(table) < FEWEST:
        raise RunError(f"{data} holds {len(table)} of {run.name}'s clinical {split} photos: too few.")
    if most is not None:
        table = table.iloc[np.sort(order_by_lesion(table["group"].to_numpy())[:most])].reset_index(drop=True)
    images = pack(table, run.input_size, track(progress, "reading photos"))
    labels = np.array([index(code) for code in table["diagnosis"]])
    return MaskedPhotos(images, None, labels, table["group"].to_numpy(), {})
