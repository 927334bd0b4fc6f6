"""`evaluate`: how good a run is, from photos or from its saved predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import Models, OptionalData, RunArgument
from melanoma.commands.console import ProgressBar, make_table, refuse_errors, say, show
from melanoma.documents.wording import RESEARCH_USE, write_share, write_statistic
from melanoma.estimates import percent
from melanoma.run import MODELS, Run, RunError, find_run, operating_point_name

if TYPE_CHECKING:
    from melanoma.evaluation.report import RunReport


def evaluate(
    run: RunArgument,
    data: OptionalData = None,
    robustness: Annotated[bool, typer.Option(help="With --data: also artefacts, sources, unlike photos.")] = True,
    gate: Annotated[bool, typer.Option("--gate", help="With --data: only what is said before the answer.")] = False,
    models: Models = MODELS,
) -> None:
    """Measure a run on its own test split: estimates with intervals, calibration, operating points.

    With --data the network answers every validation and test photo again, and age groups, sexes and body sites are
    measured too. Without it, all that the run's saved predictions tell is remade.
    """
    with refuse_errors(RunError):
        if gate:
            measure_run_gate(find_run(run, models), data)
        else:
            measure_run(find_run(run, models), data, robustness=robustness)


def measure_run_gate(run: Run, data: Path | None) -> None:
    """Measure what is said of a run's test photos before they are answered, write and print it. Raises RunError."""
    from melanoma.evaluation.gate import TEST, list_photos, look_at, measure_gate
    from melanoma.evaluation.kind_tables import tabulate_gate
    from melanoma.evaluation.report import write_gate
    from melanoma.serving import Classifier

    if data is None or run.split is None or run.evaluation is None:
        raise RunError(f"{run.name}: --gate needs the photos (--data DATA), the run's split, and its evaluation.")
    classifier = Classifier.open(run, many=True)
    photos = list_photos(run, data, TEST)
    with ProgressBar() as progress:
        progress.begin("looking at the test photos", len(photos))
        command = f"python -m melanoma evaluate {run.name} --data DATA --gate"
        measured = measure_gate(look_at(classifier, photos, progress.advance), command)
    write_gate(run, measured)
    rows = tabulate_gate(measured)
    table = make_table(f"{run.name}: what is said before the answer", *rows.columns)
    for row in rows.itertuples(index=False):
        table.add_row(*map(str, row))
    show(table)
    show(RESEARCH_USE)


def measure_run(run: Run, data: Path | None, *, robustness: bool) -> None:
    """Evaluate a run, write and print the results, and export its network where the export is not of it.

    Nothing is written before all is computed: Ctrl-C leaves the run as it was. Raises RunError.
    """
    from melanoma.evaluation.report import evaluate_run, write_report

    with ProgressBar() as progress:
        report = evaluate_run(run, data, robustness=robustness, progress=progress)
        write_report(run, report)
        export = run.facts.export
        if run.network_path and (export is None or export.network_sha256 != run.sha256):
            from melanoma.training import export_onnx

            progress.begin("exporting to ONNX")
            try:
                export_onnx(run.folder)
            except RunError as error:  # an export unlike its network is not kept, and Keras answers instead
                say(str(error))
    print_report(run.name, report)


def print_report(name: str, report: RunReport) -> None:
    """The headline, the operating points and each diagnosis, as tables."""
    from melanoma.evaluation.tables import list_headline, write_estimate

    calibration, evaluation = report.calibration, report.evaluation
    table = make_table(
        f"{name}: {evaluation.photos} test photos of {evaluation.lesions} lesions", "", "estimate (95 % interval)"
    )
    for label, value in list_headline(evaluation.headline):
        table.add_row(label, write_estimate(label, value))
    show(table)
    table = make_table(
        f"Operating points (temperature {calibration.temperature:.3f})",
        "operating point",
        "threshold",
        "test sensitivity",
        "test specificity",
    )
    for key, point in calibration.operating_points.items():
        rates = (write_share(point.test.sensitivity), write_share(point.test.specificity))
        table.add_row(operating_point_name(key), f"{point.threshold:.4f}", *rates)
    show(table)
    target = percent(calibration.prediction_set.target_coverage)
    table = make_table(
        f"Each diagnosis (coverage: of the prediction set, target {target})",
        "",
        "photos",
        "sensitivity",
        "specificity",
        "AUC",
        "referred",
        "coverage",
    )
    for code, row in evaluation.per_class.items():
        coverage = calibration.prediction_set.test_coverage.get(code)
        rates = (write_share(row.sensitivity), write_share(row.specificity))
        table.add_row(
            code,
            str(row.support),
            *rates,
            write_statistic(row.auc),
            write_share(row.referred),
            write_share(coverage),
        )
    show(table)
    show(RESEARCH_USE)
