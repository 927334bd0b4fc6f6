"""A run made again from the start: first the runs that it was made from, each as its own facts say."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from melanoma.run import Run, RunError, find_run
from melanoma.training.derived_runs import average_weights, build_ensemble, erase_source
from melanoma.training.recipe import AverageRecipe, EnsembleRecipe, ErasureRecipe, Recipe, recipe_of
from melanoma.training.trained_run import resume, train


def list_lineage(run: Run) -> list[Run]:
    """The run and all that it was made from, below the same folder, each after those that it needs.

    Raises RunError where one of them is not there.
    """
    lineage: dict[str, Run] = {}

    def add(one: Run) -> None:
        for name in list_parents(recipe_of(one.facts)):
            if name not in lineage:
                add(find_run(name, run.folder.parent))
        lineage[one.name] = one

    add(run)
    return list(lineage.values())


def list_parents(recipe: Recipe) -> tuple[str, ...]:
    """Names of the runs that a recipe needs."""
    if isinstance(recipe, ErasureRecipe):
        return (recipe.run,)
    if isinstance(recipe, EnsembleRecipe):
        return tuple(member.run for member in recipe.members)
    if isinstance(recipe, AverageRecipe):
        return recipe.runs
    return (*recipe.start_from, *recipe.teachers)


def remake(data: Path, run: Run, models: Path, console: Console) -> bool:
    """Make `run` and its lineage again below `models`, under their own names; whether all are finished.

    What is finished there already is kept, and what was interrupted goes on. Raises RunError where `models` is the
    folder of the originals, or a run cannot be made.
    """
    if models.resolve() == run.folder.parent.resolve():
        raise RunError(f"The runs lie in {models} already. Name another folder with --models.")
    for original in list_lineage(run):
        folder = models / original.name
        if folder.exists() and find_run(folder).state == "finished":
            continue
        if not make_run(data, folder, recipe_of(original.facts), console):
            return False
    return True


def make_run(data: Path, folder: Path, recipe: Recipe, console: Console) -> bool:
    """One run by its recipe, from its parents beside it; whether it is finished."""
    if isinstance(recipe, ErasureRecipe):
        erase_source(data, folder, recipe, console)
    elif isinstance(recipe, EnsembleRecipe):
        build_ensemble(data, folder, recipe, console)
    elif isinstance(recipe, AverageRecipe):
        average_weights(data, folder, recipe, console)
    else:
        state = resume(data, folder, console) if folder.exists() else train(data, folder, recipe, console)
        return state == "finished"
    return True
