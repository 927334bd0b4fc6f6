"""`ensemble`, `average` and `erase`: a run made of other runs, without training."""

from __future__ import annotations

from typing import Annotated

import typer

from melanoma.commands.arguments import Data, Models, RunName
from melanoma.commands.console import err, refuse_errors
from melanoma.commands.evaluate import measure_run
from melanoma.run import MODELS, RunError, find_run


def ensemble(
    data: Data,
    name: RunName,
    of: Annotated[list[str], typer.Option(metavar="RUN", help="A member, repeated; RUN@SIZE for another input size.")],
    models: Models = MODELS,
) -> None:
    """Make a run whose network is several EfficientNet-Lites side by side, then evaluate it."""
    with refuse_errors(RunError):
        from melanoma.training import EnsembleMember, EnsembleRecipe, build_ensemble

        recipe = EnsembleRecipe(tuple(EnsembleMember.parse(member) for member in of))
        build_ensemble(data, models / name, recipe, err)
        measure_run(find_run(models / name), data, robustness=False)


def average(
    data: Data,
    name: RunName,
    of: Annotated[list[str], typer.Option(metavar="RUN", help="A run whose network takes part; repeat it.")],
    input_size: Annotated[int, typer.Option(min=32, max=1024, help="Side of the network's input, pixels.")],
    models: Models = MODELS,
) -> None:
    """Make a run whose weights are the mean of those of several runs, then evaluate it."""
    with refuse_errors(RunError):
        from melanoma.training import AverageRecipe, average_weights

        average_weights(data, models / name, AverageRecipe(tuple(of), input_size), err)
        measure_run(find_run(models / name), data, robustness=False)


def erase(
    data: Data,
    name: RunName,
    of: Annotated[str, typer.Option(metavar="RUN", help="The run to change.")],
    models: Models = MODELS,
) -> None:
    """Make a run that answers as another, but for what tells a photo's source (concept erasure); then evaluate it."""
    with refuse_errors(RunError):
        from melanoma.training import ErasureRecipe, erase_source

        erase_source(data, models / name, ErasureRecipe(of), err)
        measure_run(find_run(models / name), data, robustness=False)
