"""Batches for Keras: class-aware sampling, augmentation and mixup, from photos packed in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
import numpy as np

from melanoma.dataset.augmentation import augment
from melanoma.preprocessing import network_input


@dataclass(frozen=True)
class Sampling:
    """How a training epoch is drawn. `power` -1 draws every class alike, 0 as often as it occurs."""

    samples: int
    power: float = -0.7
    strength: float | None = 1.0  # of the augmentation; None: the photo as it is
    mixup: float = 0.0  # Beta(mixup, mixup) blend of two samples (Zhang 2018); 0: none


class TrainingBatches(keras.utils.PyDataset):
    """One epoch: `sampling.samples` draws with replacement, the same for the same seed and epoch."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, classes: int, size: int, batch_size: int,
                 sampling: Sampling, seed: int, first_epoch: int = 0):  # fmt: skip
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=6)  # threads: Pillow frees the GIL
        self.images, self.labels, self.classes, self.size = images, labels, classes, size
        self.batch_size, self.sampling, self.seed, self.epoch = batch_size, sampling, seed, first_epoch
        self.draw()

    def draw(self) -> None:
        """Choose this epoch's rows."""
        counts = np.bincount(self.labels, minlength=self.classes)
        chances = counts[self.labels].astype(float) ** self.sampling.power
        rng = np.random.default_rng((self.seed, self.epoch))
        self.rows = rng.choice(len(self.labels), self.sampling.samples, p=chances / chances.sum())

    def on_epoch_end(self) -> None:
        """Draw the next epoch."""
        self.epoch += 1
        self.draw()

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / self.batch_size)

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Batch number -> (b, size, size, 3) float32 from 0 to 255, (b, classes) float32 soft labels."""
        rng = np.random.default_rng((self.seed, self.epoch, batch))
        rows = self.rows[batch * self.batch_size : (batch + 1) * self.batch_size]
        pixels = np.stack([self.photo(i, rng) for i in rows]).astype(np.float32)
        targets = np.eye(self.classes, dtype=np.float32)[self.labels[rows]]
        return mix(pixels, targets, rng, self.sampling.mixup)

    def photo(self, row: int, rng: np.random.Generator) -> np.ndarray:
        """One training photo at the network's size, (size, size, 3) uint8."""
        if self.sampling.strength is None:
            return network_input(self.images[row], self.size)
        return augment(self.images[row], self.size, rng, self.sampling.strength)


def mix(pixels: np.ndarray, targets: np.ndarray, rng: np.random.Generator, alpha: float):
    """Blend each sample with another of its batch by a share drawn from Beta(alpha, alpha); 0: leave."""
    if alpha == 0:
        return pixels, targets
    share = rng.beta(alpha, alpha, len(pixels)).astype(np.float32)
    share = np.maximum(share, 1 - share)[:, None]
    other = rng.permutation(len(pixels))
    mixed = pixels * share[..., None, None] + pixels[other] * (1 - share)[..., None, None]
    return mixed, targets * share + targets[other] * (1 - share)
