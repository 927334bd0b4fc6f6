"""Runs made of other runs without training: the mean of their weights, their networks side by side, or one changed."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import Progress

from melanoma.dataset import packing, splitting
from melanoma.evaluation.metrics import labels_of
from melanoma.run import folder as runs
from melanoma.serving.engines import has_closed_form
from melanoma.training import architectures as networks
from melanoma.training import concept_erasure as erasure
from melanoma.training import ensemble as joining
from melanoma.training import fit as training
from melanoma.training.pipeline import (
    grouped_table,
    pack,
    progress_bar,
    refuse_existing,
    refuse_joined,
    report,
    with_networks,
)

PART = 512  # photos in memory at once


def blend(data: Path, folder: Path, names: list[str], size: int, console: Console) -> None:
    """A run that is the mean of several networks of one architecture, validated and not trained any further.

    Raises RunError unless the runs `names` share architecture, data and split, or where one has no network.
    """
    refuse_existing(folder)
    parents = with_networks(names, folder.parent)
    for run in parents:
        refuse_joined(run)
    refuse_unlike(parents, "architecture")
    with progress_bar(console) as bar:
        table, rows = common_table(data, parents, bar)
        images = pack(rows, size, bar)
    settings = untrained(parents, size=size)
    nine = parents[0].facts["nine_class_set"]
    training.new_run(folder, settings, table, names, nine_class_set=nine, blend=names)
    row = training.blend(folder, settings, training.Material.of(rows, images), [run.network_path for run in parents])
    report(row, console)


def join(data: Path, folder: Path, of: list[str], console: Console) -> None:
    """A run whose network is those of several EfficientNet-Lites side by side, see `melanoma.training.ensemble`.

    of: run names, each with `@SIZE` behind it where that network is to see photos at another size than it was
    trained at. Raises RunError unless the runs share data and split, or where one has no fitting network.
    """
    refuse_existing(folder)
    if len(of) < 2:
        raise runs.RunError("Nothing to join: give --of at least twice.")
    asked = [part.partition("@") for part in of]
    parents = with_networks([name for name, _, _ in asked], folder.parent)
    sizes = [joined_size(run, size) for run, (_, _, size) in zip(parents, asked, strict=True)]
    with progress_bar(console) as bar:
        table, rows = common_table(data, parents, bar)
        materials = {size: training.Material.of(rows, pack(rows, size, bar)) for size in sorted(set(sizes))}
    parts = [joining.fitted(run.network_path, materials[size]) for run, size in zip(parents, sizes, strict=True)]
    settings = untrained(parents, size=max(sizes), architecture=joining.architecture(parts))
    joined = [
        {"run": run.name, "size": part.size, "temperature": round(part.temperature, 4)}
        for run, part in zip(parents, parts, strict=True)
    ]
    names = [run.name for run in parents]
    nine = parents[0].facts["nine_class_set"]
    training.new_run(folder, settings, table, names, nine_class_set=nine, joined=joined)
    report(training.keep_untrained(folder, joining.join(parts), materials[max(sizes)]), console)


def erase(data: Path, folder: Path, name: str, console: Console) -> None:
    """A run that is run `name` with a last layer that does not see which archive a photo is from.

    Raises RunError where that run has no network, or one whose answer is not one dense layer over pooled features, and
    where its training photos do not let the archives be told apart.
    """
    refuse_existing(folder)
    [run] = with_networks([name], folder.parent)
    network = keras.saving.load_model(run.network_path, compile=False)
    if not has_closed_form(network):
        raise runs.RunError(f"{run.name} does not answer by one dense layer over pooled features: nothing to erase.")
    with progress_bar(console) as bar:
        table, rows = common_table(data, [run], bar)
        learned = table[table["split"] == "train"]
        try:
            learned = learned[erasure.concerned(labels_of(learned), learned["source"].to_numpy())]
        except ValueError as error:
            raise runs.RunError(f"Nothing to erase in {run.name}: {error}.") from error
        features = features_of(network, learned, bar)
        validation = training.Material.of(rows, pack(rows, run.input_size, bar))
    head = network.get_layer(networks.LOGITS)
    values = erasure.erased(*head.get_weights(), features, labels_of(learned), learned["source"].to_numpy())
    joined = run.facts.get("joined")
    head.set_weights([joining.halved(value) for value in values] if joined else values)
    facts = {"erased": {"run": run.name, "photos": len(learned)}} | ({"joined": joined} if joined else {})
    nine = run.facts["nine_class_set"]
    training.new_run(folder, untrained([run]), table, [run.name], nine_class_set=nine, **facts)
    report(training.keep_untrained(folder, network, validation), console)


def features_of(network: keras.Model, table: pd.DataFrame, bar: Progress) -> np.ndarray:
    """What the network's last layer reads of the photos of `table`, (n, d) float32."""
    task = bar.add_task("asking the network", total=len(table))
    # In parts: at the network's size all training photos would fill the memory of a small machine.
    parts = (packing.pack(table[i : i + PART], network.input_shape[1]) for i in range(0, len(table), PART))
    return np.concatenate([training.outputs_of(network, part, lambda n: bar.advance(task, n))[0] for part in parts])


def joined_size(run: runs.Run, asked: str) -> int:
    """The input size asked for one part of a joined network, or else its own; RunError for what cannot be joined."""
    if run.facts["architecture"] not in networks.LITES:
        raise runs.RunError(f"{run.name} is {run.facts['architecture']}: only EfficientNet-Lites can be joined.")
    if not asked:
        return run.input_size
    if not asked.isdecimal() or not 32 <= int(asked) <= 1024:
        raise runs.RunError(f"{run.name}@{asked}: give a size from 32 to 1024 pixels, as in {run.name}@224.")
    return int(asked)


def common_table(data: Path, parents: list[runs.Run], bar: Progress) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table that all these runs were trained on, and its validation rows; RunError where they differ in it."""
    refuse_unlike(parents, "data")
    first = parents[0]
    table, _ = grouped_table(data, first.facts["seed"], first.facts["nine_class_set"], bar)
    if splitting.fingerprint(table) != first.facts["data"]["fingerprint"]:
        raise runs.RunError(f"{first.name} was trained on other data. Give the folder that it had.")
    return table, table[table["split"] == "validation"]


def refuse_unlike(parents: list[runs.Run], fact: str) -> None:
    """Raises RunError, naming two of the runs, unless they all have the first one's architecture or data."""
    words = {"architecture": "architecture", "data": "data or split"}
    for run in parents[1:]:
        if run.facts[fact] != parents[0].facts[fact]:
            raise runs.RunError(f"{run.name} and {parents[0].name} differ in {words[fact]}.")


def untrained(parents: list[runs.Run], **changed) -> training.Settings:
    """Settings of a run made of others: the first one's, without training."""
    focus = max(run.facts["arguments"].get("focus", 0) for run in parents)
    none = {"epochs": 0, "samples": 0, "learning_rate": 0.0}
    return training.Settings(**(parents[0].facts["arguments"] | none | {"focus": focus} | changed))
