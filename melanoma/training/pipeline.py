"""From a data folder to a finished run: table, split, packed photos, training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from melanoma.dataset import duplicates, leaky, packing, sources, splitting
from melanoma.run import folder as runs
from melanoma.training import architectures as networks
from melanoma.training import distillation as teaching
from melanoma.training import fit as training

SETTINGS = {field.name for field in fields(training.Settings)}
SHOWN = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_balanced_accuracy", "val_melanoma_auc")
LEAKY_WARNING = (
    "Not to be believed: augmented copies were made before the split, so that {share:.0%} of the validation "
    "rows show a picture that is also in training. The figure measures memory, not diagnosis."
)


def train(
    data: Path,
    folder: Path,
    options: dict,
    *,
    start_from: list[str],
    teachers: list[str],
    nine_class_set: bool,
    console: Console,
) -> str:
    """Train a new run on a lesion-grouped split, printing as it goes; its final state."""
    refuse_existing(folder)
    networks.check_name(options["architecture"])
    if bool(teachers) != bool(options.get("taught")):
        raise runs.RunError("--teacher and --taught belong together: give both, or neither.")
    parents = with_networks(start_from, folder.parent, options["architecture"])
    teach = teaching.Teachers(with_networks(teachers, folder.parent)) if teachers else None
    with progress_bar(console) as bar:
        table, images = grouped_table(data, options["seed"], nine_class_set, bar)
    settings = training.Settings(**options)
    taught_by = {"teachers": teachers} if teachers else {}
    names = [run.name for run in parents]
    training.new_run(folder, settings, table, names, nine_class_set=nine_class_set, **taught_by)
    initial = [run.network_path for run in parents]
    return fit(folder, settings, table, images, console, initial=initial, teach=teach)


def resume(data: Path, folder: Path, console: Console) -> str:
    """Go on with an interrupted run, with the settings and split that it has. Raises RunError if it cannot."""
    run = runs.Run(folder)
    if not (folder / training.LAST).exists():
        raise runs.RunError(f"{folder.name} cannot go on: {training.LAST} is missing. Train anew under another name.")
    settings = training.Settings(**run.facts["arguments"])
    teachers = with_networks(run.facts.get("teachers", []), folder.parent)
    with progress_bar(console) as bar:
        nine = run.facts["nine_class_set"]
        table, images = grouped_table(data, settings.seed, nine, bar)
    if splitting.fingerprint(table) != run.facts["data"]["fingerprint"]:
        raise runs.RunError(f"{folder.name} was trained on other data or another split. Give it the same folder.")
    runs.write_json(folder / "run.json", run.facts | {"state": "training"})
    teach = teaching.Teachers(teachers) if teachers else None
    return fit(folder, settings, table, images, console, teach=teach)


def train_leaky(data: Path, folder: Path, options: dict, *, copies: int, console: Console) -> str:
    """Train under the assignment's leaky protocol: history and figures, no network file."""
    refuse_existing(folder)
    networks.check_name(options["architecture"])
    if options.get("taught"):
        raise runs.RunError("--leaky is the assignment's own way to train, without teachers: leave out --taught.")
    settings = training.Settings(**options)
    table = leaky.leaky_table(data, copies, settings.seed)
    share = leaky.leaked_share(table)
    warning = LEAKY_WARNING.format(share=share)
    training.new_run(folder, settings, table, protocol="leaky", warning=warning, leaked_share=round(share, 4))
    images = leaky.leaky_images(table, settings.size)
    state = fit(folder, settings, table, images, console, exact=images)
    (folder / "model.keras").unlink(missing_ok=True)
    runs.seal(folder)
    return state


def fit(
    folder: Path,
    settings: training.Settings,
    table: pd.DataFrame,
    images: np.ndarray,
    console: Console,
    *,
    initial: Sequence[Path] = (),
    teach: teaching.Teachers | None = None,
    exact: np.ndarray | None = None,
) -> str:
    """Fit on the train rows of `table`; validate on photos at the network's own size (`exact` if given)."""
    train_rows, validation_rows = ((table["split"] == split).to_numpy() for split in ("train", "validation"))
    lesions = packing.pack_masks(table[train_rows]) if settings.focus else None
    if exact is None:
        with progress_bar(console) as bar:
            validation_images = pack(table[validation_rows], settings.size, bar)
    else:
        validation_images = exact[validation_rows]
    with progress_bar(console) as bar:
        task = bar.add_task("training", total=None)
        state = training.fit(
            folder,
            settings,
            training.Material.of(table[train_rows], images[train_rows], lesions),
            training.Material.of(table[validation_rows], validation_images),
            initial=initial,
            teach=teach,
            report=lambda row: report(row, console),
            step=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(f"{folder}: {state}")
    return state


def with_networks(names: list[str], models: Path, architecture: str | None = None) -> list[runs.Run]:
    """The runs of these names below `models`, all of `architecture` if one is given.

    Raises RunError where one is missing, keeps figures only or is of another architecture.
    """
    found = [runs.find_run(name, models) for name in names]
    for run in found:
        if run.network_path is None:
            raise runs.RunError(f"{run.name} keeps figures only, no network to start from. Train it first.")
        if architecture:
            refuse_joined(run)
        if architecture and run.facts["architecture"] != architecture:
            its = run.facts["architecture"]
            raise runs.RunError(
                f"{run.name} has the architecture {its}, not {architecture}: "
                f"give --architecture {its}, or start from another run."
            )
    return found


def refuse_joined(run: runs.Run) -> None:
    """Raises RunError for a run of several networks side by side, whose weights are for use alone."""
    if parts := run.facts.get("joined"):
        names = " or ".join(part["run"] for part in parts)
        raise runs.RunError(f"{run.name} is several networks side by side, made for use: take one of them, {names}.")


def refuse_existing(folder: Path) -> None:
    """Raises RunError where the folder of a new run is there already."""
    if folder.exists():
        raise runs.RunError(f"{folder} is there already. Choose another --name, or go on with it with --resume.")


def grouped_table(data: Path, seed: int, nine_class_set: bool, bar: Progress) -> tuple[pd.DataFrame, np.ndarray]:
    """The labelled table with group and split, and its photos (n, 224, 224, 3) uint8.

    The split is made over all photos, so that the runs of one seed share it; a run on the nine-class
    set uses its part of it.
    """
    table = sources.photo_table(data)
    images = pack(table, packing.PACKED_SIZE, bar)
    table["group"] = splitting.lesion_groups(table, duplicates.thumbnails(images))
    table["split"] = splitting.split_by_group(table, seed)
    if nine_class_set:
        kept = table["image_id"].isin(sources.folders(data)["image_id"]).to_numpy()
        table, images = table[kept].reset_index(drop=True), images[kept]
    return table, images


def pack(table: pd.DataFrame, size: int, bar: Progress) -> np.ndarray:
    """`packing.pack` with a progress bar."""
    task = bar.add_task(f"reading photos at {size} px", total=len(table))

    def counted(rows, _):
        for row in rows:
            bar.advance(task)
            yield row

    return packing.pack(table, size, counted)


def progress_bar(console: Console) -> Progress:
    """The project's progress bar: what, how far, how long still."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def report(row: dict, console: Console) -> None:
    """Print a history row."""
    console.print("  ".join(f"{k} {row[k]:.4g}" for k in SHOWN if k in row))
