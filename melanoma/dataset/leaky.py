"""The data leakage example: oversample first, split at random afterwards, as is often done; kept to show what it does.

Copies of one picture end up on both sides of the split, so that validation accuracy is mostly memory.
Nothing that is offered for use is trained on this table.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.dataset.packing import pack
from melanoma.dataset.public_tables import read_ham10000, read_nine_class_files
from melanoma.run import file_sha256
from melanoma.sources import HAM10000, ISIC_ARCHIVE

TURNED_SHARE = 0.7  # of the copies; the others stay byte for byte what they were
MAX_ANGLE = 10.0  # degrees, either way
VALIDATION = 0.2


def build_leaky_table(data: Path, copies_per_class: int = 500, seed: int = 20) -> pd.DataFrame:
    """The pooled pictures of `data`/isic9/Train, split at random: one row a picture, sorted as drawn.

    Columns: path, aspect (NaN: the squashed photo as stored), image_id, diagnosis (of the folder, right
    or wrong), source, group (first id of the same bytes), copy (0: original; k: the k-th copy drawn for
    its class), angle (degrees, 0: not turned), split (train, validation).
    """
    rng = np.random.default_rng(seed)
    originals = read_nine_class_files(data).query("part == 'Train'").reset_index(drop=True)
    if originals.empty:
        raise FileNotFoundError(f"{data} holds no isic9/Train/<diagnosis>/*.jpg, which this protocol pools.")
    digests = originals["path"].map(file_sha256)
    originals["group"] = originals.groupby(digests)["image_id"].transform("min")
    in_ham = originals["image_id"].isin(read_ham10000(data).index)
    originals["source"] = np.where(in_ham, HAM10000.id, ISIC_ARCHIVE.id)
    originals["copy"], originals["angle"] = 0, 0.0
    copies = [draw_copies(files, copies_per_class, rng) for _, files in originals.groupby("diagnosis")]
    table = pd.concat([originals, *copies], ignore_index=True).drop(columns="part")
    table["aspect"] = np.nan
    held_out = rng.permutation(len(table)) < round(VALIDATION * len(table))
    table["split"] = np.where(held_out, "validation", "train")
    return table


def draw_copies(files: pd.DataFrame, copies: int, rng: np.random.Generator) -> pd.DataFrame:
    """`copies` rows drawn from `files` with replacement, most of them mildly turned."""
    rows = files.iloc[rng.integers(len(files), size=copies)].copy()
    rows["copy"] = np.arange(1, copies + 1)
    is_turned = rng.random(copies) < TURNED_SHARE
    rows["angle"] = np.where(is_turned, rng.uniform(-MAX_ANGLE, MAX_ANGLE, copies), 0.0)
    return rows


def pack_leaky_photos(table: pd.DataFrame, size: int) -> np.ndarray:
    """Pictures of a `build_leaky_table`, in its order -> (n, size, size, 3) uint8."""
    images = pack(table, size)
    for row in np.flatnonzero(table["angle"]):
        images[row] = turn(images[row], float(table["angle"].iloc[row]))
    return images


def turn(pixels: np.ndarray, angle: float) -> np.ndarray:
    """pixels: (s, s, 3) uint8 turned by `angle` degrees, cut to the largest square without border, resized back."""
    side = pixels.shape[0]
    radians = np.radians(abs(angle))
    margin = side * (1 - 1 / (np.cos(radians) + np.sin(radians))) / 2
    image = Image.fromarray(pixels).rotate(angle, Image.Resampling.BICUBIC)
    return np.asarray(
        image.resize((side, side), Image.Resampling.BICUBIC, box=(margin, margin, side - margin, side - margin))
    )


def measure_leaked_share(table: pd.DataFrame) -> float:
    """Share (0 to 1) of validation rows whose source picture, the same bytes, is in train as well."""
    train = set(table.loc[table["split"] == "train", "group"])
    return float(table.loc[table["split"] == "validation", "group"].isin(train).mean())
