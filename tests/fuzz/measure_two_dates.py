"""Remake the tables of melanoma/photo/README.md: `python tests/fuzz/measure_two_dates.py --data DATA`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from melanoma.dataset.photo_table import read_photo_table
from melanoma.dataset.same_lesions import DATA_PAIRS
from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.photo import Photo, read_photo
from melanoma.photo.outline import find_outline, measure_overlap
from melanoma.photo.preprocessing import centre_crop, network_input
from melanoma.photo.registration import Registration, register
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Classifier, sum_malignant
from melanoma.serving.repeatability import do_ranges_part, measure_repeatability

SIDE = 288  # pixels of the centre square that all photos are brought to
GROWTH = 1.3  # of the area, that is drawn onto photos
CORNERS = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float64)


def read_square(row) -> np.ndarray:
    aspect = None if pd.isna(row.aspect) else float(row.aspect)
    return network_input(read_photo(Path(row.path).read_bytes()).pixels, SIDE, aspect)


def read_mask(row) -> np.ndarray:
    return np.asarray(centre_crop(Image.open(row.mask).convert("L"), SIDE)) > 127


def draw_view(pixels: np.ndarray, rng: np.random.Generator, turn: float, zoom: float, light: float, noise: float):
    """The photo at another time, and the (2, 3) matrix that takes its places to the photo's; the rest is mirrored."""
    angle, scale = np.radians(rng.uniform(-turn, turn)), np.exp(rng.uniform(-1, 1) * np.log(zoom))
    shift = rng.uniform(-0.05, 0.05, 2) * SIDE
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0]])
    matrix[:, 2] = SIDE / 2 + shift - matrix[:, :2] @ [SIDE / 2, SIDE / 2]
    # Mirrored around, so that a view that shows more than the photo has no black edge to hold on to.
    wide = np.pad(pixels, ((SIDE, SIDE), (SIDE, SIDE), (0, 0)), mode="reflect")
    to_wide = np.column_stack([matrix[:, :2], matrix[:, 2] + SIDE])
    view = np.asarray(
        Image.fromarray(wide).transform(
            (SIDE, SIDE), Image.Transform.AFFINE, tuple(to_wide.ravel()), Image.Resampling.BICUBIC
        )
    ).astype(np.float64)
    gains = np.exp(rng.uniform(-light, light, 3)) * np.exp(rng.uniform(-light, light))
    ramp = 1 + light * np.linspace(-1, 1, SIDE)[:, None, None] * rng.uniform(-1, 1)
    view = view * gains * ramp + rng.normal(0, noise, view.shape)
    return view.clip(0, 255).round().astype(np.uint8), matrix


CONDITIONS = {
    "turned (any angle)": (180, 1.0, 0.0, 0),
    "turned, zoomed up to 1.5": (180, 1.5, 0.0, 0),
    "other light": (0, 1.0, 0.3, 0),
    "noise": (0, 1.0, 0.0, 12),
    "all of these": (180, 1.5, 0.3, 12),
}


def measure_corner_error(found: Registration, truth: np.ndarray) -> float:
    """Mean distance of the corners from where they belong, in per cent of the width."""
    away = found.move(CORNERS) - (CORNERS @ truth[:, :2].T + truth[:, 2])
    return float(100 * np.hypot(*away.T).mean() / SIDE)


def grow(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The lesion drawn GROWTH times as large in area, the skin further out left where it is."""
    rows, columns = np.nonzero(mask)
    centre, radius = np.array([columns.mean(), rows.mean()]), np.sqrt(mask.sum() / np.pi)
    y, x = np.indices(mask.shape)
    dx, dy = x - centre[0], y - centre[1]
    far = np.hypot(dx, dy) / radius
    zoom = np.sqrt(GROWTH)
    # Up to 1.2 radii, drawn out to 1.2 zoom, the lesion is zoomed; from 2 radii on nothing moves; between, evenly.
    near, reach = 1.2 * zoom, 2.0
    source = np.where(
        far < near, far / zoom, np.where(far < reach, 1.2 + (far - near) * (reach - 1.2) / (reach - near), far)
    )
    factor = np.divide(source, far, out=np.ones_like(far), where=far > 0)
    from scipy.ndimage import map_coordinates

    at = [centre[1] + dy * factor, centre[0] + dx * factor]
    bands = [map_coordinates(band.astype(float), at, order=1, mode="reflect") for band in pixels.transpose(2, 0, 1)]
    return np.stack(bands, axis=-1).round().astype(np.uint8)


def list_pairs(table: pd.DataFrame, data: Path) -> Iterator[tuple[str, str, object, object]]:
    """(which, group, one photo, another) of one lesion each, at most one pair a lesion and collection."""
    rows = {row.image_id: row for row in table.itertuples()}
    for lesion, group in table[table["source"] == "ham10000"].groupby("lesion_id"):
        if len(group) > 1:
            yield "HAM10000, one lesion", lesion, rows[group["image_id"].iloc[0]], rows[group["image_id"].iloc[1]]
    pairs = pd.read_csv(data / DATA_PAIRS).drop_duplicates("lesion_id")
    for pair in pairs.itertuples():
        if pair.image_id in rows and pair.isic_id in rows:
            yield "HAM10000 and MILK10k, one lesion", pair.lesion_id, rows[pair.image_id], rows[pair.isic_id]


def list_different(table: pd.DataFrame, most: int, rng: np.random.Generator):
    """Pairs of photos of two lesions with the same diagnosis from the same source."""
    for _, group in table.groupby(["source", "diagnosis"]):
        share = round(most * len(group) / len(table))
        for _ in range(share):
            one, other = rng.choice(len(group), 2, replace=False)
            a, b = group.iloc[one], group.iloc[other]
            if a["group"] != b["group"]:
                yield "two lesions", f"{a['image_id']}+{b['image_id']}", a, b


def share(hits, groups) -> str:
    hits = np.asarray(hits, bool)
    return "none" if not len(hits) else estimate(Resamples.of_lesions(np.asarray(groups)).share(hits)).percent(1)


def spread(values, digits: int = 2) -> str:
    """Median, and where 95 % lie."""
    low, middle, high = np.nanquantile(values, [0.025, 0.5, 0.975])
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def measure_synthetic(table: pd.DataFrame, rng: np.random.Generator) -> None:
    print("\n| one photo, drawn anew | photos | aligned | corner error, % of the width | above 2 % |")
    print("|---|---:|---:|---:|---:|")
    for name, condition in CONDITIONS.items():
        errors = []
        for row in table.itertuples():
            pixels = read_square(row)
            view, truth = draw_view(pixels, rng, *condition)
            found = register(view, pixels)
            errors.append(np.nan if found is None else measure_corner_error(found, truth))
        errors, groups = np.array(errors), table["group"].to_numpy()
        aligned = np.isfinite(errors)
        wrong = share(errors[aligned] > 2, groups[aligned])
        print(f"| {name} | {len(table)} | {share(aligned, groups)} | {spread(errors)} | {wrong} |", flush=True)


def measure_pairs(pairs: list, title: str) -> None:
    """How many are aligned, and how far the experts' masks then lie over each other."""
    aligned, overlaps, groups = [], [], []
    for _, group, one, other in pairs:
        later, earlier = read_square(one), read_square(other)
        found = register(later, earlier)
        groups.append(group)
        aligned.append(found is not None)
        if found and pd.notna(one.mask) and pd.notna(other.mask):
            moved = found.warp(read_mask(one).astype(np.uint8), SIDE, SIDE) > 0
            visible = found.warp(np.ones((SIDE, SIDE), np.uint8), SIDE, SIDE) > 0
            overlaps.append(measure_overlap(moved, read_mask(other) & visible))
    low = share(np.array(overlaps) < 0.5, np.array(groups)[aligned][: len(overlaps)]) if overlaps else ""
    there = spread(overlaps) if overlaps else ""
    print(f"| {title} | {len(groups)} | {share(aligned, groups)} | {there} | {low} |", flush=True)


def measure_outlines(table: pd.DataFrame) -> None:
    overlaps, ratios, groups = [], [], []
    for row in table.itertuples():
        outline, mask = find_outline(read_square(row)), read_mask(row)
        groups.append(row.group)
        overlaps.append(np.nan if outline is None else measure_overlap(outline, mask))
        ratios.append(np.nan if outline is None else outline.sum() / max(mask.sum(), 1))
    overlaps, groups = np.array(overlaps), np.array(groups)
    there = np.isfinite(overlaps)
    poor = share(overlaps[there] < 0.7, groups[there])
    print(
        f"\noutlines of {len(table)} photos: {share(there, groups)} have one; overlap with the mask {spread(overlaps)};"
    )
    print(f"below 0.7: {poor}; area over the mask's {spread(ratios)}")


def measure_growth(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """How large a lesion looks once the photos are aligned, where it was drawn GROWTH times as large."""
    areas = []
    for row in table.itertuples():
        pixels, mask = read_square(row), read_mask(row)
        later, _ = draw_view(grow(pixels, mask), rng, 20, 1.2, 0.1, 4)
        found, outlines = register(later, pixels), (find_outline(later), find_outline(pixels))
        if found and outlines[0] is not None and outlines[1] is not None:
            areas.append(found.zoom**2 * outlines[0].sum() / outlines[1].sum())
    print(f"\ngrown {GROWTH} times in area: {len(areas)} of {len(table)} photos, then {spread(areas)} times as large")


def measure_answers(classifier: Classifier, pairs: list) -> None:
    """How often the ranges of two photos of one lesion part, in which no change is known."""
    parted, widths, moved, groups = [], [], [], []
    for _, group, one, other in pairs:
        answers = [
            measure_repeatability(classifier, Photo(read_square(row), "", ""), "dermoscopic") for row in (one, other)
        ]
        ranges = [answer.malignancy for answer in answers]
        parted.append(do_ranges_part(*ranges))
        widths += [high - low for low, high in ranges]
        moved.append(abs(sum_malignant(answers[0].probabilities[0]) - sum_malignant(answers[1].probabilities[0])))
        groups.append(group)
    print(
        f"\n{len(parted)} validation pairs of one lesion: ranges part in {share(parted, groups)}; "
        f"width {spread(widths)}; difference {spread(moved)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--run", default=DEFAULT_RUN)
    parser.add_argument("--most", type=int, default=300, help="photos or pairs of each kind")
    parser.add_argument(
        "--only", nargs="*", default=["synthetic", "pairs", "different", "outlines", "growth", "answers"]
    )
    asked = parser.parse_args()
    run, rng = find_run(asked.run), np.random.default_rng(20)
    assert run.split is not None
    table = read_photo_table(asked.data).merge(run.split[["image_id", "group", "split"]], on="image_id")
    table = table[(table["kind"] == "dermoscopic") & (table["split"] != "test")]  # test photos are read once

    def draw(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.sample(min(asked.most, len(rows)), random_state=20)

    validation = table[table["split"] == "validation"]
    masked = validation[validation["mask"].notna()].groupby("group").head(1)
    if "synthetic" in asked.only:
        measure_synthetic(draw(validation.groupby("group").head(1)), rng)
    if {"pairs", "different"} & set(asked.only):
        print("\n| pairs | n | aligned | overlap of the masks | below 0.5 |")
        print("|---|---:|---:|---:|---:|")
    everything = list(list_pairs(table, asked.data))
    for which in dict.fromkeys(pair[0] for pair in everything) if "pairs" in asked.only else ():
        of_kind = [pair for pair in everything if pair[0] == which]
        chosen = rng.permutation(len(of_kind))[: asked.most]
        measure_pairs([of_kind[i] for i in chosen], which)
    if "different" in asked.only:
        measure_pairs(list(list_different(table, 3 * asked.most, rng)), "two lesions, same diagnosis and source")
    if "outlines" in asked.only:
        measure_outlines(draw(masked))
    if "growth" in asked.only:
        measure_growth(draw(masked), rng)
    if "answers" in asked.only:
        ids = set(validation["image_id"])
        pairs = [pair for pair in everything if {pair[2].image_id, pair[3].image_id} <= ids]
        measure_answers(Classifier.open(run), pairs[: asked.most])


if __name__ == "__main__":
    main()
