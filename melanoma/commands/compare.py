"""`compare`: two runs side by side, from their saved predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from melanoma.run import folder as runs


def compare(
    first: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    second: Annotated[str, typer.Argument(help="Of another.")],
    split: Annotated[str, typer.Option(help="test or validation.")] = "test",
    source: Annotated[str | None, typer.Option(help="Only photos of this source, ham10000 or isic2017, say.")] = None,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = runs.MODELS,
) -> None:
    """Set two runs side by side on the photos that both answered: second minus first, with 95 % intervals.

    Sensitivity and specificity are those of each run's own default operating point. No photo is read.
    """
    from melanoma.evaluation import comparison

    try:
        given = [runs.find_run(name, models) for name in (first, second)]
        names = (given[0].name, given[1].name)
        pair = comparison.pair(*(saved(run, split, source) for run in given))
    except (runs.RunError, comparison.ComparisonError) as error:
        Console(stderr=True).print(str(error), style="bold", soft_wrap=True)
        raise typer.Exit(2) from error
    found = comparison.differences(pair, comparison.FIGURES | comparison.LOSSES)
    found += comparison.decisions(pair, *(comparison.own_threshold(run) for run in given))
    of = f" of {source}" if source else ""
    table = Table(title=f"{len(pair.first.image_ids)} {split} photos{of}, {len(set(pair.first.lesions))} lesions")
    for column in ("figure", *names, "difference"):
        table.add_column(column, justify="left" if column == "figure" else "right", overflow="fold")
    for one in found:
        table.add_row(one.name, f"{one.first:.3f}", f"{one.second:.3f}", one.span())
    Console().print(table)
    print(comparison.mcnemar_words(comparison.mcnemar(pair), names))


def saved(run: runs.Run, split: str, source: str | None):
    """The run's saved answers on one split, of one source if it is named. RunError where it has none."""
    from melanoma.evaluation import comparison
    from melanoma.evaluation import tables as results

    answers = results.answers(run, split)
    if answers is None:
        raise runs.RunError(f"{run.name} has no predictions yet: `evaluate` makes them.")
    if source:
        answers = comparison.chosen(answers, answers.sources == source)
    if not len(answers.image_ids):
        raise runs.RunError(f"{run.name} has no {split} photos{f' of {source}' if source else ''}. Name others.")
    return answers
