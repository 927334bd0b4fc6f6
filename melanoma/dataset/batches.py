"""Batches for Keras: class-aware sampling, augmentation and mixup, from photos packed in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from PIL import Image

from melanoma.dataset.augmentation import STILL, View, augment, blank
from melanoma.photo.preprocessing import network_input


@dataclass(frozen=True)
class Sampling:
    """How a training epoch is drawn. `power` -1 draws every class alike, 0 as often as it occurs."""

    samples: int
    power: float = -0.7
    strength: float | None = 1.0  # of the augmentation; None: the photo as it is
    mixup: float = 0.0  # Beta(mixup, mixup) blend of two samples (Zhang 2018); 0: none
    blank: float = 0.0  # chance that a photo is made unreadable, with every diagnosis then as likely as any other
    taught: float = 0.0  # share of a label that is the teachers' answer to the photo as it is drawn


class TrainingBatches(keras.utils.PyDataset):
    """One epoch: `sampling.samples` draws with replacement, the same for the same seed and epoch."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, classes: int, size: int, batch_size: int,
                 sampling: Sampling, seed: int, first_epoch: int = 0, lesions: np.ndarray | None = None,
                 grid: tuple[int, int] | None = None,
                 teach: Callable[[np.ndarray], np.ndarray] | None = None):  # fmt: skip
        """With `lesions` (n, m, m) uint8, 255 where the lesion is or may be, and the `grid` of the network's
        last feature maps, a batch also says where evidence may lie; see `melanoma.training.lesion_loss`.
        `teach` answers (b, size, size, 3) float32 with (b, classes) probabilities, which
        `sampling.taught` of a label are."""
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=6)  # threads: Pillow frees the GIL
        self.images, self.labels, self.classes, self.size = images, labels, classes, size
        self.batch_size, self.sampling, self.seed, self.epoch = batch_size, sampling, seed, first_epoch
        self.lesions, self.grid, self.teach = lesions, grid, teach
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

    def __getitem__(self, batch: int):
        """Batch number -> (b, size, size, 3) float32 from 0 to 255, (b, classes) float32 soft labels.

        With lesions the labels are {"logits": the soft labels, "maps": (b, h, w, classes) float32}: for the
        diagnosis of each photo the share of each cell that is lesion, for the other diagnoses 0.
        """
        rng = np.random.default_rng((self.seed, self.epoch, batch))
        rows = self.rows[batch * self.batch_size : (batch + 1) * self.batch_size]
        views = [STILL if self.sampling.strength is None else View.drawn(rng) for _ in rows]
        blanked = rng.random(len(rows)) < self.sampling.blank
        pixels = np.stack(
            [self.photo(i, view, gone, rng) for i, view, gone in zip(rows, views, blanked, strict=True)]
        ).astype(np.float32)
        named = np.eye(self.classes, dtype=np.float32)[self.labels[rows]]
        targets = np.where(blanked[:, None], np.float32(1 / self.classes), named)
        pixels, targets = mix(pixels, targets, rng, self.sampling.mixup)
        if self.sampling.taught:
            targets += np.float32(self.sampling.taught) * (self.teach(pixels) - targets)
        if self.lesions is None:
            return pixels, targets
        cells = np.stack([self.cells(i, view) for i, view in zip(rows, views, strict=True)])
        named[blanked] = 0  # nowhere to look
        return pixels, {"logits": targets, "maps": cells[..., None] * named[:, None, None, :]}

    def photo(self, row: int, view: View, blanked: bool, rng: np.random.Generator) -> np.ndarray:
        """One training photo at the network's size, (size, size, 3) uint8."""
        pixels = self.images[row]
        if blanked:
            everywhere = np.full((8, 8), 255, np.uint8)
            pixels = blank(pixels, everywhere if self.lesions is None else self.lesions[row], rng)
        if self.sampling.strength is None:
            return network_input(pixels, self.size)
        return augment(pixels, self.size, rng, self.sampling.strength, view)

    def cells(self, row: int, view: View) -> np.ndarray:
        """Share of each cell of the grid that is lesion in this view, (h, w) float32 from 0 to 1."""
        h, w = self.grid
        seen = view.of(Image.fromarray(self.lesions[row]), 4 * max(h, w))
        return np.asarray(seen.resize((w, h), Image.Resampling.BOX), np.float32) / 255


def mix(pixels: np.ndarray, targets: np.ndarray, rng: np.random.Generator, alpha: float):
    """Blend each sample with another of its batch by a share drawn from Beta(alpha, alpha); 0: leave."""
    if alpha == 0:
        return pixels, targets
    share = rng.beta(alpha, alpha, len(pixels)).astype(np.float32)
    share = np.maximum(share, 1 - share)[:, None]
    other = rng.permutation(len(pixels))
    mixed = pixels * share[..., None, None] + pixels[other] * (1 - share)[..., None, None]
    return mixed, targets * share + targets[other] * (1 - share)
