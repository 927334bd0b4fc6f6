"""A worklist to take away: CSV and JSON with all rows, and one PDF of those that were chosen. Made in memory."""

from __future__ import annotations

import datetime
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from melanoma.diagnoses import NAMES
from melanoma.documents import wording
from melanoma.documents.answer import as_lesion_record, as_record
from melanoma.estimates import percent
from melanoma.photo import Photo
from melanoma.run import PredictionSet, Run, operating_point_name
from melanoma.serving import REFER, ROUTINE, UNDECIDED, Prediction
from melanoma.serving.cells import plain_cell
from melanoma.serving.rows import COLUMNS, prediction_columns, write_csv
from melanoma.serving.worklist import NOT_JUDGED, STANDINGS, WITHOUT_PIXELS, JudgedPhoto, Standing, WorklistRow

if TYPE_CHECKING:
    from melanoma.documents.pdf import Document
    from melanoma.documents.worklist_maps import PrintedMap

DrawMap = Callable[[JudgedPhoto], "PrintedMap | None"]

# Told apart by shape, not by colour.
MARKS: dict[Standing, str] = {REFER: "▲", UNDECIDED: "◐", NOT_JUDGED: "□", ROUTINE: "○"}
MELANOMA = "MEL"
SIDE = 30  # of a picture in the PDF, mm
GAP = 5  # beside it, mm
MOST_MAPS = 100  # photos whose map is drawn: each takes a tenth of a second


def write_standing(standing: Standing) -> str:
    """A standing in words with its mark: `▲ Refer`."""
    return f"{MARKS[standing]} {standing.capitalize()}"


def as_csv(rows: Iterable[WorklistRow]) -> str:
    """Header and rows in the columns of `python -m melanoma score`: one a photo, and one more for a grouped lesion."""
    file = io.StringIO()
    for _ in write_csv((line for row in rows for line in list_cells(row)), file):
        pass
    return file.getvalue()


def list_cells(row: WorklistRow) -> Iterator[dict[str, str]]:
    """Of one lesion: a row of COLUMNS for each photo, and for the lesion where it has several."""
    for photo in row.photos:
        yield {"file": plain_cell(photo.name), "sha256": photo.sha256} | _answer_columns(
            photo.prediction, photo.problem
        )
    if row.lesion:
        yield {"file": plain_cell(row.name), "sha256": ""} | _answer_columns(row.prediction, row.problem)


def _answer_columns(prediction: Prediction | None, problem: str) -> dict[str, str]:
    """The columns but for file and hash."""
    rest = dict.fromkeys(COLUMNS[2:], "")
    if prediction is None:
        return rest | {"status": "error", "message": problem}
    return rest | {"status": "ok"} | prediction_columns(prediction)


def as_json(rows: Iterable[WorklistRow]) -> str:
    """A list of records as `answer.as_record` makes them; what could not be answered has `error` instead."""
    records = [record for row in rows for record in list_records(row)]
    return json.dumps(records, indent=1, allow_nan=False) + "\n"


def list_records(row: WorklistRow) -> list[dict[str, Any]]:
    """Of one lesion: a record for each photo, and for the lesion where it has several."""
    records = [_photo_record(photo) for photo in row.photos]
    if not row.lesion:
        return records
    if row.prediction is None:
        files = {"lesion": [one["file"] for one in records], "sha256": [one["sha256"] for one in records]}
        return [*records, {"name": row.lesion, **files, "error": row.problem}]
    return [*records, {"name": row.lesion, **as_lesion_record(records, row.prediction)}]


def _photo_record(photo: JudgedPhoto) -> dict[str, Any]:
    if photo.prediction is None:
        return {"file": photo.name, "sha256": photo.sha256, "error": photo.problem}
    return as_record(photo.name, Photo(WITHOUT_PIXELS, photo.sha256, "", photo.notes), photo.prediction)


def as_pdf(rows: Sequence[WorklistRow], run: Run, draw_map: DrawMap = lambda _: None) -> bytes:
    """A cover with a table of the rows, and after it what is said of each, with its photos.

    draw_map: of a photo, put beside it, for the first MOST_MAPS photos.
    """
    from melanoma.documents.pdf import Document

    page = Document("Worklist of skin-lesion photos, research report", wording.RESEARCH_USE)
    page.say(wording.RESEARCH_USE, 9, bold=True)
    page.say("Worklist", 15, bold=True)
    page.say(f"{describe_rows(rows)} Routine does not rule out melanoma.", 10)
    header = ("", "Decision", "Malignancy", "Melanoma", "Kind", "Quality", "File")
    page.write_table(header, [(str(n), *list_figures(row), row.name) for n, row in enumerate(rows, 1)], size=7.5)
    for words in dict.fromkeys(describe_point(row.judged) for row in rows if row.judged):
        page.say(words, 8)
    time = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    page.say(f"{wording.describe_network(run)} Made {time}.", 8)
    page.start_part("Lesions")
    pictured = [photo for row in rows for photo in row.photos if photo.thumbnail][:MOST_MAPS]
    maps = {photo.number: drawn for photo in pictured if (drawn := draw_map(photo))}
    if maps:
        page.say(f"{ABOUT_MAPS} Drawn for the first {MOST_MAPS} photos at most.", 8)
    for number, row in enumerate(rows, 1):
        _write_row(page, number, row, run, maps)
    return bytes(page.output())


def describe_point(prediction: Prediction) -> str:
    """What the threshold has meant on test photos of such a kind."""
    kind = "both kinds of photo" if prediction.shows_both_kinds else f"{wording.KIND_NAMES[prediction.kind.kind]}s"
    name = operating_point_name(prediction.operating_point)
    return f"Operating point {name}, {kind}. {wording.describe_threshold(prediction.point)}"


def describe_rows(rows: Iterable[WorklistRow]) -> str:
    """How many lesions stand where: `12 lesions: 3 refer, 1 undecided, 2 not judged, 6 routine.`"""
    counts = Counter(row.standing for row in rows)
    total = counts.total()
    parts = ", ".join(f"{counts[standing]} {standing}" for standing in STANDINGS if counts[standing])
    return f"{total} {'lesion' if total == 1 else 'lesions'}{': ' if parts else ''}{parts}. {ORDER}"


ABOUT_MAPS = (
    "Beside a photo: Grad-CAM for its likeliest diagnosis. A map shows where the network looked, and not whether it is "
    "right."
)
ORDER = "What could not be judged stands above what is routine."


def list_figures(row: WorklistRow) -> tuple[str, str, str, str, str]:
    """Decision, malignancy and melanoma probability, kind, quality; probabilities only where the row was judged."""
    judged, prediction = row.judged, row.prediction
    return (
        write_standing(row.standing),
        percent(judged.malignancy) if judged else "",
        percent(judged.probability(MELANOMA)) if judged else "",
        prediction.kind_name if prediction else "",
        prediction.assessment.quality if prediction else "",
    )


def choose_prediction_set(run: Run, prediction: Prediction) -> PredictionSet:
    """Which diagnoses the run's answers to such photos name."""
    calibration = run.calibration
    assert calibration is not None  # it has answered
    if prediction.shows_both_kinds and calibration.pair is not None:
        return calibration.pair.prediction_set
    return calibration.of_kind(prediction.kind.kind).prediction_set


def _write_row(page: Document, number: int, row: WorklistRow, run: Run, maps: Mapping[int, PrintedMap]) -> None:
    """A lesion's photos at the left with their maps, by number; beside them what is said of it; on one page."""
    height = max(len(row.photos) * (SIDE + 2), SIDE + 14)
    page.keep_together(min(height, page.eph))
    top, first = page.get_y(), page.page_no()
    for place, photo in enumerate(photo for photo in row.photos if photo.thumbnail):
        y = top + place * (SIDE + 2)
        page.image(io.BytesIO(photo.thumbnail), x=page.l_margin, y=y, w=SIDE)
        if photo.number in maps:
            page.image(io.BytesIO(maps[photo.number].jpeg), x=page.l_margin + SIDE + 1, y=y, w=SIDE)
    indent = GAP + (2 * SIDE + 1 if maps else SIDE)
    page.say(f"{number}. {write_standing(row.standing)}", 11, bold=True, indent=indent, gap=0.5)
    for words in describe_row(row, run):
        page.say(words, 8, indent=indent, gap=0.5)
    for photo in row.photos:
        drawn = f", map for {NAMES[maps[photo.number].diagnosis]}" if photo.number in maps else ""
        page.say(f"{photo.name}{drawn}, SHA-256 {photo.sha256 or 'unknown'}", 6.5, indent=indent, gap=0.3)
    if page.page_no() == first:
        page.set_y(max(page.get_y(), top + len(row.photos) * (SIDE + 2)) + 3)


def describe_row(row: WorklistRow, run: Run) -> list[str]:
    """What is said of a lesion: why it could not be judged, or decision, diagnoses, kind and what is wrong with it."""
    prediction = row.judged
    if prediction is None:
        return [row.reason]
    words = [
        wording.write_headline(prediction),
        wording.describe_diagnoses(prediction, choose_prediction_set(run, prediction)),
        wording.describe_kind(prediction),
        row.reason,
    ]
    return [one.replace("**", "") for one in words if one]
