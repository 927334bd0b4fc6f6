"""How sure the network is on photos unlike those it learned from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from melanoma.evaluation.bootstrap import SEED, Resamples, estimate
from melanoma.evaluation.metrics import malignancy_of
from melanoma.evaluation.robustness import Answer, Subjects
from melanoma.run.evaluation import Confidence, OutOfDistribution

NOTE = (
    "mean_top: mean probability of the top diagnosis; above_90: share of photos where it is above 0.9; refer: share "
    "referred at the high-sensitivity point"
)
BLUR = 0.06  # standard deviation, of the side
SURE = 0.9
PASSES = 5  # times that `measure_out_of_distribution` calls `advance`


def measure_out_of_distribution(
    subjects: Subjects,
    everyday: np.ndarray,
    answer: Answer,
    threshold: float,
    *,
    advance: Callable[[], None] = lambda: None,
) -> OutOfDistribution:
    """Confidence on photos unlike those learned from, beside the clean ones.

    everyday: (m, s, s, 3) uint8, photos of no skin; m may be 0, and the entry is then left out. threshold: of the
    malignancy probability.
    """
    rng = np.random.default_rng(SEED)
    kinds: dict[str, Callable[[], np.ndarray]] = {
        "clean": lambda: subjects.images,
        "blurred": lambda: np.stack([blur(pixels) for pixels in subjects.images]),
        "channels swapped": lambda: subjects.images[..., ::-1],
        "badly framed": lambda: subjects.change_frames(lambda image: cut_corner(image, rng)),
    }
    photos = {}
    for name, images in kinds.items():
        photos[name] = measure_confidence(answer(np.ascontiguousarray(images())), subjects.groups, threshold)
        advance()
    if len(everyday):
        photos["everyday"] = measure_confidence(answer(everyday), np.arange(len(everyday)), threshold)
    advance()
    return OutOfDistribution(NOTE, photos)


def measure_confidence(probabilities: np.ndarray, groups: np.ndarray, threshold: float) -> Confidence:
    """How sure the answers are, and how many are referred. probabilities: (n, 9), calibrated; groups: (n,)."""
    resamples = Resamples.of_lesions(groups)
    top = probabilities.max(axis=1)
    return Confidence(
        photos=len(top),
        mean_top=estimate(resamples.mean(top)),
        above_90=estimate(resamples.share(top > SURE)),
        refer=estimate(resamples.share(malignancy_of(probabilities) >= threshold)),
    )


def blur(pixels: np.ndarray) -> np.ndarray:
    """pixels: (s, s, 3) uint8, far out of focus: nothing finer than a twentieth of the side is left."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * len(pixels))))


def cut_corner(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """One quarter of the frame, at a random corner: the lesion is cut through, or outside."""
    width, height = image.width // 2, image.height // 2
    left, top = int(rng.integers(2)) * (image.width - width), int(rng.integers(2)) * (image.height - height)
    return image.crop((left, top, left + width, top + height))
