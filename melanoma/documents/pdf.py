"""PDFs: the one place that knows fonts, margins, and how a line and a table are written.

Names in any script are printed. DejaVu Sans has the Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic
letters, Noto Sans the Devanagari and Thai ones. HarfBuzz joins letters that are written together, and fpdf2 sets from
the right those that are read from there. Fonts for Chinese, Japanese and Korean are too large to ship: a character
that no font here has is printed as its code point, such as [U+4E2D]. So is one that nobody sees, such as [U+202E],
which turns round what follows it: a file's name must not look like another's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from fpdf import FPDF
from fpdf.fonts import FontFace, TTFFont

from melanoma.documents.case import Paper

FONTS = Path(__file__).parent / "fonts"
FAMILY, FALLBACKS = "DejaVuSans", ("NotoSansDevanagari", "NotoSansThai")
LINE = 0.48  # height of a line in mm, for each point of its letters
HIDDEN = ("Cc", "Cf")  # Unicode's categories of characters that are not seen: controls, and what formats others
FROM_THE_RIGHT = ("R", "AL", "AN")  # Unicode's directions of Hebrew and Arabic letters, and of Arabic digits
MARKS = ("Mn", "Mc")  # and its categories of what is put upon or beside a letter
PAGES = "\0"  # stands for the number of pages; no text has it, since `printable` writes it as its code point
NON_JOINER, JOINER = "\u200c", "\u200d"  # which nobody sees either, but Persian and Hindi need
VIRAMA = 9  # Unicode's combining class of the sign that joins letters in Hindi
WIDEST = 34  # letters, of a column: longer cells are wrapped


class Document(FPDF):
    """A document that is written from top to bottom. `note` stands at the foot of every page."""

    def __init__(self, title: str, note: str, paper: Paper = "A4") -> None:
        super().__init__(format=paper)
        self.alias_nb_pages(PAGES)
        self.note = note
        self.add_font(FAMILY, "", FONTS / f"{FAMILY}.ttf")
        self.add_font(FAMILY, "B", FONTS / f"{FAMILY}-Bold.ttf")
        for name in FALLBACKS:
            self.add_font(name, "", FONTS / f"{name}-Regular.ttf")
        self.set_fallback_fonts(list(FALLBACKS), exact_match=False)
        self.letters = {code for font in self.fonts.values() if isinstance(font, TTFFont) for code in font.cmap}
        for font in (self.fonts[key] for key in (FAMILY.lower(), f"{FAMILY.lower()}B")):
            if isinstance(font, TTFFont):  # the joiner is then of the font whose letters it joins, that of Hindi
                font.cmap.pop(ord(JOINER), None)
        self.set_title(title)
        self.set_lang("en")
        self.c_margin = 0  # text, pictures and tables begin on one line
        self.set_auto_page_break(True, margin=16)
        self.add_page()

    def footer(self) -> None:
        """The note and the page's number; FPDF calls it."""
        self.set_y(-12)
        self.set_font(FAMILY, "", 7)
        self.set_text_shaping(False)
        self.cell(0, 4, f"{self.note} Page {self.page_no()} of {PAGES}", align="C")

    def say(self, text: str, size: float = 9, *, bold: bool = False, indent: float = 0, gap: float = 1.5) -> None:
        """A paragraph over the whole width. size: points; indent, gap below: mm."""
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(0, size * LINE, self.prepare(text), align=align_text(text), new_x="LMARGIN", new_y="NEXT")
        self.ln(gap)

    def prepare(self, text: str) -> str:
        """The text as `printable` has it, with shaping switched on where its letters need it."""
        words = self.printable(text)
        self.set_text_shaping(must_be_shaped(words))
        return words

    def write_table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        size: float = 8,
    ) -> None:
        """A table over the whole width, its header repeated on every page. size: points; long cells widen columns."""
        lines = [[self.printable(str(cell)) for cell in cells] for cells in (header, *rows)]
        widths = [min(max(len(cell) for cell in column), WIDEST) + 4 for column in zip(*lines, strict=True)]
        self.set_font(FAMILY, "", size)
        self.set_text_shaping(any(must_be_shaped(cell) for cells in lines for cell in cells))
        with self.table(
            line_height=size * 0.55,
            text_align="LEFT",
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD"),
            col_widths=tuple(widths),
            padding=(0, 2, 0, 0),
        ) as table:
            for line in lines:
                table.row(line)
        self.ln(2)

    def start_part(self, title: str) -> None:
        """A heading, with an entry in the outline; never alone at the foot of a page."""
        self.ln(2)
        self.keep_together(30)
        self.start_section(self.printable(title))
        self.say(title, 13, bold=True)

    def keep_together(self, height: float) -> None:
        """Go to the next page unless so many mm are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def _render_styled_text_line(self, *args: Any, **more: Any) -> bool:
        """A line of text; the next one names its font anew.

        fpdf2 names a font once. Where a line begins in Hindi it does so within what it undoes afterwards, and the next
        line is then lost.
        """
        broken = super()._render_styled_text_line(*args, **more)
        self.current_font_is_set_on_page = False
        return broken

    def close_fonts(self) -> None:
        """Of a document that is given up: `output` closes them by itself."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def printable(self, text: str) -> str:
        """The text with letters and accents put together, and the code point of what no font has or nobody sees."""
        composed = unicodedata.normalize("NFC", text)
        return "".join(
            c if self._is_seen(c) or _joins_letters(composed, place) else f"[U+{ord(c):04X}]"
            for place, c in enumerate(composed)
        )

    def _is_seen(self, character: str) -> bool:
        """Whether a font has it and it is neither a control (Cc) nor a format character (Cf) of Unicode."""
        return ord(character) in self.letters and unicodedata.category(character) not in HIDDEN


def _joins_letters(text: str, place: int) -> bool:
    """Whether a joiner (U+200D) or non-joiner (U+200C) stands where it changes how letters are written.

    That is after a virama, and for the non-joiner between Arabic letters: RFC 5892, appendix A, nearly.
    """
    if text[place] not in (NON_JOINER, JOINER) or not 0 < place < len(text) - 1:
        return False
    before, after = text[place - 1], text[place + 1]
    if unicodedata.combining(before) == VIRAMA:
        return True
    both = {unicodedata.bidirectional(before), unicodedata.bidirectional(after)}
    return text[place] == NON_JOINER and both == {"AL"}


def must_be_shaped(text: str) -> bool:
    """Whether letters are written from the right, or carry marks: they are then joined, turned or moved.

    Other text would look the same, at twice the size of the file.
    """
    return any(unicodedata.bidirectional(c) in FROM_THE_RIGHT or unicodedata.category(c) in MARKS for c in text)


def align_text(text: str) -> Literal["L", "R"]:
    """Where a paragraph begins: on the right where its first letter is written from there."""
    directions = (unicodedata.bidirectional(character) for character in text)
    first = next((direction for direction in directions if direction in ("L", "R", "AL")), "L")
    return "R" if first != "L" else "L"
