"""`evaluate`: a run's test figures, calibration and robustness, from the photos or from its predictions."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console

from melanoma.run import folder as runs

# Parts of evaluation.json that predictions cannot remake
FROM_PHOTOS = ("robustness", "source_probe", "unfamiliar", "specimens")
FROM_TABLES = ("per_age", "per_sex", "per_site")


def evaluate(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    data: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder that holds the downloads; without it, no photo is read."
        ),
    ] = None,
    robustness: Annotated[bool, typer.Option(help="With --data: also artefacts, sources, unlike photos.")] = True,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = runs.MODELS,
) -> None:
    """Measure a run on its own test split: figures with intervals, calibration, operating points.

    With --data the network answers every validation and test photo anew, and figures are made for age
    groups, sexes and body sites; without it all that can be remade from the run's predictions.csv is.
    """
    console = Console()
    try:
        opened = runs.find_run(run, models)
        if opened.state == "training":
            raise runs.RunError(f"{opened.name} is still training: wait until it has finished, then evaluate it.")
        remake(opened, data, robustness, console)
    except (runs.RunError, FileNotFoundError) as error:
        Console(stderr=True).print(str(error), style="bold", soft_wrap=True)
        raise typer.Exit(2) from error


def remake(run: runs.Run, data: Path | None, robustness: bool, console: Console) -> None:
    """Write predictions.csv (with `data`), calibration.json and evaluation.json; then seal the run.

    Nothing is written before all is computed: Ctrl-C leaves the run as it was.
    """
    from melanoma.evaluation.calibration import calibrate, tempered
    from melanoma.evaluation.metrics import assess, probabilities_of

    answered = None
    if data:
        from melanoma.commands.evaluation_photos import answer_photos

        answered = answer_photos(run, data, console)
    predictions = answered.predictions if answered else stored(run)
    with console.status("Figures and their intervals"):
        grouped = with_groups(run, predictions)
        calibration = calibrate(grouped)
        test = grouped[grouped["split"] == "test"]
        before = probabilities_of(test)
        threshold = calibration["operating_points"][calibration["default_operating_point"]]["threshold"]
        probabilities = tempered(before, calibration["temperature"])
        results = assess(test, before, probabilities, threshold)
    parts = still_true(run)
    if data:
        from melanoma.evaluation.subgroups import per_patient_group, read_patients

        with console.status("Figures by age, sex and body site"):
            parts |= per_patient_group(test, read_patients(data), probabilities, threshold, before=before)
    if answered and robustness:
        from melanoma.commands.evaluation_photos import examine

        parts |= examine(answered, calibration, data, console)
    evaluation = {
        "command": f"python -m melanoma evaluate models/{run.name}" + (" --data DATA" if run.network_path else ""),
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "data_fingerprint": run.facts.get("data", {}).get("fingerprint"),
        "network_sha256": run.sha256,
        **results,
        **parts,
    }
    if answered:
        evaluation["specimens"] = specimen_answers(answered.network, run.input_size)
    if answered:
        predictions.to_csv(run.folder / "predictions.csv", index=False, float_format="%.7g")
    runs.write_json(run.folder / "calibration.json", calibration)
    runs.write_json(run.folder / "evaluation.json", evaluation)
    runs.seal(run.folder)
    if run.network_path and run.facts.get("export", {}).get("network_sha256") != run.sha256:
        from melanoma.training.export import export

        with console.status("Exporting the network for the light engine"):
            try:
                export(run.folder)
            except runs.RunError as error:  # an export unlike its network is not kept, and Keras answers instead
                console.print(str(error), style="bold", soft_wrap=True)
    show(run.name, calibration, evaluation, console)


def specimen_answers(network, size: int) -> list[dict]:
    """Uncalibrated probabilities of drawn specimens: what serving must reproduce, with no real photo at hand."""
    from melanoma.evaluation.metrics import softmax
    from melanoma.photo.preprocessing import network_input
    from melanoma.photo.synthetic import draw_example
    from melanoma.training.fit import logits_of

    seeds = range(4)
    inputs = np.stack([network_input(draw_example(seed), size) for seed in seeds])
    answers = softmax(logits_of(network, inputs).astype(np.float64))
    return [{"seed": s, "probabilities": answer.round(7).tolist()} for s, answer in zip(seeds, answers, strict=True)]


def still_true(run: runs.Run) -> dict:
    """Parts of the run's evaluation.json that this command keeps as they are: measured on the same network."""
    before = run.evaluation or {}
    if before.get("network_sha256", run.sha256) != run.sha256:
        return {}
    return {name: before[name] for name in (*FROM_TABLES, *FROM_PHOTOS, "faithfulness") if name in before}


def stored(run: runs.Run) -> pd.DataFrame:
    """The run's predictions.csv; RunError, saying what to do, where it has none."""
    if run.predictions is not None:
        return run.predictions
    if run.network_path:
        raise runs.RunError(f"{run.name} has no predictions yet: give the folder of photos with --data.")
    raise runs.RunError(f"{run.name} has neither a network nor predictions, so there is nothing to evaluate.")


def with_groups(run: runs.Run, predictions: pd.DataFrame) -> pd.DataFrame:
    """Predictions with the lesion `group` of each photo, from split.csv."""
    if run.split is None:
        raise runs.RunError(f"{run.name} has no split.csv, so its lesions are unknown. Train it again.")
    groups = run.split.drop_duplicates("image_id").set_index("image_id")["group"]
    grouped = predictions.assign(group=predictions["image_id"].map(groups))
    if grouped["group"].isna().any() or not {"validation", "test"} <= set(grouped["split"]):
        raise runs.RunError(f"{run.name}: predictions.csv does not fit split.csv. Evaluate again with --data.")
    return grouped


def show(name: str, calibration: dict, evaluation: dict, console: Console) -> None:
    """Print the summary tables."""
    from rich.table import Table

    table = Table(
        title=f"{name}: {evaluation['photos']} test photos of {evaluation['lesions']} lesions", title_style="bold"
    )
    for column in ("figure", "value", "95 % interval"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for key, value in evaluation["figures"].items():
        table.add_row(key, *cells(value))
    console.print(table)

    table = Table(title=f"Operating points (temperature {calibration['temperature']:.3f})", title_style="bold")
    for column in ("point", "threshold", "test sensitivity", "test specificity"):
        table.add_column(column, justify="left" if column == "point" else "right")
    for key, point in calibration["operating_points"].items():
        rates = point["test"]
        shown = ("{} ({})".format(*cells(rates[name])) for name in ("sensitivity", "specificity"))
        table.add_row(key, f"{point['threshold']:.4f}", *shown)
    console.print(table)

    table = Table(title="Each diagnosis (coverage: of the differential, 90 % asked)", title_style="bold")
    for column in ("", "photos", "sensitivity", "specificity", "AUC", "referred", "coverage"):
        table.add_column(column, justify="right" if column else "left")
    for code, row in evaluation["per_class"].items():
        values = (row[name] for name in ("sensitivity", "specificity", "auc", "referred"))
        covered = calibration["conformal"]["test_coverage"][code]
        table.add_row(code, str(row["support"]), *(cells(value)[0] for value in (*values, covered)))
    console.print(table)
    console.print("Research use only; not a medical device.")


def cells(figure: dict | None) -> tuple[str, str]:
    """Value and interval as text."""
    if figure is None:
        return "–", "–"
    return f"{figure['value']:.3f}", f"{figure['low']:.3f}–{figure['high']:.3f}"
