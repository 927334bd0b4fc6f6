"""`compare`: two runs side by side, from their saved predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import RUN_HELP, Models, RunArgument, Split
from melanoma.commands.console import make_table, refuse_errors, show
from melanoma.run import MODELS, Run, RunError, find_run

if TYPE_CHECKING:
    from melanoma.evaluation.saved_predictions import SavedPredictions


def compare(
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP)],
    split: Annotated[Split, typer.Option(help="Whose photos.")] = Split.TEST,
    source: Annotated[str | None, typer.Option(help="Only photos of this source, such as ham10000.")] = None,
    models: Models = MODELS,
) -> None:
    """Set two runs side by side on the photos that both answered: second minus first, with 95 % intervals.

    Sensitivity and specificity are those of each run's own default operating point. No photo is read.
    """
    from melanoma.evaluation import comparison

    with refuse_errors(RunError, comparison.ComparisonError):
        first, second = find_run(run, models), find_run(other, models)
        pair = comparison.pair_predictions(*(select_predictions(one, split, source) for one in (first, second)))
    differences = comparison.estimate_differences(pair, comparison.STATISTICS | comparison.LOSSES)
    thresholds = (comparison.default_threshold(one.calibration) for one in (first, second))
    differences += comparison.estimate_decisions(pair, *thresholds)
    names = (first.name, second.name)
    of_source = f" of {source}" if source else ""
    photos, lesions = len(pair.first.image_ids), len(set(pair.first.lesions))
    table = make_table(f"{photos} {split} photos{of_source}, {lesions} lesions", "statistic", *names, "difference")
    for one in differences:
        table.add_row(one.name, f"{one.first:.3f}", f"{one.second:.3f}", one.text())
    show(table)
    show(comparison.describe_mcnemar(comparison.run_mcnemar(pair), names))


def select_predictions(run: Run, split: Split, source: str | None) -> SavedPredictions:
    """The run's saved predictions on one split, of one source if it is named. RunError where it has none."""
    from melanoma.evaluation.saved_predictions import load_predictions

    predictions = load_predictions(run, split)
    if predictions is None:
        raise RunError(f"{run.name} has no predictions yet. Run `python -m melanoma evaluate {run.name}` first.")
    if source:
        predictions = predictions.take(predictions.sources == source)
    if not len(predictions.image_ids):
        raise RunError(f"{run.name} has no {split} photos{f' of {source}' if source else ''}. Name others.")
    return predictions
