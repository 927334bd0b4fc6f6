"""The pages of a report: what stands on each, and how a warning, a labelled value and a column are written."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf.enums import MethodReturnValue

from melanoma.documents.case import CaseDetails, Paper
from melanoma.documents.cautions import Caution
from melanoma.documents.pdf import FAMILY, LINE, Document, align_text
from melanoma.documents.report import Report
from melanoma.documents.wording import RESEARCH_USE

INK, GREY, LIGHT, PALE = 25, 95, 190, 236  # greys from 0, black, to 255: text, labels, rules, grounds
SIDE = 14.0  # mm, margins
GAP = 6.0  # mm, between columns
FOOT = 15  # mm, of a page, for what stands on every one
BAR = 1.6  # mm, width of the bar beside a warning


class ReportPages(Document):
    """The pages of one report. Each says research use at its head and foot, and from the second on whose it is."""

    def __init__(self, report: Report, paper: Paper, *, in_one: bool = False) -> None:
        """in_one: all on one page, however far that goes beyond its foot."""
        self.in_one = in_one
        self.whose = _name_case(report.case, report.picture.name)
        self.made = f"Skin-lesion report, made {report.made:%Y-%m-%d %H:%M} UTC"
        super().__init__("Skin-lesion photo, research report", RESEARCH_USE, paper)

    def header(self) -> None:
        """Research use, when it was made, and on later pages whose report it is; FPDF calls it."""
        self.set_margins(SIDE, 10)
        self.set_auto_page_break(not self.in_one, margin=FOOT)
        self.set_xy(SIDE, 8)
        self.set_text_color(INK)
        self.set_draw_color(GREY)
        self.set_font(FAMILY, "B", 8)
        self.set_text_shaping(False)
        self.cell(self.epw / 2, 4, RESEARCH_USE)
        self.set_font(FAMILY, "", 7)
        self.cell(self.epw / 2, 4, self.made, align="R", new_x="LMARGIN", new_y="NEXT")
        if self.page_no() > 1:
            self.write_at(SIDE, self.epw, self.whose, 8)
        self.ln(2)

    @property
    def excess(self) -> float:
        """How far, in mm, what was written goes beyond the foot of the page; below 0: how much room is left."""
        return self.get_y() - (self.h - FOOT)

    def write_at(
        self, x: float, width: float, text: str, size: float = 8, *, bold: bool = False, grey: int = INK
    ) -> None:
        """A paragraph in a column that begins at x, from the present height on; the next stands below it. In mm."""
        words = self._set_words(text, size, bold=bold)
        self.set_text_color(grey)
        self.set_x(x)
        self.multi_cell(width, size * LINE, words, align=align_text(text), new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(INK)

    def measure(self, width: float, text: str, size: float = 8, *, bold: bool = False) -> float:
        """How high, in mm, `write_at` writes the text."""
        words = self._set_words(text, size, bold=bold)
        height = self.multi_cell(width, size * LINE, words, dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(height, float)
        return height

    def _set_words(self, text: str, size: float, *, bold: bool) -> str:
        self.set_font(FAMILY, "B" if bold else "", size)
        return self.prepare(text)

    def write_caution(self, caution: Caution) -> None:
        """A warning on a grey ground, with a black bar at its side."""
        x, width = SIDE + BAR + 3, self.epw - BAR - 6
        height = self.measure(width, caution.title, 11, bold=True) + self.measure(width, caution.text, 9) + 4
        top = self.get_y()
        self.set_fill_color(PALE)
        self.rect(SIDE, top, self.epw, height, "F")
        self.set_fill_color(INK)
        self.rect(SIDE, top, BAR, height, "F")
        self.set_y(top + 2)
        self.write_at(x, width, caution.title, 11, bold=True)
        self.write_at(x, width, caution.text, 9)
        self.set_y(top + height + 2)

    def write_values(self, values: Sequence[tuple[str, str]]) -> None:
        """Values side by side, each below its label; those that are empty are left out."""
        shown = [(label, value) for label, value in values if value]
        width = (self.epw - GAP * (len(shown) - 1)) / len(shown)
        top = bottom = self.get_y()
        for place, (label, value) in enumerate(shown):
            x = SIDE + place * (width + GAP)
            self.set_y(top)
            self.write_at(x, width, label, 7, grey=GREY)
            self.write_at(x, width, value, 10)
            bottom = max(bottom, self.get_y())
        self.set_y(bottom)

    def write_text(self, label: str, text: str) -> None:
        """What a clinician wrote, line by line, over as many pages as it takes; nothing where it is empty."""
        if not text.strip():
            return
        self.keep_together(14)
        self.write_at(SIDE, self.epw, label, 7, grey=GREY)
        for line in text.expandtabs(4).splitlines():
            if line.strip():
                self.write_at(SIDE, self.epw, line, 9)
            else:
                self.ln(2)
        self.ln(1.5)

    def draw_rule(self) -> None:
        """A thin line over the whole width, between two parts."""
        self.ln(1)
        self.set_draw_color(LIGHT)
        self.set_line_width(0.2)
        self.line(SIDE, self.get_y(), SIDE + self.epw, self.get_y())
        self.ln(1.5)


def _name_case(case: CaseDetails, photo_name: str) -> str:
    return " · ".join(filter(None, (case.reference, case.site, case.date, photo_name)))
