"""`predict` and `score`: photos in, calibrated probabilities out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress

    from melanoma.serving.classifier import Classifier, Prediction

out = Console()
err = Console(stderr=True)

ABREAST = 3  # photos in one table: what 80 columns hold

RunName = Annotated[
    str | None, typer.Option("--run", help="A run's name or folder.", show_default="the run that the app opens with")
]
OperatingPoint = Annotated[
    str | None, typer.Option(help="What decides between refer and routine.", show_default="the run's default")
]


def predict(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos of one lesion each.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list instead of a table.")] = False,
    run: RunName = None,
    operating_point: OperatingPoint = None,
) -> None:
    """How likely each of the nine diagnoses is, for a few photos. Exits 2 when one could not be read."""
    from melanoma.photo.photos import ENOUGH, PhotoError, read_photo
    from melanoma.run.folder import RunError

    classifier = opened(run)
    try:
        classifier.operating_point(operating_point)
    except RunError as error:
        raise refused(error) from None
    predictions: dict[str, Prediction] = {}
    failed = False
    for path in photos:
        try:
            predictions[str(path)] = classifier.predict(read_photo(path.read_bytes(), ENOUGH), operating_point)
        except OSError as error:
            failed = True
            say(f"{path}: the file cannot be read: {error.strerror}.")
        except PhotoError as error:
            failed = True
            say(f"{path}: {error}")
    if as_json:
        typer.echo(json.dumps([as_record(path, prediction) for path, prediction in predictions.items()], indent=1))
    elif predictions:
        print_table(predictions, classifier)
    if failed:
        raise typer.Exit(2)


def score(
    photos: Annotated[list[Path], typer.Argument(metavar="FOLDER_OR_FILES...", help="Photos, and folders of photos.")],
    csv_path: Annotated[Path, typer.Option("--out", help="CSV to write, one row a photo.")],
    run: RunName = None,
    operating_point: OperatingPoint = None,
    recursive: Annotated[bool, typer.Option("--recursive", help="Also photos in subfolders.")] = False,
) -> None:
    """Score many photos into a CSV; a file that cannot be used gets a row that says why."""
    from melanoma.run.folder import RunError
    from melanoma.serving import worklist as scoring

    paths = scoring.photo_paths(photos, recursive=recursive)
    if not paths:
        folders = ", ".join(str(path) for path in photos)
        raise refused(f"No photos in {folders}: a photo's name ends in {' '.join(scoring.SUFFIXES)}.")
    if csv_path.resolve() in {path.resolve() for path in paths}:
        raise refused(f"{csv_path} is one of the photos: choose another file for --out.")
    classifier = opened(run, many=True)
    try:
        rows = scoring.scored(classifier, paths, operating_point=operating_point)
        # A file name that is not valid Unicode is written back byte for byte.
        file = csv_path.open("w", newline="", encoding="utf-8", errors="surrogateescape")
    except RunError as error:
        raise refused(error) from None
    except OSError as error:
        raise refused(f"{csv_path} cannot be written: {error.strerror}.") from None
    counts = {"ok": 0, "error": 0}
    with file, progress_bar() as bar:
        task = bar.add_task("scoring", total=len(paths))
        for row in scoring.write_csv(rows, file):
            counts[row["status"]] += 1
            bar.advance(task)
    point = classifier.operating_point(operating_point)[0]
    err.print(
        f"{csv_path}: {counts['ok']} scored, {counts['error']} could not be used; run {classifier.run.name}, "
        f"engine {classifier.engine}, operating point {point}. Research use only; not a diagnosis.",
        highlight=False,
        soft_wrap=True,
    )


def opened(run: str | None, *, many: bool = False) -> Classifier:
    """The classifier of a run by name or folder, for `many` photos or a few; one that cannot answer ends it all."""
    from melanoma.run import folder as runs
    from melanoma.serving.classifier import Classifier

    try:
        return Classifier.open(runs.find_run(run or runs.DEFAULT_RUN), many=many)
    except runs.RunError as error:
        raise refused(error) from None


def refused(reason: object) -> typer.Exit:
    """Say one sentence on stderr; what to raise then."""
    say(str(reason))
    return typer.Exit(2)


def say(sentence: str) -> None:
    """Print to stderr as it is: a file name may look like markup."""
    err.print(sentence, markup=False, highlight=False, soft_wrap=True)


def as_record(path: str, prediction: Prediction) -> dict:
    """A prediction as JSON has it; without pixels and maps."""
    from melanoma.diagnoses import CODES

    return {
        "file": path,
        "probabilities": {c: round(float(p), 6) for c, p in zip(CODES, prediction.probabilities, strict=True)},
        "diagnosis": prediction.top,
        "differential": list(prediction.differential),
        "malignant": round(prediction.malignant, 6),
        "decision": prediction.decision,
        "operating_point": prediction.operating_point,
        "threshold": prediction.threshold,
        "score": round(prediction.score, 6),
        "quality": prediction.quality,
        "run": prediction.run,
        "run_sha256": prediction.run_sha256,
    }


def print_table(predictions: dict[str, Prediction], classifier: Classifier) -> None:
    """A row a diagnosis, a column a photo; below, what the decision's threshold has meant on test."""
    from rich.table import Column, Table

    from melanoma.diagnoses import DIAGNOSES

    answered = list(predictions.items())
    for start in range(0, len(answered), ABREAST):
        shown = answered[start : start + ABREAST]
        table = Table(Column("", no_wrap=True), *(Path(path).name for path, _ in shown))
        for i, diagnosis in enumerate(DIAGNOSES):
            table.add_row(diagnosis.name, *(f"{p.probabilities[i]:.1%}" for _, p in shown))
        table.add_section()
        table.add_row("malignant, sum", *(f"{p.malignant:.1%}" for _, p in shown))
        table.add_row("decision", *(p.decision for _, p in shown))
        table.add_row("differential", *(" ".join(p.differential) for _, p in shown))
        table.add_row("photo quality", *(p.quality for _, p in shown))
        out.print(table)
    first = next(iter(predictions.values()))
    facts = classifier.operating_points[first.operating_point]
    compared = "the malignant sum" if facts["score"] == "malignant" else f"the probability of {facts['score']}"
    sensitivity, specificity = (facts["test"][name] for name in ("sensitivity", "specificity"))
    out.print(
        f"refer: {compared} is at least {first.threshold:.4g} (operating point {first.operating_point}; on test photos "
        f"sensitivity {in_words(sensitivity)}, specificity {in_words(specificity)}).\n"
        f"Run {classifier.run.name}, engine {classifier.engine}.\nResearch use only; not a diagnosis.",
        highlight=False,
    )


def in_words(figure: dict) -> str:
    """A figure with its 95 % interval, in percent."""
    return f"{figure['value']:.0%} ({figure['low']:.0%} to {figure['high']:.0%})"


def progress_bar() -> Progress:
    """On stderr, so that what is piped stays clean."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err)
