"""What `evaluate --data` does with photos: the network's answers, and how easily they change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from melanoma.dataset.packing import pack
from melanoma.dataset.sources import photo_table
from melanoma.evaluation import distribution_shift as familiarity
from melanoma.evaluation import robustness
from melanoma.evaluation.artefacts import read_artefacts
from melanoma.evaluation.calibration import DEFAULT_OPERATING_POINT, tempered
from melanoma.evaluation.metrics import PROBABILITIES, labels_of, softmax
from melanoma.evaluation.robustness import VARIATIONS, Subjects
from melanoma.photo.photos import read_photo
from melanoma.run.folder import Run, RunError
from melanoma.training.fit import logits_of, outputs_of

BATCH = 64
TESTED = 600  # test photos that robustness is measured on


@dataclass(frozen=True)
class Answered:
    """A network and its answers on the validation and test photos of its run.

    table: image_id, diagnosis, group, source, split, path, aspect; images: (n, s, s, 3) uint8;
    features: (n, d) float32, what the last dense layer reads; logits: (n, 9) float32, what it says; predictions: as
    in predictions.csv.
    """

    network: keras.Model
    table: pd.DataFrame
    images: np.ndarray
    features: np.ndarray
    logits: np.ndarray
    predictions: pd.DataFrame


def answer_photos(run: Run, data: Path, console: Console) -> Answered:
    """Read the run's validation and test photos through the serving path and ask its network."""
    if run.network_path is None:
        raise RunError(f"{run.name} has no network file: evaluate it without --data, from its predictions.")
    if run.split is None:
        raise RunError(f"{run.name} has no split.csv, so its test photos are unknown. Train it again.")
    table = run.split[run.split["split"].isin(["validation", "test"])]
    with console.status("Finding the photos"):
        found = photo_table(data).set_index("image_id")[["path", "aspect"]]
    table = table.join(found, on="image_id").reset_index(drop=True)
    missing = int(table["path"].isna().sum())
    if missing:
        raise RunError(f"{missing} of {len(table)} photos of the run's split are not in {data}. Add what is missing.")
    network = keras.saving.load_model(run.network_path, compile=False)
    with Progress(console=console, transient=True) as progress:
        images = pack(table, run.input_size, lambda rows, n: progress.track(rows, total=n, description="Reading"))
        task = progress.add_task("Asking the network", total=len(images))
        features, logits = outputs_of(network, images, lambda n: progress.advance(task, n))
    probabilities = pd.DataFrame(softmax(logits.astype(np.float64)), columns=PROBABILITIES)
    predictions = pd.concat([table[["image_id", "diagnosis", "source", "split"]], probabilities], axis=1)
    return Answered(network, table, images, features, logits, predictions)


def examine(answered: Answered, calibration: dict, data: Path, console: Console) -> dict:
    """The parts of evaluation.json that need photos: robustness, source_probe, unfamiliar."""
    threshold = calibration["operating_points"][DEFAULT_OPERATING_POINT]["threshold"]

    def answer(images: np.ndarray) -> np.ndarray:
        return tempered(
            softmax(logits_of(answered.network, images, BATCH).astype(np.float64)), calibration["temperature"]
        )

    with console.status("Looking for the source in features and answers"):
        table = answered.table
        probe = familiarity.source_probe(
            answered.features,
            answered.logits,
            answered.images,
            labels_of(table),
            table["source"].to_numpy(),
            table["group"].to_numpy(),
        )
    subjects = chosen(answered)
    folder = data / "artefacts"
    artefacts = read_artefacts(folder) if (folder / "meta.json").exists() else []
    passes = familiarity.PASSES + VARIATIONS + 3 * len({artefact.kind for artefact in artefacts})
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Changing the photos", total=passes)
        given = {"threshold": threshold, "advance": lambda: progress.advance(task)}
        return {
            "robustness": robustness.examine(subjects, answer, artefacts=artefacts, **given),
            "source_probe": probe,
            "unfamiliar": familiarity.unfamiliar(subjects, everyday_inputs(data, subjects.size), answer, **given),
        }


def chosen(answered: Answered) -> Subjects:
    """The test photos that robustness is measured on, in proportion to diagnosis and source."""
    table = answered.table[answered.table["split"] == "test"]
    rows = table.iloc[robustness.sample((table["diagnosis"] + "|" + table["source"]).to_numpy(), TESTED)]
    frames = [read_photo(Path(path).read_bytes()).pixels for path in rows["path"]]
    aspects = [None if pd.isna(aspect) else float(aspect) for aspect in rows["aspect"]]
    return Subjects(answered.images[rows.index], frames, aspects, rows["group"].to_numpy())


def everyday_inputs(data: Path, size: int) -> np.ndarray:
    """Photos below DATA/everyday -> (m, size, size, 3) uint8, through the serving path; m may be 0."""
    paths = sorted((data / "everyday").glob("*.jpg"))
    return pack(pd.DataFrame({"path": [str(path) for path in paths], "aspect": np.nan}), size)
