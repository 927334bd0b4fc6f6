"""Runs made of other runs without training: the mean of their weights, an ensemble of them, or one changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from melanoma.dataset import packing, splitting
from melanoma.evaluation.metrics import labels_of
from melanoma.run import ConceptErasure, Member, Run, RunError, TrainingSettings
from melanoma.run.folder import NETWORK
from melanoma.serving.engines import has_closed_form
from melanoma.serving.keras_outputs import load_network, predict_features_and_heads
from melanoma.training.architectures import LITES, LOGITS
from melanoma.training.concept_erasure import erase_source_direction, select_photos
from melanoma.training.ensemble import fit_member, join_networks, name_architecture
from melanoma.training.fitting import keep_untrained
from melanoma.training.half_precision import round_to_half
from melanoma.training.photo_set import PhotoSet, load_photos, load_table
from melanoma.training.progress import make_progress_bar, print_epoch
from melanoma.training.recipe import AverageRecipe, EnsembleMember, EnsembleRecipe, ErasureRecipe
from melanoma.training.run_files import start_run
from melanoma.training.trainable_network import start_network
from melanoma.training.trained_run import find_networks, refuse_ensemble, refuse_existing

PART = 512  # photos in memory at once


def average_weights(data: Path, folder: Path, recipe: AverageRecipe, console: Console) -> None:
    """A run that is the mean of several networks of one architecture, validated and not trained any further.

    Raises RunError unless the runs share architecture, data and split, or where one has no network.
    """
    refuse_existing(folder)
    parents = find_networks(recipe.runs, folder.parent)
    for run in parents:
        refuse_ensemble(run)
        if run.facts.architecture != parents[0].facts.architecture:
            raise RunError(f"{run.name} and {parents[0].name} differ in architecture.")
        if bool(run.facts.settings.kind_weight) != bool(parents[0].facts.settings.kind_weight):
            raise RunError(f"One of {run.name} and {parents[0].name} says the kind of photo, the other does not.")
    settings = make_untrained_settings(parents, input_size=recipe.input_size)
    with make_progress_bar(console) as bar:
        table, rows = load_common_table(data, parents, bar)
        validation = PhotoSet.of(rows, load_photos(rows, recipe.input_size, bar))
    network = start_network(settings, [run.folder / NETWORK for run in parents])
    names = tuple(run.name for run in parents)
    start_run(folder, settings, table, **describe_lineage(parents), averaged=names)
    print_epoch(keep_untrained(folder, network, validation), console)


def build_ensemble(data: Path, folder: Path, recipe: EnsembleRecipe, console: Console) -> None:
    """A run whose network is those of several EfficientNet-Lites side by side, see `melanoma.training.ensemble`.

    Raises RunError unless the runs share data and split, or where one has no fitting network.
    """
    refuse_existing(folder)
    if len(recipe.members) < 2:
        raise RunError("An ensemble needs at least two members: name another run.")
    parents = find_networks(tuple(member.run for member in recipe.members), folder.parent)
    sizes = [choose_member_size(run, member) for run, member in zip(parents, recipe.members, strict=True)]
    with make_progress_bar(console) as bar:
        table, rows = load_common_table(data, parents, bar)
        photos = {size: PhotoSet.of(rows, load_photos(rows, size, bar)) for size in sorted(set(sizes))}
    members = [fit_member(run.folder / NETWORK, photos[size]) for run, size in zip(parents, sizes, strict=True)]
    facts = tuple(
        Member(run.name, member.input_size, round(member.temperature, 4))
        for run, member in zip(parents, members, strict=True)
    )
    settings = make_untrained_settings(parents, input_size=max(sizes), architecture=name_architecture(members))
    network = join_networks(members)
    start_run(folder, settings, table, **describe_lineage(parents), ensemble=facts)
    print_epoch(keep_untrained(folder, network, photos[max(sizes)]), console)


def erase_source(data: Path, folder: Path, recipe: ErasureRecipe, console: Console) -> None:
    """A run that is another with a last layer that does not see which source a photo is from.

    Raises RunError where that run has no network, or one whose answer is not one dense layer over pooled features, and
    where its training photos do not let the sources be told apart.
    """
    refuse_existing(folder)
    [run] = find_networks((recipe.run,), folder.parent)
    network = load_network(run.folder / NETWORK)
    if not has_closed_form(network):
        raise RunError(f"{run.name} does not answer by one dense layer over pooled features: nothing to erase.")
    with make_progress_bar(console) as bar:
        table, rows = load_common_table(data, [run], bar)
        training_rows = table[table["split"] == "train"]
        try:
            training_rows = training_rows[select_photos(labels_of(training_rows), training_rows["source"].to_numpy())]
        except ValueError as error:
            raise RunError(f"Nothing to erase in {run.name}: {error}.") from error
        features = predict_features(network, training_rows, bar)
        validation = PhotoSet.of(rows, load_photos(rows, run.input_size, bar))
    head = network.get_layer(LOGITS)
    kernel, bias = head.get_weights()
    values = erase_source_direction(
        kernel, bias, features, labels_of(training_rows), training_rows["source"].to_numpy()
    )
    head.set_weights([round_to_half(value) for value in values] if run.facts.ensemble else values)
    start_run(
        folder,
        make_untrained_settings([run]),
        table,
        **describe_lineage([run]),
        ensemble=run.facts.ensemble,
        concept_erasure=ConceptErasure(run.name, len(training_rows)),
    )
    print_epoch(keep_untrained(folder, network, validation), console)


def predict_features(network: keras.Model, table: pd.DataFrame, bar: Progress) -> np.ndarray:
    """What the network's last layer reads of the photos of `table`, (n, d) float32."""
    task = bar.add_task("computing features", total=len(table))
    # In parts: at the network's size all training photos would fill the memory of a small machine.
    parts = (packing.pack(table[i : i + PART], network.input_shape[1]) for i in range(0, len(table), PART))
    return np.concatenate(
        [predict_features_and_heads(network, part, lambda n: bar.advance(task, n))[0] for part in parts]
    )


def choose_member_size(run: Run, member: EnsembleMember) -> int:
    """Input size of a member, pixels; RunError for a run that no ensemble can hold."""
    if run.facts.architecture not in LITES:
        raise RunError(f"{run.name} is {run.facts.architecture}: an ensemble is made of EfficientNet-Lites alone.")
    return member.input_size or run.input_size


def load_common_table(data: Path, parents: Sequence[Run], bar: Progress) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table that all these runs were trained on, and its validation rows; RunError where they differ in it."""
    first = parents[0]
    for run in parents[1:]:
        if run.facts.data.fingerprint != first.facts.data.fingerprint:
            raise RunError(f"{run.name} and {first.name} differ in data or split.")
    table, _ = load_table(data, first.facts.seed, first.facts.nine_class_set, bar)
    if splitting.fingerprint(table) != first.facts.data.fingerprint:
        raise RunError(f"{first.name} was trained on other data. Give the folder that it had.")
    return table, table[table["split"] == "validation"]


def describe_lineage(parents: Sequence[Run]) -> dict:
    """Fields of RunFacts that a run has from those that it is made of."""
    return {
        "started_from": tuple(run.name for run in parents),
        "nine_class_set": parents[0].facts.nine_class_set,
    }


def make_untrained_settings(parents: Sequence[Run], **changes) -> TrainingSettings:
    """Settings of a run made of others: the first one's, without training."""
    own = [run.facts.settings for run in parents]
    weights = {
        "lesion_attention_weight": max(settings.lesion_attention_weight for settings in own),
        "kind_weight": min(settings.kind_weight for settings in own),
    }
    none = {"epochs": 0, "samples_per_epoch": 0, "learning_rate": 0.0}
    return replace(own[0], **(none | weights | changes))
