"""What an evaluation does with photos: the network's answers, and how easily they change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from melanoma.dataset.other_photos import read_other_photos
from melanoma.dataset.packing import pack
from melanoma.dataset.photo_table import read_photo_table
from melanoma.evaluation import out_of_distribution
from melanoma.evaluation.artefacts import read_artefacts
from melanoma.evaluation.calibration import apply_temperature
from melanoma.evaluation.kinds import BARE_SKIN, EVERYDAY_PHOTO, measure_kinds
from melanoma.evaluation.metrics import PROBABILITIES, labels_of, softmax
from melanoma.evaluation.out_of_distribution import measure_out_of_distribution
from melanoma.evaluation.progress import SILENT, Progress, track
from melanoma.evaluation.robustness import VARIATIONS, Subjects, choose_sample, measure_robustness
from melanoma.evaluation.source_probe import probe_sources
from melanoma.photo.fingerprint import BYTES, fingerprint_photo
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.run import Calibration, Run, RunError
from melanoma.run.evaluation import KindRecognition, OutOfDistribution, Robustness, SourceProbe, SyntheticAnswer
from melanoma.serving.engines import KIND, LOGITS
from melanoma.serving.keras_outputs import load_network, predict_features_and_heads, predict_heads, predict_logits
from melanoma.sources import DERMOSCOPIC, EVERYDAY, KINDS

if TYPE_CHECKING:
    import keras

SAMPLE = 600  # test photos that robustness is measured on
SYNTHETIC_EXAMPLES = 4


@dataclass(frozen=True)
class PhotoAnswers:
    """A network and its answers on the validation and test photos of its run.

    table: image_id, diagnosis, group, source, kind, split, path, aspect; images: (n, s, s, 3) uint8;
    features: (n, d) float32, what the last dense layer reads; logits: (n, 9) float32, what it says; kinds: (n, 3)
    float32 logits of KINDS, None from a network that does not say them; predictions: as in predictions.csv.
    """

    network: keras.Model
    table: pd.DataFrame
    images: np.ndarray
    features: np.ndarray
    logits: np.ndarray
    kinds: np.ndarray | None
    predictions: pd.DataFrame

    @property
    def size(self) -> int:
        """Side of the network's input, in pixels."""
        return self.images.shape[1]

    def answer(self, images: np.ndarray, temperature: float = 1.0) -> np.ndarray:
        """images: (n, s, s, 3) uint8 -> (n, 9) float64 probabilities."""
        return apply_temperature(softmax(predict_logits(self.network, images).astype(np.float64)), temperature)


def answer_photos(run: Run, data: Path, progress: Progress = SILENT) -> PhotoAnswers:
    """Read the run's validation and test photos through the serving path and ask its network. Raises RunError."""

    if run.network_path is None:
        raise RunError(f"{run.name} has no network file: evaluate it without --data, from its predictions.")
    if run.split is None:
        raise RunError(f"{run.name} has no split, so its test photos are unknown. Train it again.")
    table = run.split[run.split["split"].isin(["validation", "test"])]
    progress.begin("finding the photos")
    paths = read_photo_table(data).set_index("image_id")[["path", "aspect"]]
    table = table.join(paths, on="image_id").reset_index(drop=True)
    missing = int(table["path"].isna().sum())
    if missing:
        raise RunError(f"{missing} of {len(table)} photos of the run's split are not in {data}. Add what is missing.")
    network = load_network(run.network_path)
    images = pack(table, run.input_size, track(progress, "reading photos"))
    progress.begin("asking the network", len(images))
    features, heads = predict_features_and_heads(network, images, progress.advance)
    if not all(np.isfinite(outputs).all() for outputs in heads.values()):
        raise RunError(f"{run.name} gave no answer that is a number, so nothing was measured. Choose another run.")
    logits = heads[LOGITS]
    probabilities = pd.DataFrame(softmax(logits.astype(np.float64)), columns=PROBABILITIES)
    predictions = pd.concat([table[["image_id", "diagnosis", "source", "kind", "split"]], probabilities], axis=1)
    return PhotoAnswers(network, table, images, features, logits, heads.get(KIND), predictions)


def fingerprint_training_photos(run: Run, data: Path, progress: Progress = SILENT) -> np.ndarray:
    """(n, BYTES) uint8 of the photos that the run learned from, as far as they are in `data`."""
    assert run.split is not None  # answer_photos
    table = run.split[run.split["split"] == "train"].drop_duplicates("image_id")
    table = table.join(read_photo_table(data).set_index("image_id")[["path", "aspect"]], on="image_id")
    rows = list(table.dropna(subset="path").itertuples(index=False))

    def fingerprint(row) -> np.ndarray:
        aspect = None if pd.isna(row.aspect) else float(row.aspect)
        return fingerprint_photo(read_photo(Path(row.path).read_bytes()).pixels, aspect)

    with ThreadPoolExecutor(2) as pool:
        found = list(track(progress, "fingerprints of the training photos")(pool.map(fingerprint, rows), len(rows)))
    return np.stack(found) if found else np.empty((0, BYTES), np.uint8)


def probe_photo_sources(answers: PhotoAnswers, progress: Progress = SILENT) -> SourceProbe:
    """How well the network tells the sources of its validation and test photos apart."""
    progress.begin("probing features and answers for the source")
    table = answers.table
    return probe_sources(
        answers.features,
        answers.logits,
        answers.images,
        labels_of(table),
        table["source"].to_numpy(),
        table["group"].to_numpy(),
    )


def measure_kind_recognition(
    run: Run, answers: PhotoAnswers, data: Path, progress: Progress = SILENT
) -> KindRecognition | None:
    """How well the kinds of the test photos, and of test photos that show no lesion, are told apart.

    None for a network that does not say the kind.
    """
    if answers.kinds is None or run.split is None:
        return None
    progress.begin("telling kinds of photo apart")
    photos = read_photo_table(data).drop(columns=["kind", "source", "diagnosis"]).set_index("image_id")
    split = run.split[["image_id", "group", "source", "kind", "split"]].join(photos, on="image_id")
    others = read_other_photos(data, split, run.facts.seed)
    others = others[others["split"] == "test"]
    none = np.empty((0, len(KINDS)), np.float32)
    seen = predict_heads(answers.network, pack(others, answers.size))[KIND] if len(others) else none
    shows = np.where(others["source"] == EVERYDAY.id, EVERYDAY_PHOTO, BARE_SKIN)
    test = (answers.table["split"] == "test").to_numpy()
    return measure_kinds(
        np.concatenate([answers.table["kind"][test], shows]).astype(str),
        np.concatenate([answers.kinds[test], seen]),
        np.concatenate([answers.table["group"][test], others["group"]]).astype(str),
    )


def measure_changes(
    answers: PhotoAnswers, calibration: Calibration, data: Path, progress: Progress = SILENT
) -> tuple[Robustness, OutOfDistribution]:
    """Answers to changed photos and to photos of other things, at the default operating point."""
    threshold = calibration.default.threshold
    subjects = choose_subjects(answers)
    folder = data / "artefacts"
    artefacts = read_artefacts(folder) if (folder / "meta.json").exists() else []
    kinds = len({artefact.kind for artefact in artefacts})
    progress.begin("changing the photos", out_of_distribution.PASSES + VARIATIONS + 3 * kinds)

    def answer(images: np.ndarray) -> np.ndarray:
        return answers.answer(images, calibration.temperature)

    return (
        measure_robustness(subjects, answer, threshold, artefacts, advance=progress.advance),
        measure_out_of_distribution(
            subjects, read_everyday(data, subjects.size), answer, threshold, advance=progress.advance
        ),
    )


def choose_subjects(answers: PhotoAnswers) -> Subjects:
    """The dermoscopic test photos that robustness is measured on, in proportion to diagnosis and source."""
    table = answers.table[(answers.table["split"] == "test") & (answers.table["kind"] == DERMOSCOPIC)]
    rows = table.iloc[choose_sample((table["diagnosis"] + "|" + table["source"]).to_numpy(), SAMPLE)]
    frames = [read_photo(Path(path).read_bytes()).pixels for path in rows["path"]]
    aspects = [None if pd.isna(aspect) else float(aspect) for aspect in rows["aspect"]]
    return Subjects(answers.images[rows.index], frames, aspects, rows["group"].to_numpy())


def read_everyday(data: Path, size: int) -> np.ndarray:
    """Photos below DATA/everyday -> (m, size, size, 3) uint8, through the serving path; m may be 0."""
    paths = sorted((data / "everyday").glob("*.jpg"))
    return pack(pd.DataFrame({"path": [str(path) for path in paths], "aspect": np.nan}), size)


def answer_synthetic_examples(answer: Callable[[np.ndarray], np.ndarray], size: int) -> tuple[SyntheticAnswer, ...]:
    """Uncalibrated probabilities of synthetic examples: what serving must reproduce, with no real photo at hand."""
    seeds = range(SYNTHETIC_EXAMPLES)
    inputs = np.stack([network_input(draw_example(seed), size) for seed in seeds])
    return tuple(
        SyntheticAnswer(seed, tuple(row.round(7).tolist())) for seed, row in zip(seeds, answer(inputs), strict=True)
    )
