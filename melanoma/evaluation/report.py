"""A run measured on its own test split: its calibration and evaluation, computed and then written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from melanoma.dataset.patients import read_patients
from melanoma.evaluation.calibration import apply_temperature, calibrate
from melanoma.evaluation.metrics import evaluate_predictions, probabilities_of
from melanoma.evaluation.photos import (
    PhotoAnswers,
    answer_photos,
    answer_synthetic_examples,
    measure_changes,
    probe_photo_sources,
)
from melanoma.evaluation.progress import SILENT, Progress
from melanoma.evaluation.subgroups import estimate_per_patient_group
from melanoma.run import Calibration, Evaluation, Run, RunError, write_checksums, write_part
from melanoma.run.faithfulness import Faithfulness
from melanoma.run.folder import CALIBRATION, EVALUATION, PREDICTIONS

# Parts of an evaluation that predictions cannot remake. Measured on the same network, they stay true.
FROM_DATA = (
    "per_age",
    "per_sex",
    "per_site",
    "robustness",
    "source_probe",
    "out_of_distribution",
    "synthetic_examples",
    "faithfulness",
)


@dataclass(frozen=True)
class RunReport:
    """What `evaluate_run` computed; predictions: new rows of predictions.csv, None where the saved ones were used."""

    calibration: Calibration
    evaluation: Evaluation
    predictions: pd.DataFrame | None


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
    calibration = calibrate(predictions)
    test = predictions[predictions["split"] == "test"]
    before = probabilities_of(test)
    probabilities, threshold = apply_temperature(before, calibration.temperature), calibration.default.threshold
    evaluation = evaluate_predictions(
        test,
        before,
        probabilities,
        threshold,
        command=f"python -m melanoma evaluate {run.name}" + (" --data DATA" if run.network_path else ""),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        network_sha256=run.sha256,
        data_fingerprint=run.facts.data.fingerprint,
    )
    evaluation = keep_parts(evaluation, run.evaluation)
    if data:
        progress.begin("estimates by age, sex and body site")
        groups: dict[str, Any] = estimate_per_patient_group(
            test, read_patients(data), probabilities, threshold, before=before
        )
        evaluation = replace(evaluation, **groups)
    if answers and data:
        evaluation = measure_photos(evaluation, answers, calibration, data, robustness=robustness, progress=progress)
    return RunReport(calibration, evaluation, answers.predictions if answers else None)


def keep_parts(evaluation: Evaluation, former: Evaluation | None) -> Evaluation:
    """The evaluation with the parts FROM_DATA of a former one of the same network."""
    if former is None or former.network_sha256 != evaluation.network_sha256:
        return evaluation
    parts: dict[str, Any] = {name: getattr(former, name) for name in FROM_DATA}
    return replace(evaluation, **parts)


def measure_photos(
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
    """Predictions with the lesion `group` of each photo, from the run's split. Raises RunError."""
    if run.split is None:
        raise RunError(f"{run.name} has no split, so its lesions are unknown. Train it again.")
    groups = run.split.drop_duplicates("image_id").set_index("image_id")["group"]
    grouped = predictions.assign(group=predictions["image_id"].map(groups))
    if grouped["group"].isna().any() or not {"validation", "test"} <= set(grouped["split"]):
        raise RunError(f"{run.name}: predictions.csv does not fit its split. Evaluate again with --data.")
    return grouped


def write_report(run: Run, report: RunReport) -> None:
    """Write predictions.csv, if they are new, calibration.json and evaluation.json; then the checksums.

    `run` holds what it has read so far: open it again for what was written.
    """
    if report.predictions is not None:
        report.predictions.to_csv(run.folder / PREDICTIONS, index=False, float_format="%.7g")
    write_part(run.folder / CALIBRATION, report.calibration)
    write_part(run.folder / EVALUATION, report.evaluation)
    write_checksums(run.folder)


def write_faithfulness(run: Run, faithfulness: Faithfulness, *, all_methods: bool) -> None:
    """Write how faithful a run's maps are into its evaluation.json; then the checksums.

    Unless `all_methods` were measured, those of former measurements on the same network and photos stay beside them.
    Raises RunError for a run without an evaluation.
    """
    if run.evaluation is None:
        raise RunError(f"{run.name} has no evaluation yet. Run `python -m melanoma evaluate {run.name}` first.")
    former = run.evaluation.faithfulness
    counts = ("network_sha256", "photos", "sample", "sample_costly")
    if former and not all_methods and all(getattr(former, key) == getattr(faithfulness, key) for key in counts):
        faithfulness = replace(faithfulness, methods=former.methods | faithfulness.methods)
    write_part(run.folder / EVALUATION, replace(run.evaluation, faithfulness=faithfulness))
    write_checksums(run.folder)
