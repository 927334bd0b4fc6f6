"""Runs that teach another: their answer to each training photo becomes a share of its label.

Knowledge distillation (Hinton 2015, arXiv:1503.02531). The teachers see the very pixels that the student sees,
turned, coloured and blended as they are, without which they would repeat the labels (Beyer 2022, arXiv:2106.05237).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from melanoma.photo.preprocessing import network_input
from melanoma.run import folder as runs
from melanoma.serving.classifier import calibrated, open_engine


class Teachers:
    """The mean answer of several runs; each sees a photo at its own size. Safe to call from several threads."""

    def __init__(self, teachers: Sequence[runs.Run]):
        """Opens their networks. RunError for a run that was changed since it was sealed."""
        for run in teachers:
            runs.verify(run.folder)
        self.engines = [open_engine(run, many=True) for run in teachers]

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (n, s, s, 3) float32 from 0 to 255 -> (n, classes) float32, the mean of the softmaxes at 1."""
        photos = pixels.round().astype(np.uint8)
        return np.mean([self.answers(engine, photos) for engine in self.engines], axis=0, dtype=np.float32)

    @staticmethod
    def answers(engine, photos: np.ndarray) -> np.ndarray:
        """One teacher's probabilities for (n, s, s, 3) uint8, (n, classes) float32."""
        if photos.shape[1] != engine.input_size:
            photos = np.stack([network_input(photo, engine.input_size) for photo in photos])
        logits, _ = engine.forward(photos)
        return calibrated(logits, 1.0)
