"""What the mean over four quarter turns of a photo gives: `python tests/evaluation/measure_turns.py --data DATA`.

On validation photos, each way with its own temperature, fitted on them. The table stands in models/README.md.
"""

import argparse
from pathlib import Path

import numpy as np

from melanoma.dataset.packing import pack
from melanoma.dataset.photo_table import read_photo_table
from melanoma.evaluation.calibration import apply_temperature, find_threshold, fit_temperature
from melanoma.evaluation.comparison import LOSSES, STATISTICS, Pair, estimate_differences
from melanoma.evaluation.metrics import labels_of, softmax
from melanoma.evaluation.saved_predictions import SavedPredictions
from melanoma.run import DEFAULT_RUN, MALIGNANT, find_run
from melanoma.serving.engines import OnnxEngine

TURNS = 4
TARGET = 0.95  # sensitivity at which specificity is compared
SPECIFICITY = {
    "Specificity at 95 % sensitivity": lambda predictions, resamples: resamples.specificity_at(
        predictions.positive(MALIGNANT), predictions.score(MALIGNANT), TARGET
    )
}
PART = 64  # photos turned at once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--run", default=DEFAULT_RUN)
    asked = parser.parse_args()
    run = find_run(asked.run)
    photos = run.split[run.split["split"] == "validation"]
    paths = read_photo_table(asked.data).set_index("image_id")[["path", "aspect"]]
    photos = photos.join(paths, on="image_id").reset_index(drop=True)
    logits = answer_turns(OnnxEngine(run.folder / "model.onnx"), pack(photos, run.input_size))
    print("| validation photos | statistic | as it is | mean of four turns | difference |\n|---|---|---|---|---|")
    for kind, rows in photos.groupby("kind"):
        own = logits[:, rows.index]
        pair = Pair(collect(rows, own[0]), collect(rows, own.mean(axis=0)), (0, 0), 0)
        for one in estimate_differences(pair, STATISTICS | LOSSES | SPECIFICITY):
            print(f"| {len(rows)} {kind} | {one.name} | {one.first:.3f} | {one.second:.3f} | {one.text()} |")
        flips = count_flips(rows, own, choose_threshold(pair.first))
        print(f"| {len(rows)} {kind} | decisions that one quarter turn flips | {flips:.1%} | | |")


def answer_turns(engine: OnnxEngine, images: np.ndarray) -> np.ndarray:
    """images: (n, s, s, 3) uint8 -> (TURNS, n, 9) logits."""
    parts = [images[start : start + PART] for start in range(0, len(images), PART)]
    turned = [[engine.forward(np.rot90(part, turn, axes=(1, 2))).logits for part in parts] for turn in range(TURNS)]
    return np.stack([np.concatenate(each) for each in turned])


def collect(photos, logits: np.ndarray) -> SavedPredictions:
    """Calibrated predictions from (n, 9) logits."""
    probabilities = softmax(logits.astype(np.float64))
    temperature = fit_temperature(labels_of(photos), probabilities)
    columns = (photos[name].to_numpy(str) for name in ("image_id", "diagnosis", "source", "group"))
    return SavedPredictions(*columns, apply_temperature(probabilities, temperature))


def choose_threshold(predictions: SavedPredictions) -> float:
    """That of TARGET on these photos themselves."""
    return find_threshold(predictions.score(MALIGNANT)[predictions.positive(MALIGNANT)], TARGET)


def count_flips(photos, logits: np.ndarray, threshold: float) -> float:
    """Share of photos whose referral a quarter turn changes, at one threshold."""
    referred = [collect(photos, one).score(MALIGNANT) >= threshold for one in logits[:2]]
    return float((referred[0] != referred[1]).mean())


if __name__ == "__main__":
    main()
