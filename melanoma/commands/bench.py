"""`bench`: how fast everything is."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from melanoma.commands.arguments import RUN_HELP, JsonFile, Models, OptionalData
from melanoma.commands.console import make_table, refuse, refuse_errors, say, show
from melanoma.run import DEFAULT_RUN, MODELS, RunError, find_run, write_part

MISSING = "psutil is not installed. Run `pip install 'melanoma[bench]'`, or `pip install -e '.[bench]'` in a clone."


def bench(
    run: Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP)] = DEFAULT_RUN,
    data: OptionalData = None,
    out: JsonFile = None,
    before: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="What an earlier --out wrote, to show beside.")
    ] = None,
    models: Models = MODELS,
) -> None:
    """Measure stages, engines, start, throughput and memory, as ratios with their bars. Takes some minutes.

    Without --data the photos are synthetic examples.
    """
    with refuse_errors(RunError):
        former = read_report(before) if before else None
        found = find_run(run, models)
        if importlib.util.find_spec("psutil") is None:
            raise refuse(MISSING)
        from melanoma.bench.report import run_bench

        report = run_bench(found, data, say=say)
        if out:
            write_part(out, report)
    print_bench(report, former)


def read_report(file: Path) -> dict[str, Any]:
    """What an earlier bench wrote. Raises OSError; refuses what is no such file."""
    try:
        report = json.loads(file.read_text())
    except ValueError:
        report = None
    if not isinstance(report, dict) or "ratios" not in report:
        raise refuse(f"{file} was not written by bench. Name a file that --out wrote.")
    return report


def print_bench(report: dict[str, Any], former: dict[str, Any] | None) -> None:
    """A report's tables, beside an earlier one."""
    from melanoma.bench.report import BARS

    table = make_table(f"Stages ({report['photos']})", "ms, median / 95th percentile", *report["stages_ms"])
    for stage in next(iter(report["stages_ms"].values())):
        cells = (f"{size[stage]['p50']:.1f} / {size[stage]['p95']:.1f}" for size in report["stages_ms"].values())
        table.add_row(stage, *cells)
    show(table)
    table = make_table("Forward pass of one crop", "engine", "ms, median", "probabilities off by")
    for name, engine in sorted(report["engines"].items(), key=lambda item: item[1]["p50"]):
        difference = engine["probability_difference"]
        table.add_row(name, f"{engine['p50']:.2f}", "–" if difference is None else f"{difference:.1e}")
    show(table)
    table = make_table("Ratios", "", "value", "bar", "holds", *(["before"] if former else []))
    for name, value in report["ratios"].items():
        bar = BARS[name]
        earlier = [f"{former['ratios'][name]:.3g}" if name in former["ratios"] else "–"] if former else []
        table.add_row(bar.meaning, f"{value:.3g}", bar.text, "yes" if bar.holds(value) else "no", *earlier)
    show(table)
    facts = report["machine"]
    show(f"{facts['processor']}, {facts['cores']} cores; training {report['training_images_per_s']:.0f} images/s.")
