"""A run measured on its own test split: its calibration and evaluation, computed and then written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from melanoma.dataset.milk10k import read_concept_scores
from melanoma.dataset.patients import read_patients
from melanoma.evaluation.calibration import apply_temperature, calibrate
from melanoma.evaluation.metrics import (
    INTERVALS,
    NOTES,
    estimate_per_group,
    evaluate_kind,
    labels_of,
    probabilities_of,
)
from melanoma.evaluation.pairs import calibrate_pairs, evaluate_pairs
from melanoma.evaluation.photos import (
    PhotoAnswers,
    answer_photos,
    answer_synthetic_examples,
    fingerprint_training_photos,
    measure_changes,
    measure_kind_recognition,
    probe_photo_sources,
)
from melanoma.evaluation.progress import SILENT, Progress
from melanoma.evaluation.subgroups import GROUPINGS, estimate_per_artefact, estimate_per_patient_group, name_sets
from melanoma.run import Calibration, Evaluation, KindEvaluation, Run, RunError, write_checksums, write_part
from melanoma.run.evaluation import Gate
from melanoma.run.faithfulness import Faithfulness
from melanoma.run.folder import CALIBRATION, EVALUATION, PREDICTIONS, TRAINING_PHOTOS
from melanoma.sources import CLINICAL, DERMOSCOPIC

# Parts of an evaluation that predictions cannot remake. Measured on the same network, they stay true.
FROM_DATA = (
    *GROUPINGS,
    "per_artefact",
    "kinds",
    "gate",
    "robustness",
    "source_probe",
    "out_of_distribution",
    "synthetic_examples",
    "faithfulness",
    "clinical_faithfulness",
)


@dataclass(frozen=True)
class RunReport:
    """What `evaluate_run` computed.

    predictions: new rows of predictions.csv; training_photos: (n, BYTES) uint8, their fingerprints. Both are None where
    photos were not read.
    """

    calibration: Calibration
    evaluation: Evaluation
    predictions: pd.DataFrame | None
    training_photos: np.ndarray | None = None


def evaluate_run(
    run: Run, data: Path | None = None, *, robustness: bool = True, progress: Progress = SILENT
) -> RunReport:
    """Calibrate a run on its validation photos and measure it on its test photos; nothing is written.

    data: folder of the public downloads. With it the network answers every validation and test photo anew, groups of
    patients are measured and, with `robustness`, how easily its answers change. Without it all that the saved
    predictions tell is remade, and the rest is kept as far as it was measured on the same network. Raises RunError,
    and FileNotFoundError where `data` holds no photos.
    """
    if run.state == "training":
        raise RunError(f"{run.name} is still training. Wait until it has finished, then evaluate it.")
    answers = answer_photos(run, data, progress) if data else None
    predictions = add_groups(run, answers.predictions if answers else saved_predictions(run))
    progress.begin("computing confidence intervals")
    calibration = replace(calibrate(predictions), pair=calibrate_pairs(predictions))
    evaluation = Evaluation(
        **vars(evaluate_kind_of(predictions, calibration, DERMOSCOPIC)),
        clinical=evaluate_kind_of(predictions, calibration, CLINICAL) if calibration.clinical else None,
        pairs=evaluate_pairs(predictions, calibration),
        command=f"python -m melanoma evaluate {run.name}" + (" --data DATA" if run.network_path else ""),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        network_sha256=run.sha256,
        data_fingerprint=run.facts.data.fingerprint,
        split="test",
        intervals=INTERVALS,
        notes=NOTES,
    )
    evaluation = keep_parts(evaluation, run.evaluation)
    if data:
        progress.begin("estimates by age, sex, body site, skin tone and artefact")
        evaluation = add_patient_groups(evaluation, predictions, calibration, data)
    if answers and data:
        evaluation = measure_photos(
            run, evaluation, answers, calibration, data, robustness=robustness, progress=progress
        )
    if not (answers and data):
        return RunReport(calibration, evaluation, None)
    return RunReport(calibration, evaluation, answers.predictions, fingerprint_training_photos(run, data, progress))


@dataclass(frozen=True)
class KindAnswers:
    """Test photos of one kind: rows of predictions.csv, (n, 9) raw and calibrated probabilities, the threshold."""

    test: pd.DataFrame
    before: np.ndarray
    probabilities: np.ndarray
    threshold: float

    @classmethod
    def of(cls, predictions: pd.DataFrame, calibration: Calibration, kind: str) -> KindAnswers:
        """Of the predictions of all kinds."""
        test = predictions[(predictions["split"] == "test") & (predictions["kind"] == kind)]
        own, before = calibration.of_kind(kind), probabilities_of(test)
        return cls(test, before, apply_temperature(before, own.temperature), own.default.threshold)


def evaluate_kind_of(predictions: pd.DataFrame, calibration: Calibration, kind: str) -> KindEvaluation:
    """What predictions tell of the test photos of one kind, and of the named parts of them."""
    own = KindAnswers.of(predictions, calibration, kind)
    estimates = evaluate_kind(own.test, own.before, own.probabilities, own.threshold)
    test = predictions[predictions["split"] == "test"]
    sets = {name: rows[test["kind"] == kind] for name, rows in name_sets(test).items()}
    labels, groups = labels_of(own.test), own.test["group"].to_numpy()
    per_set = {
        name: estimate_per_group(
            np.full(rows.sum(), name),
            labels[rows],
            own.probabilities[rows],
            groups[rows],
            threshold=own.threshold,
            before=own.before[rows],
        )[name]
        for name, rows in sets.items()
        if rows.any() and not rows.all()
    }
    return replace(estimates, per_set=per_set or None)


def add_patient_groups(
    evaluation: Evaluation, predictions: pd.DataFrame, calibration: Calibration, data: Path
) -> Evaluation:
    """The evaluation with estimates by age, sex, body site, skin tone and artefact, of each kind of photo."""
    patients, scores = read_patients(data), read_concept_scores(data)

    def measure(kind: str) -> dict[str, Any]:
        own = KindAnswers.of(predictions, calibration, kind)
        photos = own.probabilities, own.threshold
        groups: dict[str, Any] = estimate_per_patient_group(own.test, patients, *photos, before=own.before)
        return groups | {"per_artefact": estimate_per_artefact(own.test, scores, *photos, before=own.before) or None}

    if evaluation.clinical is not None:
        evaluation = replace(evaluation, clinical=replace(evaluation.clinical, **measure(CLINICAL)))
    return replace(evaluation, **measure(DERMOSCOPIC))


def keep_parts(evaluation: Evaluation, former: Evaluation | None) -> Evaluation:
    """The evaluation with the parts FROM_DATA of a former one of the same network."""
    if former is None or former.network_sha256 != evaluation.network_sha256:
        return evaluation
    parts: dict[str, Any] = {name: getattr(former, name) for name in FROM_DATA}
    if evaluation.clinical and former.clinical:
        groups: dict[str, Any] = {name: getattr(former.clinical, name) for name in (*GROUPINGS, "per_artefact")}
        parts["clinical"] = replace(evaluation.clinical, **groups)
    return replace(evaluation, **parts)


def measure_photos(
    run: Run,
    evaluation: Evaluation,
    answers: PhotoAnswers,
    calibration: Calibration,
    data: Path,
    *,
    robustness: bool,
    progress: Progress,
) -> Evaluation:
    """The evaluation with what needs the network: synthetic examples, and with `robustness` changed photos."""
    evaluation = replace(evaluation, synthetic_examples=answer_synthetic_examples(answers.answer, answers.size))
    evaluation = replace(evaluation, kinds=measure_kind_recognition(run, answers, data, progress))
    if not robustness:
        return evaluation
    probe = probe_photo_sources(answers, progress)
    robust, unlike = measure_changes(answers, calibration, data, progress)
    return replace(evaluation, source_probe=probe, robustness=robust, out_of_distribution=unlike)


def saved_predictions(run: Run) -> pd.DataFrame:
    """The run's predictions.csv; RunError, saying what to do, where it has none."""
    if run.predictions is not None:
        return run.predictions
    if run.network_path:
        raise RunError(f"{run.name} has no predictions yet. Name the folder of photos with --data.")
    raise RunError(f"{run.name} has neither a network nor predictions, so there is nothing to evaluate.")


def add_groups(run: Run, predictions: pd.DataFrame) -> pd.DataFrame:
    """Predictions with the lesion `group` and the kind of each photo, from the run's split. Raises RunError."""
    if run.split is None:
        raise RunError(f"{run.name} has no split, so its lesions are unknown. Train it again.")
    groups = run.split.drop_duplicates("image_id").set_index("image_id")["group"]
    grouped = predictions.assign(group=predictions["image_id"].map(groups))
    if grouped["group"].isna().any() or not {"validation", "test"} <= set(grouped["split"]):
        raise RunError(f"{run.name}: predictions.csv does not fit its split. Evaluate again with --data.")
    return grouped if "kind" in grouped else grouped.assign(kind=DERMOSCOPIC)


def write_report(run: Run, report: RunReport) -> None:
    """Write what is new, calibration.json and evaluation.json; then the checksums.

    `run` holds what it has read so far: open it again for what was written.
    """
    if report.predictions is not None:
        report.predictions.to_csv(run.folder / PREDICTIONS, index=False, float_format="%.7g")
    if report.training_photos is not None:
        np.save(run.folder / TRAINING_PHOTOS, report.training_photos, allow_pickle=False)
    write_part(run.folder / CALIBRATION, report.calibration)
    write_part(run.folder / EVALUATION, report.evaluation)
    write_checksums(run.folder)


def write_gate(run: Run, gate: Gate) -> None:
    """Write what is said of test photos into a run's evaluation.json; then the checksums. `run` has an evaluation."""
    assert run.evaluation is not None
    write_part(run.folder / EVALUATION, replace(run.evaluation, gate=gate))
    write_checksums(run.folder)


def write_faithfulness(run: Run, faithfulness: Faithfulness, *, all_methods: bool, kind: str = DERMOSCOPIC) -> None:
    """Write how faithful a run's maps of photos of a kind are into its evaluation.json; then the checksums.

    Unless `all_methods` were measured, those of former measurements on the same network and photos stay beside them.
    Raises RunError for a run without an evaluation.
    """
    if run.evaluation is None:
        raise RunError(f"{run.name} has no evaluation yet. Run `python -m melanoma evaluate {run.name}` first.")
    evaluation = run.evaluation
    former = evaluation.clinical_faithfulness if kind == CLINICAL else evaluation.faithfulness
    counts = ("network_sha256", "photos", "sample", "sample_costly")
    if former and not all_methods and all(getattr(former, key) == getattr(faithfulness, key) for key in counts):
        faithfulness = replace(faithfulness, methods=former.methods | faithfulness.methods)
    if kind == CLINICAL:
        evaluation = replace(evaluation, clinical_faithfulness=faithfulness)
    else:
        evaluation = replace(evaluation, faithfulness=faithfulness)
    write_part(run.folder / EVALUATION, evaluation)
    write_checksums(run.folder)
