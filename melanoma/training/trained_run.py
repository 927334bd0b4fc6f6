"""From a data folder to a trained run: table, split, photos in memory, training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from melanoma.dataset import leaky, packing, splitting
from melanoma.dataset.other_photos import read_other_photos
from melanoma.diagnoses import CODES
from melanoma.evaluation.metrics import measure_epoch
from melanoma.run import Run, RunError, find_run, write_checksums, write_part
from melanoma.run.facts import State
from melanoma.run.folder import FACTS, NETWORK
from melanoma.training.architectures import check_architecture
from melanoma.training.checkpoint import can_resume, count_epochs
from melanoma.training.distillation import Teachers
from melanoma.training.fitting import fit_run
from melanoma.training.photo_set import PhotoSet, load_photos, load_table
from melanoma.training.progress import make_progress_bar, print_epoch
from melanoma.training.recipe import TrainingRecipe, training_recipe_of
from melanoma.training.run_files import start_run
from melanoma.training.several_processes import check_shared

COPIES = 500  # of each diagnosis, augmented before the split in the data leakage example
LEAKY_WARNING = (
    "Not to be believed: augmented copies were made before the split, so that {share:.0%} of the validation "
    "rows show a picture that is also in training. The figure measures memory, not diagnosis."
)


def train(data: Path, folder: Path, recipe: TrainingRecipe, console: Console) -> State:
    """Train a new run in `folder`, printing as it goes; the run's state afterwards.

    The split is made by lesion. With `recipe.leaky` the run keeps history and figures, no network. Raises RunError
    for a recipe that cannot be followed, UnknownArchitectureError, TooFewPhotosError, and FileNotFoundError where
    photos or ImageNet weights are missing.
    """
    refuse_existing(folder)
    check_recipe(recipe)
    parents = find_networks(recipe.start_from, folder.parent, recipe.settings.architecture)
    teachers = find_networks(recipe.teachers, folder.parent)
    with make_progress_bar(console) as bar:
        table, images = load_split(data, recipe, bar)
    more: dict[str, Any] = {}
    if recipe.leaky:
        share = leaky.measure_leaked_share(table)
        more = {"protocol": "leaky", "warning": LEAKY_WARNING.format(share=share), "leaked_share": round(share, 4)}
    start_run(
        folder,
        recipe.settings,
        table,
        started_from=tuple(run.name for run in parents),
        teachers=tuple(run.name for run in teachers),
        nine_class_set=recipe.nine_class_set,
        **more,
    )
    return fit_recipe(data, folder, recipe, table, images, console)


def resume(data: Path, folder: Path, console: Console) -> State:
    """Go on with an interrupted run, with the settings and split that it has. Raises RunError if it cannot."""
    run = Run(folder)
    recipe = training_recipe_of(run.facts)
    if run.state == "finished":
        raise RunError(f"{run.name} has finished, so there is nothing to go on with. Train under another name.")
    check_shared(recipe.settings)
    if not can_resume(folder):
        raise RunError(f"{run.name} cannot go on: its checkpoint is missing. Train anew under another name.")
    with make_progress_bar(console) as bar:
        table, images = load_split(data, recipe, bar)
    if splitting.fingerprint(table) != run.facts.data.fingerprint:
        raise RunError(f"{run.name} was trained on other data or another split. Give it the same folder.")
    write_part(folder / FACTS, replace(run.facts, state="training"))
    return fit_recipe(data, folder, recipe, table, images, console)


def fit_recipe(
    data: Path, folder: Path, recipe: TrainingRecipe, table: pd.DataFrame, images: np.ndarray, console: Console
) -> State:
    """Fit the run in `folder` on the train rows of `table`, validate on its validation rows; the run's state."""
    begins = count_epochs(folder) == 0
    parents = find_networks(recipe.start_from, folder.parent, recipe.settings.architecture) if begins else []
    teachers = find_networks(recipe.teachers, folder.parent)
    with make_progress_bar(console) as bar:
        training, validation = load_photo_sets(data, recipe, table, images, bar)
    with make_progress_bar(console) as bar:
        task = bar.add_task("training", total=None)
        state = fit_run(
            folder,
            recipe.settings,
            training,
            validation,
            initial=[run.folder / NETWORK for run in parents],
            teach=Teachers(teachers) if teachers else None,
            report=lambda row: print_epoch(row, console),
            step=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if recipe.leaky:
        (folder / NETWORK).unlink(missing_ok=True)
        write_checksums(folder)
    console.print(f"{folder}: {state}", markup=False)
    return state


def load_split(data: Path, recipe: TrainingRecipe, bar: Progress) -> tuple[pd.DataFrame, np.ndarray]:
    """The table that the recipe learns from, with its split, and its photos (n, s, s, 3) uint8."""
    if recipe.leaky:
        table = leaky.build_leaky_table(data, COPIES, recipe.settings.seed)
        return table, leaky.pack_leaky_photos(table, recipe.settings.input_size)
    return load_table(data, recipe.settings.seed, recipe.nine_class_set, bar)


def load_photo_sets(
    data: Path, recipe: TrainingRecipe, table: pd.DataFrame, images: np.ndarray, bar: Progress
) -> tuple[PhotoSet, PhotoSet]:
    """What is trained on, and what is validated on, this at the network's own size.

    table, images: as `load_split` gives. Photos that show no lesion are added where the kind of photo is learned.
    """
    settings = recipe.settings
    rows = (table["split"] == "train").to_numpy()
    train, validation = table[rows], table[table["split"] == "validation"]
    if recipe.leaky:
        return PhotoSet.of(train, images[rows]), PhotoSet.of(
            validation, images[(table["split"] == "validation").to_numpy()]
        )
    if settings.kind_weight:
        others = read_other_photos(data, table, settings.seed)
        train = pd.concat([train, others[others["split"] == "train"]])
        validation = pd.concat([validation, others[others["split"] == "validation"]])
    photos = np.empty((len(train), *images.shape[1:]), np.uint8)
    np.compress(rows, images, axis=0, out=photos[: rows.sum()])  # without a second copy: they are gigabytes
    if settings.kind_weight:
        photos[rows.sum() :] = load_photos(train[rows.sum() :], images.shape[1], bar)
    lesions = packing.pack_masks(train) if settings.lesion_attention_weight else None
    exact = load_photos(validation, settings.input_size, bar)
    return PhotoSet.of(train, photos, lesions), PhotoSet.of(validation, exact)


def check_recipe(recipe: TrainingRecipe) -> None:
    """Raises UnknownArchitectureError or RunError, saying what to change, for a recipe that cannot be followed."""
    settings = recipe.settings
    check_architecture(settings.architecture)
    check_shared(settings)
    if recipe.leaky and (recipe.teachers or settings.kind_weight):
        raise RunError("The data leakage example has neither teachers nor a kind head. Leave out --teacher.")
    if settings.architecture == "baseline-cnn" and settings.fitted_size != settings.input_size:
        raise RunError("baseline-cnn fits one size of photo. Leave out --training-size.")
    if bool(recipe.teachers) != bool(settings.distillation_weight):
        raise RunError("--teacher and --distillation-weight belong together: give both, or neither.")
    monitors = [f"val_{name}" for name in measure_epoch(np.arange(len(CODES)), np.eye(len(CODES)))]
    if settings.monitor not in monitors:
        raise RunError(f"An epoch cannot be chosen by {settings.monitor}: use one of {', '.join(monitors)}.")


def find_networks(names: tuple[str, ...], models: Path, architecture: str | None = None) -> list[Run]:
    """The runs of these names below `models`, all of `architecture` if one is given.

    Raises RunError where one is missing, keeps no network or is of another architecture.
    """
    runs = [find_run(name, models) for name in names]
    for run in runs:
        if run.network_path is None:
            raise RunError(f"{run.name} keeps its history and results, no network. Name another run.")
        if architecture:
            refuse_ensemble(run)
        if architecture and run.facts.architecture != architecture:
            its = run.facts.architecture
            raise RunError(
                f"{run.name} has the architecture {its}, not {architecture}: "
                f"give --architecture {its}, or start from another run."
            )
    return runs


def refuse_ensemble(run: Run) -> None:
    """Raises RunError for an ensemble, whose weights are for use alone."""
    if members := run.facts.ensemble:
        names = " or ".join(member.run for member in members)
        raise RunError(f"{run.name} is an ensemble, made for use. Take one of its members, {names}.")


def refuse_existing(folder: Path) -> None:
    """Raises RunError where the folder of a new run is there already."""
    if folder.exists():
        raise RunError(f"{folder} is there already. Choose another --name, or go on with it with --resume.")
