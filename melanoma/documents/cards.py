"""A card as sections of paragraphs, lists and tables, written as Markdown or as a PDF."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from melanoma.documents import wording
from melanoma.documents.answer import latin


@dataclass(frozen=True)
class Table:
    """A caption, and rows of which each cell is words."""

    caption: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: paragraphs (str), lists (tuple of str), tables."""

    title: str
    blocks: tuple[str | tuple[str, ...] | Table, ...]


def block_markdown(block: str | tuple[str, ...] | Table) -> str:
    """A paragraph, list or captioned table in Markdown."""
    if isinstance(block, Table):
        return f"**{block.caption}**\n\n{table_markdown(block.rows)}"
    return block if isinstance(block, str) else "\n".join(f"- {item}" for item in block)


def table_markdown(rows: pd.DataFrame) -> str:
    """A table whose cells keep their upright strokes."""
    lines = [list(rows.columns), ["---"] * len(rows.columns), *rows.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(cell).replace("|", r"\|") for cell in line) + " |" for line in lines)


def markdown(title: str, sections: tuple[Section, ...]) -> str:
    """A whole card as a Markdown file, research use stated on top."""
    parts = [f"# {title}", f"**{wording.RESEARCH_USE}**"]
    for section in sections:
        parts += [f"## {section.title}", *map(block_markdown, section.blocks)]
    return "\n\n".join(parts) + "\n"


def pdf(title: str, sections: tuple[Section, ...]) -> bytes:
    """A whole card as an A4 PDF, research use stated on top: headings in its outline, text and cells wrapped."""
    from fpdf import FPDF
    from fpdf.fonts import FontFace

    page = FPDF(format="A4")
    page.set_title(latin(title))
    page.set_lang("en")
    page.add_page()

    def say(text: str, size: int = 10, style: str = "", indent: float = 0) -> None:
        page.set_font("Helvetica", style, size)
        page.set_x(page.l_margin + indent)
        page.multi_cell(0, size * 0.5, latin(text), align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(1.5)

    def draw(table: Table) -> None:
        if page.will_page_break(25):  # no caption alone at the foot of a page
            page.add_page()
        say(table.caption, 10, "B")
        page.set_font("Helvetica", "", 8)
        heading = FontFace(emphasis="BOLD")
        with page.table(
            line_height=4.5, text_align="LEFT", borders_layout="HORIZONTAL_LINES", headings_style=heading
        ) as drawn:
            for cells in (list(table.rows.columns), *table.rows.to_numpy().tolist()):
                drawn.row([latin(str(cell)) for cell in cells])
        page.ln(2)

    say(wording.RESEARCH_USE, 10, "B")
    say(title, 18, "B")
    for section in sections:
        page.ln(3)
        if page.will_page_break(30):
            page.add_page()
        page.start_section(latin(section.title))
        say(section.title, 13, "B")
        for block in section.blocks:
            if isinstance(block, Table):
                draw(block)
            elif isinstance(block, str):
                say(block)
            else:
                for item in block:
                    say(f"- {item}", indent=3)
    return bytes(page.output())
