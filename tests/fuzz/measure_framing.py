"""Can a cut-off lesion, or gel over one, be told by simple measures? See README.md."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from melanoma.dataset.milk10k import read_concept_scores
from melanoma.dataset.photo_table import read_photo_table
from melanoma.evaluation.bootstrap import SEED
from melanoma.photo import network_input, read_photo
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.outline import find_threshold, list_edge
from melanoma.run import DEFAULT_RUN, find_run

SIDE = 128  # pixels of the square that is measured
INSIDE, CUT, FULL = 0.02, 0.25, 0.8  # share of the edge that the expert's mask touches
GEL = 0.5  # of MONET's score, from which a photo counts as one with gel
LARGE = 0.42  # share of the square that a spot takes, from which 2 % of lesions that lie inside would be called cut off
BRIGHT, SMALL = 15.0, 3  # L* that a reflex stands out by; pixels of half its width at most
DRAWS = 500  # of the bootstrap


def measure_spot(square: np.ndarray) -> tuple[float, float]:
    """(s, s, 3) uint8 -> shares of the edge and of the square that the largest dark spot takes."""
    light = ndimage.gaussian_filter(ndimage.median_filter(convert_to_lab(square)[0], 5), 1)
    labels, spots = ndimage.label(ndimage.binary_opening(light < find_threshold(light.ravel()), iterations=2))
    sizes = ndimage.sum(labels > 0, labels, range(1, spots + 1))
    spot = labels == 1 + int(np.argmax(sizes)) if spots else np.zeros_like(light, bool)
    return float(spot[list_edge(light.shape, 2)].mean()), float(spot.mean())


def measure_reflexes(square: np.ndarray) -> float:
    """(s, s, 3) uint8 -> share that small bright reflexes take."""
    light = convert_to_lab(square)[0]
    return float((light - ndimage.grey_opening(light, 2 * SMALL + 1) > BRIGHT).mean())


def cut(mask: np.ndarray, *, inside: bool, random: np.random.Generator) -> tuple[slice, slice]:
    """(h, w) bool -> a square within the lesion, or one that it leaves to one side."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    size = np.array([np.ptp(rows), np.ptp(columns)])
    middle = np.array([rows[0], columns[0]]) + size / 2
    side = min(int(0.55 * size.min() if inside else 1.3 * size.max()), *mask.shape)
    turn = random.uniform(0, 2 * np.pi)
    middle = middle if inside else middle + np.array([np.sin(turn), np.cos(turn)]) * size / 2
    top, left = np.clip((middle - side / 2).astype(int), 0, np.array(mask.shape) - side)
    return slice(top, top + side), slice(left, left + side)


def touch(mask: np.ndarray) -> float:
    """Share of a mask's edge that the lesion takes."""
    return float(mask[list_edge(mask.shape, 2)].mean())


def describe(name: str, positive: np.ndarray, negative: np.ndarray) -> str:
    """AUC with its interval, and the share found where 2 % of the others are called so."""
    truth, values = np.repeat([True, False], [len(positive), len(negative)]), np.concatenate([positive, negative])
    random = np.random.default_rng(SEED)
    draws = [random.integers(len(truth), size=len(truth)) for _ in range(DRAWS)]
    areas = [roc_auc_score(truth[draw], values[draw]) for draw in draws if 0 < truth[draw].sum() < len(draw)]
    low, high = np.quantile(areas, [0.025, 0.975])
    found = float((positive > np.quantile(negative, 0.98)).mean())
    area = roc_auc_score(truth, values)
    return f"| {name} | {len(positive)} | {len(negative)} | {area:.2f} ({low:.2f}–{high:.2f}) | {found:.0%} |"


def measure_frames(table: pd.DataFrame) -> list[str]:
    """Rows of the table: of photos with an expert's mask, and squares cut out of them."""
    random, rows = np.random.default_rng(SEED), []
    for path, mask_path in table[["path", "mask"]].itertuples(index=False):
        mask = np.asarray(Image.open(mask_path).convert("L")) > 127
        pixels = np.asarray(Image.fromarray(read_photo(Path(path).read_bytes()).pixels).resize(mask.shape[::-1]))
        left = (mask.shape[1] - mask.shape[0]) // 2
        squares = {"whole": (slice(None), slice(left, left + mask.shape[0]))}
        if mask.sum() > SIDE:
            squares |= {"cut": cut(mask, inside=False, random=random), "full": cut(mask, inside=True, random=random)}
        for kind, place in squares.items():
            if mask[place].shape[0] >= 32:
                square = network_input(np.ascontiguousarray(pixels[place]), SIDE)
                rows.append((kind, touch(mask[place]), *measure_spot(square)))
    seen = pd.DataFrame(rows, columns=["kind", "touch", "edge", "area"])
    inside = seen[(seen["kind"] == "whole") & (seen["touch"] < INSIDE)]
    lines = []
    for words, kind, least in (("lesion cut off", "cut", CUT), ("lesion larger than the frame", "full", FULL)):
        those = seen[(seen["kind"] == kind) & (seen["touch"] > least)]
        for measure, name in (("edge", "share of the edge"), ("area", "share of the photo")):
            lines.append(describe(f"{words}: {name}", those[measure].to_numpy(), inside[measure].to_numpy()))
    return lines


def measure_gel(table: pd.DataFrame) -> str:
    """The row of the table on gel."""
    values = [
        measure_reflexes(network_input(read_photo(Path(path).read_bytes()).pixels, SIDE)) for path in table["path"]
    ]
    has_gel = (table["gel"] >= GEL).to_numpy()
    return describe("gel: small bright reflexes", np.array(values)[has_gel], np.array(values)[~has_gel])


def count_large(table: pd.DataFrame) -> str:
    """How many real photos a spot of LARGE would be said of, by kind."""
    squares = (network_input(read_photo(Path(path).read_bytes()).pixels, SIDE) for path in table["path"])
    large = pd.Series([measure_spot(square)[1] > LARGE for square in squares], index=table["kind"].to_numpy())
    return ", ".join(
        f"{kind} {share:.0%} of {len(large[kind])}" for kind, share in large.groupby(level=0).mean().items()
    )


def main() -> None:
    """Print the table, of validation photos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--most", type=int, default=250, help="photos of each kind")
    asked = parser.parse_args()
    split = find_run(DEFAULT_RUN).split
    assert split is not None
    rows = split.loc[split["split"] == "validation", ["image_id", "kind"]]
    photos = read_photo_table(asked.data).set_index("image_id")[["path", "mask"]]
    everything = rows.join(photos, on="image_id", how="inner")
    table = everything[everything["kind"] == "dermoscopic"]
    masked = table.dropna(subset="mask")
    masked = masked[masked["path"].str.contains("/ham10000/")] if len(masked) > asked.most else masked
    gel = read_concept_scores(asked.data)["gel"].rename("gel")
    scored = table.join(gel, on="image_id", how="inner")
    print("| what, by which measure | such | others | AUC | found, where 2 % of the others are called so |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print("\n".join(measure_frames(masked.sample(min(asked.most, len(masked)), random_state=SEED))))
    print(measure_gel(scored.sample(min(2 * asked.most, len(scored)), random_state=SEED)))
    some = everything.groupby("kind").sample(asked.most, random_state=SEED)
    print(f"\nof all photos a spot of {LARGE:.0%} of the photo is seen on: {count_large(some)}")


if __name__ == "__main__":
    main()
