"""Run + Photo -> Prediction: the one place where a photo meets a network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from melanoma.diagnoses import CODES, MALIGNANT, index
from melanoma.photo.photos import Photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.quality import assess
from melanoma.run import folder as runs
from melanoma.serving.engines import THREADS, Engine, KerasEngine, OnnxEngine

REFER, ROUTINE = "refer", "routine"
CHECKS = ThreadPoolExecutor(THREADS, "checks")  # the photo is checked while it is cropped


@dataclass(frozen=True)
class Prediction:
    """What a network says about one photo.

    probabilities: (9,) float32 in the order of CODES, calibrated, sum 1; malignant: their sum over
    malignant diagnoses; decision: REFER when `score` reaches `threshold` at `operating_point`;
    differential: codes of the conformal set, most likely first, never empty; quality: good, doubtful
    or unusable, and why in plain sentences; input: (s, s, 3) uint8, the crop that
    the network saw; maps: (9, h, w) float32 >= 0,
    raw Grad-CAM of each logit, or None when the network has no closed form for it.
    """

    probabilities: np.ndarray
    malignant: float
    decision: str
    operating_point: str
    threshold: float
    score: float
    differential: tuple[str, ...]
    top: str
    quality: str
    quality_reasons: tuple[str, ...]
    input: np.ndarray
    maps: np.ndarray | None
    run: str
    run_sha256: str


@dataclass(frozen=True)
class Classifier:
    """A run ready to answer. Safe to share between threads."""

    run: runs.Run
    calibration: dict
    network: Engine

    @classmethod
    def open(cls, run: runs.Run, *, many: bool = False) -> Classifier:
        """Load the run's network: its export if it has one, else Keras (`engine` says which).

        `many`: for a folder of photos rather than for one at a time; the answers are the same.
        Raises RunError for a run that cannot answer: unfinished, without network or calibration, or
        changed since it was sealed.
        """
        if run.network_path is None:
            raise runs.RunError(f"{run.name} keeps figures only, no network. Choose another run.")
        if run.state == "training":
            raise runs.RunError(f"{run.name} is still training. Choose another run, or wait until it has finished.")
        runs.verify(run.folder)
        if run.calibration is None:
            command = f"python -m melanoma evaluate {run.folder}"
            raise runs.RunError(f"{run.name} is not calibrated, so it shows no probabilities. Run `{command}` first.")
        if tuple(run.classes) != CODES:
            raise runs.RunError(f"{run.name} was trained on other diagnoses ({' '.join(run.classes)}). Choose another.")
        return cls(run, run.calibration, open_engine(run, many=many))

    @property
    def engine(self) -> str:
        """Name of what runs the network, for the user to see."""
        return self.network.name

    @property
    def operating_points(self) -> dict[str, dict]:
        """Name -> threshold, score, target and test figures, as in calibration.json."""
        return self.calibration["operating_points"]

    def operating_point(self, name: str | None = None) -> tuple[str, dict]:
        """Name and facts of an operating point; None: the run's default. RunError for an unknown name."""
        name = name or self.calibration["default_operating_point"]
        if name not in self.operating_points:
            known = ", ".join(self.operating_points)
            raise runs.RunError(f"{self.run.name} has no operating point {name!r}: choose from {known}.")
        return name, self.operating_points[name]

    def predict(self, photo: Photo, operating_point: str | None = None) -> Prediction:
        """One forward pass over the photo's centre square. RunError for an unknown operating point."""
        name, point = self.operating_point(operating_point)
        checked = CHECKS.submit(assess, photo.pixels)
        seen = network_input(photo.pixels, self.run.input_size)
        logits, maps = self.network.forward(seen[np.newaxis])
        probabilities = calibrated(logits, self.calibration["temperature"])[0]
        malignant = malignant_sum(probabilities)
        score = malignant if point["score"] == "malignant" else float(probabilities[index(point["score"])])
        quality = checked.result()
        return Prediction(
            probabilities=probabilities,
            malignant=malignant,
            decision=REFER if score >= point["threshold"] else ROUTINE,
            operating_point=name,
            threshold=point["threshold"],
            score=score,
            differential=conformal_set(probabilities, self.calibration["conformal"]["thresholds"]),
            top=CODES[int(probabilities.argmax())],
            quality=quality.level,
            quality_reasons=quality.reasons,
            input=seen,
            maps=None if maps is None else maps[0],
            run=self.run.name,
            run_sha256=self.run.sha256,
        )


def open_engine(run: runs.Run, *, many: bool = False) -> Engine:
    """The engine of a verified run, for `many` photos or for one at a time.

    RunError when its export is not of the network beside it.
    """
    exported = run.folder / runs.EXPORTED
    if not exported.exists():
        return KerasEngine(run.network_path)
    if run.facts.get("export", {}).get("network_sha256") != run.sha256:
        command = f"python -m melanoma export {run.folder}"
        raise runs.RunError(f"{run.name}/{runs.EXPORTED} was exported from another network. Run `{command}`.")
    return OnnxEngine(exported, threads=1 if many else THREADS)


def calibrated(logits: np.ndarray, temperature: float) -> np.ndarray:
    """logits: (n, classes) -> float32 probabilities, rows sum to 1: softmax(logits / temperature).

    Temperature scaling: Guo et al. 2017, On Calibration of Modern Neural Networks.
    """
    scaled = logits.astype(np.float64) / temperature
    shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)


def malignant_sum(probabilities: np.ndarray) -> float:
    """(9,) probabilities -> probability that the lesion is any malignant diagnosis."""
    return float(sum(float(probabilities[index(code)]) for code in MALIGNANT))


def conformal_set(probabilities: np.ndarray, thresholds: dict[str, float]) -> tuple[str, ...]:
    """Codes whose score 1 - p is within their class's conformal threshold, most likely first.

    The most likely code is always in it. Class-conditional split conformal: Vovk 2012.
    """
    order = np.argsort(-probabilities, kind="stable")
    kept = [CODES[i] for i in order if 1 - float(probabilities[i]) <= thresholds[CODES[i]]]
    top = CODES[int(order[0])]
    return (top, *(code for code in kept if code != top))
