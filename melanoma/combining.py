"""Runs made of other runs without training: the mean of their weights, or their networks side by side."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import Progress

from melanoma import joining, networks, runs, training
from melanoma.dataset import splitting
from melanoma.fitting import grouped_table, pack, progress_bar, refuse_existing, refuse_joined, report, with_networks


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
    """A run whose network is those of several EfficientNet-Lites side by side, see `melanoma.joining`.

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
