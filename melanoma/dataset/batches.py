"""Training batches: class-aware sampling, augmentation and mixup, from photos packed in memory."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from melanoma.dataset.augmentation import UNCHANGED, View, augment, make_uninformative
from melanoma.dataset.clinical_augmentation import augment_clinical, draw_clinical_view
from melanoma.dataset.sampling import Sampling, sampling_chances
from melanoma.photo.preprocessing import network_input
from melanoma.sources import DERMOSCOPIC, KINDS

NO_DIAGNOSIS = -1  # label of a photo that shows no lesion


class TrainingBatches:
    """One epoch: `sampling.samples_per_epoch` draws with replacement, the same for the same seed and epoch."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, classes: int, size: int, batch_size: int,
                 sampling: Sampling, seed: int, first_epoch: int = 0, lesions: np.ndarray | None = None,
                 grid: tuple[int, int] | None = None,
                 teach: Callable[[np.ndarray], np.ndarray] | None = None,
                 kinds: np.ndarray | None = None, sources: np.ndarray | None = None,
                 learn_kinds: bool = False):  # fmt: skip
        """images: (n, s, s, 3) uint8; labels: (n,) int, NO_DIAGNOSIS for a photo of no lesion.

        With `lesions` (n, m, m) uint8, 255 where the lesion is or may be, and the `grid` of the network's last feature
        maps, a batch also says where evidence may lie; see the lesion-attention loss in `melanoma.training`. `teach`
        answers (b, size, size, 3) float32 with (b, classes) probabilities, which `sampling.distillation_weight` of a
        label are. kinds: (n,) int, index into KINDS, dermoscopic without it; sources: (n,) ids; both for `sampling`.
        With `learn_kinds` a batch also says each photo's kind."""
        self.images, self.labels, self.classes, self.size = images, labels, classes, size
        self.batch_size, self.sampling, self.seed, self.epoch = batch_size, sampling, seed, first_epoch
        self.lesions, self.grid, self.teach, self.learn_kinds = lesions, grid, teach, learn_kinds
        self.kinds = np.zeros(len(labels), int) if kinds is None else kinds
        self.chances = sampling_chances(labels, sampling, self.kinds, sources)
        self.draw_rows()

    def draw_rows(self) -> None:
        """Choose this epoch's photos."""
        rng = np.random.default_rng((self.seed, self.epoch))
        self.rows = rng.choice(len(self.labels), self.sampling.samples_per_epoch, p=self.chances)

    def start_next_epoch(self) -> None:
        """Choose the next epoch's photos."""
        self.epoch += 1
        self.draw_rows()

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / self.batch_size)

    def __getitem__(self, batch: int):
        """Batch number -> (b, size, size, 3) float32 from 0 to 255, (b, classes) float32 soft labels.

        A photo of no lesion, or one made unreadable, is labelled with every diagnosis alike. With lesions or kinds
        the labels are {"logits": the soft labels, "maps": (b, h, w, classes) float32: for the diagnosis of each photo
        the share of each cell that is lesion, for the other diagnoses 0; "kind": (b, 3) float32, soft after mixup}.
        """
        rng = np.random.default_rng((self.seed, self.epoch, batch))
        rows = self.rows[batch * self.batch_size : (batch + 1) * self.batch_size]
        views = [self.draw_view(row, rng) for row in rows]
        blurred = rng.random(len(rows)) < self.sampling.uninformative_share
        pixels = np.stack(
            [self.draw_photo(row, view, hidden, rng) for row, view, hidden in zip(rows, views, blurred, strict=True)]
        ).astype(np.float32)
        is_lesion = self.labels[rows] != NO_DIAGNOSIS
        diagnosis = np.eye(self.classes, dtype=np.float32)[np.where(is_lesion, self.labels[rows], 0)]
        diagnosis[blurred | ~is_lesion] = 0
        targets = np.where((blurred | ~is_lesion)[:, None], np.float32(1 / self.classes), diagnosis)
        kinds = np.eye(len(KINDS), dtype=np.float32)[self.kinds[rows]]
        weights = np.float32(self.sampling.distillation_weight) * is_lesion.astype(np.float32)
        # mixed in one go, so that a photo's diagnosis and kind are mixed by the same share
        pixels, mixed = mix(pixels, np.hstack([targets, kinds, weights[:, None]]), rng, self.sampling.mixup_alpha)
        targets, kinds, weights = mixed[:, : self.classes], mixed[:, self.classes : -1], mixed[:, -1:]
        if self.teach is not None and self.sampling.distillation_weight:
            targets = targets + weights * (self.teach(pixels) - targets)
        labels = {"logits": targets}
        if self.lesions is not None:
            cells = np.stack([self.share_of_cells(row, view) for row, view in zip(rows, views, strict=True)])
            labels["maps"] = cells[..., None] * diagnosis[:, None, None, :]
        if self.learn_kinds:
            labels["kind"] = kinds
        return pixels, labels if len(labels) > 1 else targets

    def draw_view(self, row: int, rng: np.random.Generator) -> View:
        """A random framing, wider for what is not dermoscopic."""
        if self.sampling.augmentation_strength is None:
            return UNCHANGED
        if self.is_dermoscopic(row):
            return View.draw(rng)
        return draw_clinical_view(rng, self.sampling.clinical_augmentation_strength)

    def draw_photo(self, row: int, view: View, unreadable: bool, rng: np.random.Generator) -> np.ndarray:
        """One training photo at the network's size, (size, size, 3) uint8."""
        pixels = self.images[row]
        if unreadable:
            everywhere = np.full((8, 8), 255, np.uint8)
            pixels = make_uninformative(pixels, everywhere if self.lesions is None else self.lesions[row], rng)
        if self.sampling.augmentation_strength is None:
            return network_input(pixels, self.size)
        if self.is_dermoscopic(row):
            return augment(pixels, self.size, rng, self.sampling.augmentation_strength, view)
        return augment_clinical(pixels, self.size, rng, self.sampling.clinical_augmentation_strength, view)

    def is_dermoscopic(self, row: int) -> bool:
        """Whether a photo is dermoscopic."""
        return KINDS[self.kinds[row]] == DERMOSCOPIC

    def share_of_cells(self, row: int, view: View) -> np.ndarray:
        """Share of each cell of the grid that is lesion in this view, (h, w) float32 from 0 to 1.

        Beyond the frame of a clinical photo, where its surroundings are drawn, there is none.
        """
        assert self.grid is not None and self.lesions is not None  # asked for only where masks are learned from
        h, w = self.grid
        mask = view.frame(Image.fromarray(self.lesions[row]), 4 * max(h, w), mirror=self.is_dermoscopic(row))
        return np.asarray(mask.resize((w, h), Image.Resampling.BOX), np.float32) / 255


def mix(pixels: np.ndarray, targets: np.ndarray, rng: np.random.Generator, alpha: float):
    """Mix each sample with another of its batch by a share drawn from Beta(alpha, alpha); 0: leave."""
    if alpha == 0:
        return pixels, targets
    share = rng.beta(alpha, alpha, len(pixels)).astype(np.float32)
    share = np.maximum(share, 1 - share)[:, None]
    other = rng.permutation(len(pixels))
    mixed = pixels * share[..., None, None] + pixels[other] * (1 - share)[..., None, None]
    return mixed, targets * share + targets[other] * (1 - share)
