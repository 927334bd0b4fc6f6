"""Knowledge distillation (Hinton 2015, arXiv:1503.02531): teachers' answers become a share of each label.

The teachers see the very pixels that the student sees,
turned, coloured and mixed as they are, without which they would repeat the labels (Beyer 2022, arXiv:2106.05237).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from melanoma.photo.preprocessing import network_input
from melanoma.run import Run, verify
from melanoma.serving import calibrate_logits
from melanoma.serving.classifier import open_local_engine
from melanoma.serving.engines import Engine


class Teachers:
    """The mean answer of several runs; each sees a photo at its own size. Safe to call from several threads."""

    def __init__(self, teachers: Sequence[Run]):
        """Opens their networks. RunError for a run that was changed since its checksums were written."""
        for run in teachers:
            verify(run.folder)
        self.engines = [open_local_engine(run, many=True) for run in teachers]

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (n, s, s, 3) float32 from 0 to 255 -> (n, classes) float32, the mean of the softmaxes at 1."""
        photos = pixels.round().astype(np.uint8)
        answers = np.stack([predict_probabilities(engine, photos) for engine in self.engines])
        return answers.mean(axis=0, dtype=np.float32)


def predict_probabilities(engine: Engine, photos: np.ndarray) -> np.ndarray:
    """One teacher's uncalibrated probabilities for (n, s, s, 3) uint8, (n, classes) float32."""
    if photos.shape[1] != engine.input_size:
        photos = np.stack([network_input(photo, engine.input_size) for photo in photos])
    logits = engine.forward(photos).logits
    return calibrate_logits(logits, 1.0)
