"""The split that every later one extends, so that what was test once is never learned from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from melanoma.run import MODELS, split_path

# The first split: 13,030 photos of HAM10000, ISIC 2017 and the ISIC archive, seed 20.
FINGERPRINT = "6b21d38dc6d8139347256d6521b3a8c716f795fb12eb7dac7a6dbbcfbb2f8b60"


def read_earlier_split(models: Path = MODELS) -> pd.DataFrame | None:
    """Columns image_id, diagnosis, group, source, split of the first split; None where `models` does not hold it."""
    path = split_path(models, FINGERPRINT)
    return pd.read_csv(path) if path.exists() else None
