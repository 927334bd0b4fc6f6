"""`predict`: photos in, calibrated probabilities and a decision out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import Models, PhotoKind, Photos, PointName, RunOption
from melanoma.commands.console import make_table, refuse_errors, say, show
from melanoma.documents.wording import (
    RESEARCH_USE,
    describe_kind,
    describe_network,
    describe_threshold,
    write_headline,
)
from melanoma.estimates import percent
from melanoma.run import DEFAULT_RUN, MODELS, RunError, find_run, operating_point_name
from melanoma.sources import DERMOSCOPIC

if TYPE_CHECKING:
    from melanoma.photo import Photo
    from melanoma.serving import Classifier, Prediction

ABREAST = 3  # photos in one table: what 80 columns hold


def predict(
    photos: Photos,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list instead of a table.")] = False,
    run: RunOption = DEFAULT_RUN,
    operating_point: PointName = None,
    kind: PhotoKind = None,
    same_lesion: Annotated[
        bool, typer.Option("--same-lesion", help="All photos show one lesion, which gets one more answer.")
    ] = False,
    models: Models = MODELS,
) -> None:
    """How likely each of the nine diagnoses is, for a few photos. Exits 2 when one could not be read."""
    from melanoma.photo import ENOUGH, PhotoError, prepare_reading, read_file, read_photo_safely
    from melanoma.serving import Classifier, answer_lesion

    prepare_reading()
    with refuse_errors(RunError):
        classifier = Classifier.open(find_run(run, models))
        classifier.operating_point(operating_point, kind or DERMOSCOPIC)
    answers: list[tuple[str, Photo, Prediction]] = []
    for path in photos:
        try:
            photo = read_photo_safely(read_file(path), ENOUGH)
            answers.append((str(path), photo, classifier.predict(photo, operating_point, kind)))
        except OSError as error:
            say(f"{path}: the file cannot be read: {error.strerror}.")
        except (PhotoError, RunError) as error:
            say(f"{path}: {error}")
    named = [(name, prediction) for name, _, prediction in answers]
    lesion: Prediction | None = None
    if same_lesion and len(answers) > 1:
        with refuse_errors(RunError):
            lesion = answer_lesion(classifier, [prediction for _, prediction in named], operating_point)
    if as_json:
        from melanoma.documents.answer import list_records

        typer.echo(json.dumps(list_records(answers, lesion), indent=1))
    elif answers:
        print_answers([*named, ("lesion", lesion)] if lesion else named, classifier)
    if len(answers) < len(photos):
        raise typer.Exit(2)


def print_answers(answers: list[tuple[str, Prediction]], classifier: Classifier) -> None:
    """A row a diagnosis, a column a photo; below, what the decision's threshold has meant on test."""
    from melanoma.diagnoses import DIAGNOSES

    for start in range(0, len(answers), ABREAST):
        some = answers[start : start + ABREAST]
        table = make_table("", "", *(Path(name).name for name, _ in some))
        for diagnosis in DIAGNOSES:
            table.add_row(diagnosis.name, *(percent(answer.probability(diagnosis.code)) for _, answer in some))
        table.add_section()
        table.add_row("malignancy probability", *(percent(answer.malignancy) for _, answer in some))
        table.add_row("decision", *(answer.decision for _, answer in some))
        table.add_row("prediction set", *(" ".join(answer.differential) for _, answer in some))
        table.add_row("photo quality", *(answer.assessment.quality for _, answer in some))
        table.add_row("kind of photo", *(answer.kind_name for _, answer in some))
        show(table)
    for name, answer in answers:
        headline = write_headline(answer).replace("**", "")
        show(" ".join((f"{name}: {headline}", *answer.assessment.reasons)))
    noteworthy = [one for _, one in answers if one.kind_name != DERMOSCOPIC or one.assessment.cautions]
    for words in dict.fromkeys(map(describe_kind, noteworthy)):
        show(words)
    points = {describe_threshold(one.point): one.operating_point for _, one in answers}  # one of each kind of photo
    for words, point in points.items():
        show(f"Operating point {operating_point_name(point)}. {words}")
    show(f"{describe_network(classifier.run)} Engine {classifier.engine}.")
    show(RESEARCH_USE)
