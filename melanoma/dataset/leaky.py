"""The assignment's protocol, kept to show what it measures: oversample first, split at random afterwards.

Copies of one picture end up on both sides of the split, so that validation accuracy is mostly memory.
Nothing that is offered for use is trained on this table.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.dataset import duplicates, packing, sources

ROTATED = 0.7  # share of the copies that are turned; the others stay byte for byte what they were
MOST = 10.0  # degrees, either way
VALIDATION = 0.2


def leaky_table(data: Path, copies_per_class: int = 500, seed: int = 20) -> pd.DataFrame:
    """The pooled pictures of `data`/isic9/Train, split at random: one row a picture, sorted as drawn.

    Columns: path, aspect (NaN: the squashed photo as stored), image_id, diagnosis (of the folder, right
    or wrong), source, group (first id of the same bytes), copy (0: original; k: the k-th copy drawn for
    its class), angle (degrees, 0: not turned), split (train, validation).
    """
    rng = np.random.default_rng(seed)
    originals = sources.folders(data).query("part == 'Train'").reset_index(drop=True)
    if originals.empty:
        raise FileNotFoundError(f"{data} holds no isic9/Train/<diagnosis>/*.jpg, which this protocol pools.")
    digests = originals["path"].map(duplicates.sha256)
    originals["group"] = originals.groupby(digests)["image_id"].transform("min")
    in_ham = originals["image_id"].isin(sources.ham10000(data).index)
    originals["source"] = np.where(in_ham, "ham10000", "isic-archive")
    originals["copy"], originals["angle"] = 0, 0.0
    drawn = [oversampled(files, copies_per_class, rng) for _, files in originals.groupby("diagnosis")]
    table = pd.concat([originals, *drawn], ignore_index=True).drop(columns="part")
    table["aspect"] = np.nan
    held_out = rng.permutation(len(table)) < round(VALIDATION * len(table))
    table["split"] = np.where(held_out, "validation", "train")
    return table


def oversampled(files: pd.DataFrame, copies: int, rng: np.random.Generator) -> pd.DataFrame:
    """`copies` rows drawn from `files` with replacement, most of them mildly turned."""
    drawn = files.iloc[rng.integers(len(files), size=copies)].copy()
    drawn["copy"] = np.arange(1, copies + 1)
    turned = rng.random(copies) < ROTATED
    drawn["angle"] = np.where(turned, rng.uniform(-MOST, MOST, copies), 0.0)
    return drawn


def leaky_images(table: pd.DataFrame, size: int) -> np.ndarray:
    """Pictures of a `leaky_table`, in its order -> (n, size, size, 3) uint8."""
    images = packing.pack(table, size)
    for row in np.flatnonzero(table["angle"]):
        images[row] = turned(images[row], float(table["angle"].iloc[row]))
    return images


def turned(pixels: np.ndarray, angle: float) -> np.ndarray:
    """pixels: (s, s, 3) uint8 turned by `angle` degrees, cut to the largest square without border, resized back."""
    side = pixels.shape[0]
    radians = np.radians(abs(angle))
    margin = side * (1 - 1 / (np.cos(radians) + np.sin(radians))) / 2
    image = Image.fromarray(pixels).rotate(angle, Image.Resampling.BICUBIC)
    return np.asarray(
        image.resize((side, side), Image.Resampling.BICUBIC, box=(margin, margin, side - margin, side - margin))
    )


def leaked_share(table: pd.DataFrame) -> float:
    """Share (0 to 1) of validation rows whose source picture, the same bytes, is in train as well."""
    train = set(table.loc[table["split"] == "train", "group"])
    return float(table.loc[table["split"] == "validation", "group"].isin(train).mean())
