"""Run + Photo -> Prediction: the one place where a photo meets a network."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.photo.fingerprint import fingerprint_photo, is_copy
from melanoma.photo.photos import Photo
from melanoma.photo.preparation import PreparedPhoto
from melanoma.photo.preprocessing import network_input
from melanoma.photo.quality import Assessment, assess
from melanoma.run import Calibration, KindCalibration, OperatingPoint, Run, RunError, verify
from melanoma.run.folder import FACTS, NETWORK, ONNX
from melanoma.serving.engines import THREADS, Engine, KerasEngine, OnnxEngine, Outputs, is_answer
from melanoma.serving.kinds import add_kind, recognise_kind
from melanoma.serving.prediction import (
    Prediction,
    calibrate_logits,
    decide,
    list_differential,
    score_of,
    sum_malignant,
)
from melanoma.serving.remote_engine import RemoteEngine, find_engine_address
from melanoma.sources import DERMOSCOPIC

LEARNED_FROM = (
    "The network learned from this photo, or from one that looks the same: this answer does not show how good it is on "
    "photos that are new to it."
)
NO_NUMBER = "{} gave no answer that is a number. Choose another run."
CHECKS = ThreadPoolExecutor(THREADS, "checks")  # the photo is assessed while it is cropped


@dataclass(frozen=True)
class Classifier:
    """A run ready to answer. Safe to share between threads."""

    run: Run
    calibration: Calibration
    network: Engine

    @classmethod
    def open(cls, run: Run, *, many: bool = False) -> Classifier:
        """Load the run's network: its ONNX export if it has one, else Keras (`engine` says which).

        `many`: for a folder of photos rather than for one at a time; the answers are the same. Raises RunError for a
        run that cannot answer, see `why_not_ready`, or that was changed since its checksums were written.
        """
        if reason := why_not_ready(run):
            raise RunError(reason)
        verify(run.folder)
        assert run.calibration is not None  # why_not_ready
        return cls(run, run.calibration, open_engine(run, many=many))

    @property
    def engine(self) -> str:
        """Name of what runs the network, for the user to see."""
        return self.network.name

    def operating_point(self, name: str | None = None, kind: str = DERMOSCOPIC) -> tuple[str, OperatingPoint]:
        """Name and operating point for a kind of photo; None: the run's default. RunError for an unknown name."""
        calibration = self.calibration_of(kind)
        name = name or calibration.default_operating_point
        points = calibration.operating_points
        if name not in points:
            raise RunError(f"{self.run.name} has no operating point {name!r}: choose from {', '.join(points)}.")
        return name, points[name]

    def calibration_of(self, kind: str) -> KindCalibration:
        """Of DERMOSCOPIC or CLINICAL photos. RunError where the run was not calibrated for it."""
        if kind not in self.calibration.kinds:
            raise RunError(f"{self.run.name} learned from dermoscopic photos alone. Choose another run for this photo.")
        return self.calibration.of_kind(kind)

    def predict(self, photo: Photo, operating_point: str | None = None, kind: str | None = None) -> Prediction:
        """One forward pass over the photo's centre square.

        kind: DERMOSCOPIC or CLINICAL, as the user states it; None: as the network sees it. RunError for an unknown
        operating point, a kind that the run was not calibrated for, or where the network gives no finite answer.
        """
        assessing = CHECKS.submit(assess, photo.pixels, unchecked=photo.is_unchecked)
        crop = network_input(photo.pixels, self.run.input_size)
        return self._predict(crop, assessing.result, lambda: fingerprint_photo(photo.pixels), operating_point, kind)

    def predict_prepared(
        self, photo: PreparedPhoto, operating_point: str | None = None, kind: str | None = None
    ) -> Prediction:
        """As `predict`, of a photo that was prepared for a network of this input size."""
        return self._predict(photo.crop, lambda: photo.assessment, lambda: photo.fingerprint, operating_point, kind)

    def _predict(
        self,
        crop: np.ndarray,
        assessment_of: Callable[[], Assessment],
        fingerprint_of: Callable[[], np.ndarray],
        operating_point: str | None,
        kind: str | None,
    ) -> Prediction:
        outputs = self.ask_network(crop[np.newaxis])
        kinds = None if outputs.kind is None else self.calibrate(outputs.kind, 1.0)[0]
        of_kind = recognise_kind(kinds, kind)
        calibration = self.calibration_of(of_kind.kind)
        name, point = self.operating_point(operating_point, of_kind.kind)
        probabilities = self.calibrate(outputs.logits, calibration.temperature)[0]
        score = score_of(probabilities, point)
        assessment = self.add_caution(add_kind(assessment_of(), of_kind), fingerprint_of)
        return Prediction(
            kind=of_kind,
            logits=outputs.logits[0],
            probabilities=probabilities,
            malignancy=sum_malignant(probabilities),
            decision=decide(score, point, assessment),
            operating_point=name,
            point=point,
            score=score,
            differential=list_differential(probabilities, calibration.prediction_set, self.run.facts.unlearned),
            assessment=assessment,
            input=crop,
            maps=None if outputs.maps is None else outputs.maps[0],
            run=self.run.name,
            run_sha256=self.run.sha256,
            unlearned=self.run.facts.unlearned,
        )

    def add_caution(self, assessment: Assessment, fingerprint_of: Callable[[], np.ndarray]) -> Assessment:
        """The assessment, with a caution first where the network learned from the very photo of this fingerprint."""
        known = self.run.training_photos
        if known is None or not is_copy(fingerprint_of(), known):
            return assessment
        return replace(assessment, cautions=(LEARNED_FROM, *assessment.cautions))

    def answer(self, inputs: np.ndarray, kind: str = DERMOSCOPIC) -> np.ndarray:
        """inputs: (n, s, s, 3) uint8 of one kind of photo -> (n, 9) float32 calibrated probabilities.

        Raises RunError where the network gives no finite answer.
        """
        return self.calibrate(self.ask_network(inputs).logits, self.calibration_of(kind).temperature)

    def ask_network(self, inputs: np.ndarray) -> Outputs:
        """inputs: (n, s, s, 3) uint8 -> what the network gives. Raises RunError for what is no answer to them."""
        outputs, facts = self.network.forward(inputs), self.run.facts
        if not is_answer(outputs, len(inputs), len(facts.classes), tells_kind=facts.settings.kind_weight > 0):
            raise RunError(NO_NUMBER.format(self.run.name))
        return outputs

    def calibrate(self, logits: np.ndarray, temperature: float) -> np.ndarray:
        """(n, k) logits -> (n, k) float32 probabilities. Raises RunError for logits that are not finite."""
        try:
            return calibrate_logits(logits, temperature)
        except FloatingPointError as error:
            raise RunError(NO_NUMBER.format(self.run.name)) from error


def why_not_ready(run: Run) -> str | None:
    """Why a run cannot answer, in one sentence that says what to do; None where it can."""
    if run.network_path is None:
        return f"{run.name} keeps its history and results, no network. Choose another run."
    if run.state == "training":
        return f"{run.name} is still training. Choose another run, or wait until it has finished."
    if run.calibration is None:
        return (
            f"{run.name} is not calibrated, so it shows no probabilities. "
            f"Run `python -m melanoma evaluate {run.name} --data DATA` first."
        )
    if run.classes != CODES:
        return f"{run.name} was trained on other diagnoses ({' '.join(run.classes)}). Choose another run."
    if set(run.facts.unlearned) == set(run.classes):
        return f"{run.name} has learned from no photo of any diagnosis. Choose another run."
    if run.facts.protocol != "lesion-grouped" or run.facts.nine_class_set:
        return f"{run.name} is a teaching example and decides nothing. Choose another run."
    return None


def open_engine(run: Run, *, many: bool = False) -> Engine:
    """The engine of a verified run: in this process, or behind the address that a setting names.

    Raises RunError as `open_local_engine` does.
    """
    address = find_engine_address()
    return RemoteEngine(address, run) if address else open_local_engine(run, many=many)


def open_local_engine(run: Run, *, many: bool = False) -> Engine:
    """The engine of a verified run in this process, for `many` photos or for one at a time.

    RunError when its ONNX export is not of the network beside it, or no network for photos and diagnoses as its facts
    say.
    """
    exported = run.folder / ONNX
    if run.network_path is None:
        raise RunError(f"{run.name} keeps its history and results, no network. Choose another run.")
    if not exported.exists():
        if find_spec("keras") is None or find_spec("tensorflow") is None:
            raise RunError(f"{run.name} has no ONNX export, and Keras, which would answer, is not installed.")
        return load_engine(run, NETWORK, lambda: KerasEngine(run.folder / NETWORK))
    if run.facts.export is None or run.facts.export.network_sha256 != run.sha256:
        raise RunError(
            f"{run.name}/{ONNX} was exported from another network. Run `python -m melanoma export {run.name}`."
        )
    return load_engine(run, ONNX, lambda: OnnxEngine(exported, threads=1 if many else THREADS))


def load_engine(run: Run, name: str, load: Callable[[], Engine]) -> Engine:
    """What `load` makes of a run's file; RunError where it is no network, or one for something else."""
    try:
        engine = load()
    except Exception as error:  # whoever reads networks raises all kinds on broken ones, and on code inside them
        raise RunError(f"{run.name}/{name} cannot be opened as a network. Restore it or choose another run.") from error
    if (engine.input_size, engine.outputs) != (run.input_size, len(run.classes)):
        raise RunError(
            f"{run.name}/{name} is not the network that {FACTS} describes. Restore it or choose another run."
        )
    return engine
