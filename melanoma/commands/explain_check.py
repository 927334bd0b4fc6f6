"""`explain-check`: how faithful a run's heatmaps are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import DataOption, JsonFile, Kind, Models, RunArgument, Split
from melanoma.commands.console import ProgressBar, make_table, refuse, refuse_errors, say, show
from melanoma.documents.wording import RESEARCH_USE
from melanoma.explain import Method
from melanoma.run import MODELS, Run, RunError, find_run, write_part

if TYPE_CHECKING:
    from melanoma.run.faithfulness import Faithfulness

SAMPLE, COSTLY = 150, 60  # photos for what asks the network again

# Column of the table -> where the estimate lies in a method's faithfulness
COLUMNS = {
    "energy / area, right": ("right", "energy_to_area"),
    "pointing game": ("all", "pointing_game"),
    "small lesions": ("small_lesions", "pointing_game"),
    "deletion below random": ("deletion", "lower_than_random"),
    "insertion above": ("insertion", "higher_than_random"),
    "randomised": ("randomised", "all_layers"),
    "stability": ("stability", "spearman"),
}


def explain_check(
    run: RunArgument,
    data: DataOption,
    methods: Annotated[
        list[Method] | None, typer.Option("--method", help="Again for more.", show_default="all")
    ] = None,
    split: Annotated[
        Split, typer.Option(help="To choose a method or a network by: validation. Then printed, not kept.")
    ] = Split.TEST,
    kind: Annotated[
        Kind, typer.Option(help="Clinical: without lesion masks, so that only what the answer rests on is measured.")
    ] = Kind.DERMOSCOPIC,
    sample: Annotated[int, typer.Option(min=8, help="Photos for all that asks the network again.")] = SAMPLE,
    costly: Annotated[int, typer.Option(min=8, help="Of these, photos for Score-CAM and SmoothGrad.")] = COSTLY,
    photos: Annotated[
        int | None, typer.Option(min=8, help="Only so many photos, for a quick look. Printed, not kept.")
    ] = None,
    out: JsonFile = None,
    models: Models = MODELS,
) -> None:
    """Measure how faithful a run's heatmaps are, on its own photos; test estimates stay with the run.

    Dermoscopic photos have lesion masks, against which the maps are held; clinical ones have none.

    Most of the time goes into asking the network again: --sample and --costly set how much of that is done.
    """
    from melanoma.evaluation.faithfulness_report import Extent, measure_faithfulness
    from melanoma.evaluation.masked_photos import load_clinical_photos, load_masked_photos
    from melanoma.evaluation.report import write_faithfulness

    stays = split is Split.TEST and photos is None
    with refuse_errors(RunError), ProgressBar() as progress:
        found = find_run(run, models)
        if reason := why_not_checkable(found, stays=stays):
            raise refuse(reason)
        from melanoma.explain.explainer import Explainer

        explainer = Explainer.open(found)
        load = load_clinical_photos if kind is Kind.CLINICAL else load_masked_photos
        cases = load(found, data, split, most=photos, progress=progress)
        temperature = found.calibration.of_kind(kind).temperature if found.calibration else 1.0
        faithfulness = measure_faithfulness(
            explainer.network,
            temperature,
            cases,
            methods or list(Method),
            Extent(sample, costly),
            command=describe_command(found, sample, costly, split, kind),
            network_sha256=found.sha256,
            split=split,
            progress=progress,
        )
        if stays:
            write_faithfulness(found, faithfulness, all_methods=not methods, kind=kind)
        if out:
            write_part(out, faithfulness)
    print_faithfulness(faithfulness)
    if not stays:
        say("Printed only: the run keeps estimates of all its test photos alone.")


def why_not_checkable(run: Run, *, stays: bool) -> str | None:
    """Why a run's heatmaps cannot be measured, in one sentence; None where they can. stays: in the run."""
    if run.state == "training":
        return f"{run.name} is still training. Wait until it has finished."
    if stays and run.evaluation is None:
        return f"{run.name} has no evaluation yet. Run `python -m melanoma evaluate {run.name}` first."
    return None


def describe_command(run: Run, sample: int, costly: int, split: Split, kind: Kind) -> str:
    """The command that measures the same again."""
    options = "" if sample == SAMPLE else f" --sample {sample}"
    options += "" if costly == COSTLY else f" --costly {costly}"
    options += "" if kind is Kind.DERMOSCOPIC else f" --kind {kind}"
    options += "" if split is Split.TEST else f" --split {split}"
    return f"python -m melanoma explain-check {run.name} --data DATA{options}"


def print_faithfulness(faithfulness: Faithfulness) -> None:
    """The estimates that decide, a row a method."""
    title = (
        f"{faithfulness.photos} {faithfulness.split} photos; {faithfulness.sample} of them for deletion, insertion, "
        f"randomisation and stability, {faithfulness.sample_costly} for costly methods; default: "
        f"{faithfulness.default_method}"
    )
    table = make_table(title, "method", *COLUMNS)
    for name, parts in faithfulness.methods.items():
        values = (getattr(getattr(parts, part), key, None) for part, key in COLUMNS.values())
        table.add_row(name, *(value.text() if value else "–" for value in values))
    show(table)
    show(RESEARCH_USE)
