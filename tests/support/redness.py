"""An answer that is known through and through, and photos to ask it about."""

import numpy as np

from melanoma.evaluation.robustness import Subjects
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example

SIZE = 48


def make_subjects() -> Subjects:
    """Twelve synthetic examples, each a lesion of its own."""
    frames = [draw_example(seed=i, width=120, height=90) for i in range(12)]
    images = np.stack([network_input(frame, SIZE) for frame in frames])
    return Subjects(images, frames, [None] * 12, np.arange(12))


def by_redness(images: np.ndarray) -> np.ndarray:
    """An answer that sees mean colour alone: melanoma where it is red, else nevus."""
    means = images.reshape(len(images), -1, 3).mean(axis=1)
    melanoma = np.clip(means[:, 0] / means.sum(axis=1), 0, 1)
    result = np.zeros((len(images), 9))
    result[:, 3], result[:, 4] = melanoma, 1 - melanoma
    return result
