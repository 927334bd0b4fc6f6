"""`export` and `bench`: a run's light engine, and how fast everything is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.")],
    photos: Annotated[list[Path] | None, typer.Option("--photo", help="Also check on this photo; repeatable.")] = None,
) -> None:
    """Write a run's network for the light engine, check it against Keras, and seal the run again."""
    from melanoma.photo.photos import PhotoError
    from melanoma.run import folder as runs

    try:
        folder = runs.find_run(run).folder
        from melanoma.training.export import export as export_run  # TensorFlow: after the run was found good

        facts = export_run(folder, photos)
    except (runs.RunError, PhotoError) as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except OSError as error:
        err.print(f"{error.filename} cannot be read: {error.strerror}.", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    maps = "no closed-form maps" if facts["map_difference"] is None else f"maps {facts['map_difference']:.1e} of peak"
    out.print(
        f"{folder / facts['file']}: as Keras on {facts['photos']} pictures; largest difference of probabilities "
        f"{facts['probability_difference']:.1e}, {maps}.",
        highlight=False,
        soft_wrap=True,
    )


def bench(
    data: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of downloads; else drawn specimens.")
    ] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write everything measured to this file.")] = None,
    compare: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="An earlier --json to show beside.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="A run's name or folder.")] = None,
) -> None:
    """Measure stages, engines, start, throughput and memory, as ratios with their bars. Takes some minutes."""
    import json

    from melanoma.run import folder as runs

    before = json.loads(compare.read_text()) if compare else None
    try:
        opened = runs.find_run(run or runs.DEFAULT_RUN)
        from melanoma.bench.report import bench as measure

        report = measure(opened, data, say=lambda line: err.print(line, style="dim"))
    except runs.RunError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if json_path:
        runs.write_json(json_path, report)
    show(report, before)


def show(report: dict, before: dict | None) -> None:
    """Print a report's tables; `before` is an earlier one."""
    from rich.table import Table

    from melanoma.bench.report import BARS, holds

    table = Table("ms, median / 95th percentile", *report["stages_ms"], title=f"Stages ({report['photos']})")
    for stage in next(iter(report["stages_ms"].values())):
        cells = (f"{size[stage]['p50']:.1f} / {size[stage]['p95']:.1f}" for size in report["stages_ms"].values())
        table.add_row(stage, *cells)
    out.print(table)
    table = Table("engine", "ms, median", "probabilities off by", title="Forward pass of one crop")
    for name, engine in sorted(report["engines"].items(), key=lambda item: item[1]["p50"]):
        far = engine["probability_difference"]
        table.add_row(name, f"{engine['p50']:.2f}", "–" if far is None else f"{far:.1e}")
    out.print(table)
    table = Table("", "value", "bar", "holds", *(["before"] if before else []), title="Ratios")
    for name, value in report["ratios"].items():
        bar, smaller, words = BARS[name]
        earlier = [f"{before['ratios'][name]:.3g}" if name in before["ratios"] else "–"] if before else []
        limit = f"{'≤' if smaller else '≥'} {bar:.3g}"
        table.add_row(words, f"{value:.3g}", limit, "yes" if holds(name, value) else "no", *earlier)
    out.print(table)
    facts = report["machine"]
    out.print(f"{facts['processor']}, {facts['cores']} cores; training {report['training_images_per_s']:.0f} images/s.")
