"""What a training run is given: its settings, and photos in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from melanoma.diagnoses import index


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a network is fitted; stored as `arguments` in run.json."""

    architecture: str
    size: int
    epochs: int
    samples: int  # drawn an epoch
    batch_size: int = 32
    learning_rate: float = 1e-3  # peak, after a warm-up of one epoch; then cosine to a hundredth
    weight_decay: float = 0.02
    clip: float = 0.0  # longest gradient of a step, over all weights; longer ones are shortened; 0: as they come
    frozen: float = 0.0  # share of the layers, from the input, that keep the values they start with
    steady: bool = False  # batch normalisation keeps its statistics and scales: half the time on a CPU
    dropout: float = 0.3
    label_smoothing: float = 0.05
    power: float = -0.7
    strength: float | None = 1.0
    mixup: float = 0.0
    blank: float = 0.0  # share of photos made unreadable, to be answered with "could be anything"
    focus: float = 0.0  # weight of the loss that asks evidence to lie on the lesion; needs lesion masks
    taught: float = 0.0  # share of a photo's label that is what the teachers answer to it
    average: float = 0.998  # decay a step of the averaged weights, which are what is kept; 0: none
    monitor: str = "val_macro_auc"
    seed: int = 20


@dataclass(frozen=True)
class Material:
    """Packed photos of one split. images: (n, s, s, 3) uint8; labels: (n,) int, index into CODES.

    lesions: (n, m, m) uint8, 255 where the lesion is or may be; None: not asked for.
    """

    images: np.ndarray
    labels: np.ndarray
    lesions: np.ndarray | None = None

    @classmethod
    def of(cls, table: pd.DataFrame, images: np.ndarray, lesions: np.ndarray | None = None) -> Material:
        """`images` and `lesions` with the diagnoses of `table`, row for row."""
        return cls(images, np.array([index(code) for code in table["diagnosis"]]), lesions)
