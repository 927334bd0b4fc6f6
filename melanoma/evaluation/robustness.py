"""How easily an answer changes for reasons that are not in the lesion."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from melanoma.diagnoses import index
from melanoma.evaluation.artefacts import (
    KINDS,
    Artefact,
    apply_pieces,
    place_pieces,
    replace_by_patches,
    shuffle_pieces,
)
from melanoma.evaluation.bootstrap import SEED, Resamples, estimate
from melanoma.evaluation.metrics import malignancy_of
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import RESAMPLING, network_input
from melanoma.run import DEFAULT_OPERATING_POINT
from melanoma.run.evaluation import Control, Excess, Robustness, Variation

Answer = Callable[[np.ndarray], np.ndarray]  # (n, s, s, 3) uint8 -> (n, 9) calibrated probabilities

NOTE = (
    "decision: share of photos whose decision at the high-sensitivity point changes; refer_to_routine: share of all "
    "photos that go from refer to routine; top: share whose top diagnosis changes; melanoma: mean absolute change of "
    "the probability of melanoma; melanoma_shift: its mean signed change. Artefacts are real cut-outs that training "
    "never put on a photo (some of the photos they were cut from are in the training split). Controls lie in the "
    "same places: noise (the same changes, shuffled) and patch (as many pixels, changed evenly by as much); excess: "
    "artefact minus control"
)


@dataclass(frozen=True)
class Subjects:
    """The photos that robustness is measured on.

    images: (n, s, s, 3) uint8 network inputs; frames: the n photos as stored, (H, W, 3) uint8; aspects:
    true width / height of each frame where it is stored squashed, else None; groups: (n,) lesion groups.
    """

    images: np.ndarray
    frames: list[np.ndarray]
    aspects: list[float | None]
    groups: np.ndarray

    @property
    def size(self) -> int:
        """Side of the network's input, in pixels."""
        return self.images.shape[1]

    def change_frames(self, change: Callable[[Image.Image], Image.Image]) -> np.ndarray:
        """(n, s, s, 3) uint8: the network inputs of the frames after `change`."""
        pairs = zip(self.frames, self.aspects, strict=True)
        return np.stack(
            [network_input(np.asarray(change(Image.fromarray(f))), self.size, aspect) for f, aspect in pairs]
        )


def choose_sample(strata: np.ndarray, count: int, seed: int = SEED) -> np.ndarray:
    """Row numbers, sorted, of at most `count` photos, each of the strata (n,) in proportion to its size."""
    order = np.lexsort((np.random.default_rng(seed).random(len(strata)), strata))
    positions = np.linspace(0, len(strata) - 1, min(count, len(strata))).round().astype(int)
    return np.sort(order[positions])


def recompress(image: Image.Image, quality: int) -> Image.Image:
    """The photo saved as JPEG once more, and read as an upload is."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.fromarray(read_photo(file.getvalue()).pixels)


def resize(image: Image.Image, factor: float) -> Image.Image:
    """The photo with `factor` times as many pixels a side."""
    return image.resize((round(image.width * factor), round(image.height * factor)), RESAMPLING)


def recolour(images: np.ndarray, gains: tuple[float, float, float]) -> np.ndarray:
    """images: (n, s, s, 3) uint8, each channel times its gain."""
    return np.clip(images * np.asarray(gains, np.float32), 0, 255).round().astype(np.uint8)


def make_variations(subjects: Subjects) -> Iterator[tuple[str, str, np.ndarray]]:
    """Family, name and (n, s, s, 3) uint8 images of every variation that is no artefact, one at a time."""
    images = subjects.images
    for turn in (1, 2, 3):
        yield "turn and flip", f"turned {90 * turn} degrees", np.rot90(images, turn, axes=(1, 2))
    yield "turn and flip", "flipped left to right", images[:, :, ::-1]
    yield "turn and flip", "flipped top to bottom", images[:, ::-1]
    for quality in (95, 70, 50, 30):
        yield "JPEG", f"quality {quality}", subjects.change_frames(partial(recompress, quality=quality))
    for factor in (0.5, 0.75, 1.5, 2.0):
        yield "resize", f"{factor:g} times", subjects.change_frames(partial(resize, factor=factor))
    yield "light", "20 % darker", recolour(images, (0.8, 0.8, 0.8))
    yield "light", "20 % brighter", recolour(images, (1.2, 1.2, 1.2))
    yield "light", "warmer (red +10 %, blue -10 %)", recolour(images, (1.1, 1.0, 0.9))
    yield "light", "cooler (red -10 %, blue +10 %)", recolour(images, (0.9, 1.0, 1.1))


VARIATIONS = 17  # that `make_variations` yields; each kind of artefact adds itself and two controls


def compare_answers(before: np.ndarray, after: np.ndarray, threshold: float) -> dict[str, np.ndarray]:
    """before, after: (n, 9) calibrated -> field of `Change` -> what changed, (n,) bool or float."""
    referred, still = malignancy_of(before) >= threshold, malignancy_of(after) >= threshold
    shift = after[:, index("MEL")] - before[:, index("MEL")]
    return {
        "decision": referred != still,
        "refer_to_routine": referred & ~still,
        "top": before.argmax(axis=1) != after.argmax(axis=1),
        "melanoma": np.abs(shift),
        "melanoma_shift": shift,
    }


def subtract_control(real: dict[str, np.ndarray], control: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Field of `Excess` -> how much more the artefact changes than its control, photo by photo; (n,) float."""
    return {name: real[name].astype(float) - control[name] for name in ("decision", "top", "melanoma")}


def estimate_means(values: dict[str, np.ndarray], resamples: Resamples) -> dict[str, Any]:
    """Mean over photos of each, an Estimate over lesions, or None where undefined."""
    return {
        name: estimate(resamples.share(value) if value.dtype == bool else resamples.mean(value))
        for name, value in values.items()
    }


def apply_artefacts(subjects: Subjects, artefacts: list[Artefact], seed: int) -> dict[str, np.ndarray]:
    """The photos each under one of `artefacts`, chosen at random, and under its two controls."""
    rng = np.random.default_rng(seed)
    pieces = [artefact.pieces(subjects.size) for artefact in artefacts]
    under: dict[str, list[np.ndarray]] = {"artefact": [], "noise": [], "patch": []}
    for pixels in subjects.images:
        placements = place_pieces(pieces[rng.integers(len(pieces))], subjects.size, rng)
        under["artefact"].append(apply_pieces(pixels, placements))
        under["noise"].append(apply_pieces(pixels, shuffle_pieces(placements, rng)))
        under["patch"].append(apply_pieces(pixels, replace_by_patches(placements)))
    return {name: np.stack(images) for name, images in under.items()}


def measure_robustness(
    subjects: Subjects,
    answer: Answer,
    threshold: float,
    artefacts: list[Artefact],
    *,
    seed: int = SEED,
    advance: Callable[[], None] = lambda: None,
) -> Robustness:
    """How easily the answers change. threshold: of the malignancy probability; `advance` is called after each pass."""
    resamples = Resamples.of_lesions(subjects.groups)
    before = answer(subjects.images)

    def compare(images: np.ndarray) -> dict[str, np.ndarray]:
        after = compare_answers(before, answer(np.ascontiguousarray(images)), threshold)
        advance()
        return after

    changes: dict[str, dict[str, Variation]] = {}
    for kind, label in KINDS.items():
        own = [artefact for artefact in artefacts if artefact.kind == kind]
        if not own:
            continue
        under = {name: compare(images) for name, images in apply_artefacts(subjects, own, seed).items()}
        real = under.pop("artefact")
        controls = {
            name: Control(
                **estimate_means(control, resamples),
                excess=Excess(**estimate_means(subtract_control(real, control), resamples)),
            )
            for name, control in under.items()
        }
        changes.setdefault("artefact", {})[label] = Variation(**estimate_means(real, resamples), controls=controls)
    for family, name, images in make_variations(subjects):
        changes.setdefault(family, {})[name] = Variation(**estimate_means(compare(images), resamples))
    return Robustness(
        photos=len(before),
        lesions=len(np.unique(subjects.groups)),
        operating_point=DEFAULT_OPERATING_POINT,
        threshold=threshold,
        note=NOTE,
        artefacts=len(artefacts),
        changes=changes,
    )
