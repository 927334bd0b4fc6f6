"""A report as a PDF: one page where it fits, on A4 or Letter, for a reader in a hurry.

From top to bottom: warnings, whose photo it is, decision, photo beside map, probabilities beside what the threshold has
meant, kind and quality, the clinician's own part, limits, provenance. Words, frames and fills tell decisions apart, not
colours: it is printed in black and white too.
"""

from __future__ import annotations

from melanoma.diagnoses import MALIGNANT, NAMES
from melanoma.documents import wording
from melanoma.documents.case import Paper
from melanoma.documents.pdf import FAMILY
from melanoma.documents.report import Report, name_program
from melanoma.documents.report_pages import GAP, GREY, INK, PALE, SIDE, ReportPages
from melanoma.documents.report_pictures import place_map, place_photos
from melanoma.estimates import percent, percent_apart
from melanoma.run import operating_point_name
from melanoma.serving import REFER, UNDECIDED, Prediction

LARGEST, SMALLEST = 66.0, 46.0  # mm, side of a printed crop, made smaller where the report is then one page
ROW = 4.6  # mm, height of a row of figures
COLUMNS = (("Code", 11.0, "L"), ("Diagnosis", 48.0, "L"), ("Counted as", 22.0, "L"), ("Probability", 15.5, "R"))
BARS = 8.0  # mm, width of a bar for all of 100 %
LEFT = sum(width for _, width, _ in COLUMNS) + BARS
MAP_CAUTION = "A map shows where the network looked, not whether it is right."


def as_pdf(report: Report, paper: Paper = "A4") -> bytes:
    """The report, with its fonts embedded: on one page where that leaves pictures of a useful size."""
    page = _lay_out(report, paper, LARGEST, in_one=True)
    if page.excess > 0:
        side = LARGEST - page.excess
        page.close_fonts()
        page = _lay_out(report, paper, side if side >= SMALLEST else LARGEST)
    return bytes(page.output())


def _lay_out(report: Report, paper: Paper, side: float, *, in_one: bool = False) -> ReportPages:
    """side: of a printed crop, mm; in_one: on one page, however far that goes beyond its foot."""
    page = ReportPages(report, paper, in_one=in_one)
    for caution in report.cautions:
        page.write_caution(caution)
    _write_case(page, report)
    _write_decision(page, report)
    if report.is_of_several_photos:
        place_photos(page, report)
        _write_photos(page, report)
    place_map(page, report, side)
    _write_figures(page, report)
    _write_reading(page, report)
    _write_own_part(page, report)
    _write_provenance(page, report)
    return page


def _write_case(page: ReportPages, report: Report) -> None:
    """Whose photo it is, and which."""
    case = report.case
    photo = f"{len(report.photos)} of one lesion" if report.is_of_several_photos else report.picture.name
    page.write_values(
        (
            ("Case", case.reference),
            ("Body site", case.site),
            ("Date of photo", case.date),
            ("Photos" if report.is_of_several_photos else "Photo", photo),
        )
    )
    page.ln(2.5)


def _write_decision(page: ReportPages, report: Report) -> None:
    """The decision in a box, beside it what it rests on; below, the likeliest diagnosis and the prediction set."""
    prediction = report.prediction
    _, word, rest = wording.write_headline(prediction).split("**", 2)
    word, rest = word.strip(" ."), rest.strip()
    page.set_font(FAMILY, "B", 17)
    page.set_text_shaping(False)
    top, width = page.get_y(), page.get_string_width(word) + 10
    _draw_box(page, prediction, top, width)
    page.set_xy(SIDE, top)
    page.set_text_color(255 if prediction.decision == REFER else INK)
    page.cell(width, 12, word, align="C")
    page.set_text_color(INK)
    room = page.epw - width - GAP
    page.set_y(top + max(0, 6 - page.measure(room, rest, 11, bold=True) / 2))
    page.write_at(SIDE + width + GAP, room, rest, 11, bold=True)
    page.set_y(max(page.get_y(), top + 12) + 2)
    page.write_at(SIDE, page.epw, wording.describe_diagnoses(prediction, report.prediction_set).replace("**", ""), 9)
    page.ln(2)


def _draw_box(page: ReportPages, prediction: Prediction, top: float, width: float) -> None:
    """Filled for `refer`, with a thick frame for `undecided`, with a thin one for `routine`."""
    page.set_fill_color(INK)
    page.set_draw_color(INK)
    page.set_line_width(1.0 if prediction.decision == UNDECIDED else 0.3)
    page.rect(SIDE, top, width, 12, "DF" if prediction.decision == REFER else "D")


def _write_photos(page: ReportPages, report: Report) -> None:
    """What each photo of the lesion gave by itself."""
    table = wording.tabulate_lesion(report.photos)
    rows = [(str(number), *cells) for number, cells in enumerate(table.astype(str).to_numpy().tolist(), 1)]
    page.set_fill_color(255)
    page.write_table(("", *table.columns), rows, size=7.5)


def _write_figures(page: ReportPages, report: Report) -> None:
    """The nine probabilities; beside them what the threshold is and what it has meant on test photos."""
    page.keep_together(12 * ROW)
    page.ln(1)
    top = page.get_y()
    _write_probabilities(page, report.prediction)
    bottom = page.get_y()
    page.set_y(top)
    _write_threshold(page, report, SIDE + LEFT + GAP, page.epw - LEFT - GAP)
    page.set_y(max(bottom, page.get_y()) + 1.5)


def _write_probabilities(page: ReportPages, prediction: Prediction) -> None:
    """A row a diagnosis, the likeliest first, with a bar; those of the prediction set in bold."""
    page.set_text_shaping(False)
    _write_row(page, [name for name, _, _ in COLUMNS], grey=GREY, size=7)
    for code in prediction.ranked:
        share = prediction.probability(code)
        kind = "◆ malignant" if code in MALIGNANT else "◇ benign"
        x, y = SIDE + LEFT - BARS + 2, page.get_y()
        _write_row(page, [code, NAMES[code], kind, percent(share)], bold=code in prediction.differential)
        page.set_fill_color(PALE)
        page.rect(x, y + 1, BARS, ROW - 2, "F")
        page.set_fill_color(INK)
        page.rect(x, y + 1, share * BARS, ROW - 2, "F")
    page.ln(0.5)
    page.write_at(SIDE, LEFT, "Bold: in the prediction set. Actinic keratosis counts as malignant here.", 7, grey=GREY)


def _write_row(page: ReportPages, cells: list[str], *, bold: bool = False, grey: int = INK, size: float = 8) -> None:
    page.set_font(FAMILY, "B" if bold else "", size)
    page.set_text_color(grey)
    page.set_x(SIDE)
    for (_, width, align), cell in zip(COLUMNS, cells, strict=True):
        page.cell(width, ROW, cell, align=align)
    page.ln(ROW)
    page.set_text_color(INK)


def list_threshold(report: Report) -> list[tuple[str, str]]:
    """What is compared with which threshold, and what that has meant on test photos, as rows of two cells."""
    prediction, point = report.prediction, report.prediction.point
    name = point.score_name
    rows = [
        ("Operating point", operating_point_name(prediction.operating_point)),
        (f"{name[0].upper()}{name[1:]}", percent_apart(prediction.score, point.threshold)),
        ("Refer from", percent_apart(point.threshold, prediction.score)),
    ]
    if point.abstention:
        rows.append(("Undecided from", percent_apart(point.least_score, point.threshold)))
    rows += [
        ("Test sensitivity", wording.write_share(point.test.sensitivity)),
        ("Test specificity", wording.write_share(point.test.specificity)),
    ]
    if report.prevalence:
        rows += [
            ("Prevalence chosen", percent(report.prevalence)),
            ("Positive predictive value", wording.write_share(report.positive_predictive_value)),
            ("Negative predictive value", wording.write_share(report.negative_predictive_value)),
        ]
    return rows


def _write_threshold(page: ReportPages, report: Report, x: float, width: float) -> None:
    page.set_text_shaping(False)
    page.set_font(FAMILY, "", 7)
    page.set_text_color(GREY)
    page.set_x(x)
    page.cell(width, ROW, "The threshold, and what it has meant on test photos")
    page.set_text_color(INK)
    page.ln(ROW)
    page.set_draw_color(PALE)
    page.set_line_width(0.2)
    for label, value in list_threshold(report):
        page.set_font(FAMILY, "", 8)
        page.set_x(x)
        page.cell(width, ROW, label)
        page.set_font(FAMILY, "B", 8)
        page.set_x(x)
        page.cell(width, ROW, value, align="R")
        page.line(x, page.get_y() + ROW, x + width, page.get_y() + ROW)
        page.ln(ROW)
    page.ln(0.5)
    page.write_at(x, width, "In brackets: 95 % intervals.", 7, grey=GREY)


def _write_reading(page: ReportPages, report: Report) -> None:
    """As which kind the photos were read, their quality, and what was changed on reading them."""
    words = wording.describe_reading(report.prediction)
    if not report.is_of_several_photos:
        words += f" Quality: {report.prediction.assessment.quality}."
    page.write_at(SIDE, page.epw, f"{words} {_describe_changes(report)}", 8)
    point = report.prediction.point
    if point.abstention:
        page.write_at(SIDE, page.epw, wording.describe_abstention(point.abstention, point.threshold), 8)


def _describe_changes(report: Report) -> str:
    """What was changed when the photos were read, as one sentence."""
    notes = ["; ".join(reported.photo.notes) for reported in report.photos]
    if report.is_of_several_photos:
        notes = [f"photo {number}: {note}" for number, note in enumerate(notes, 1) if note]
    return f"Changed when read: {'. '.join(filter(None, notes)) or 'nothing'}."


def _write_own_part(page: ReportPages, report: Report) -> None:
    """What the clinician found and concluded, and where to sign."""
    case = report.case
    page.draw_rule()
    page.write_text("Clinician's own findings", case.findings)
    page.write_text("Clinician's own conclusion", case.conclusion)
    _write_signature(page, case.name)
    page.ln(1)


def _write_signature(page: ReportPages, name: str) -> None:
    """Three lines side by side: for the name, which may stand there already, for signature and date."""
    width = (page.epw - 2 * GAP) / 3
    height = page.measure(width, name, 9) if name else 0
    page.keep_together(height + 12)
    page.ln(max(6 - height, 0))
    if name:
        page.write_at(SIDE, width, name, 9)
    y = page.get_y() + 0.5
    page.set_draw_color(INK)
    page.set_line_width(0.2)
    for place, label in enumerate(("Clinician's name", "Signature", "Date of signature")):
        x = SIDE + place * (width + GAP)
        page.line(x, y, x + width, y)
        page.set_y(y + 0.5)
        page.write_at(x, width, label, 7, grey=GREY)


def _write_provenance(page: ReportPages, report: Report) -> None:
    """Known limits, and what made this answer."""
    prediction = report.prediction
    page.draw_rule()
    page.keep_together(26)
    page.write_at(SIDE, page.epw, "Known limits", 7, grey=GREY)
    for limit in (*report.limits, MAP_CAUTION):
        page.write_at(SIDE, page.epw, f"– {limit}", 7)
    page.ln(1)
    for number, reported in enumerate(report.photos, 1):
        which = f"Photo {number}" if report.is_of_several_photos else "Photo"
        page.write_at(SIDE, page.epw, f"{which}: SHA-256 {reported.photo.sha256}", 7, grey=GREY)
    made = f"Network {prediction.run}: SHA-256 {prediction.run_sha256}"
    page.write_at(SIDE, page.epw, f"{made} · {name_program()}", 7, grey=GREY)
