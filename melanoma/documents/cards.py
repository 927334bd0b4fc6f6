"""A card as sections of paragraphs, lists and tables, written as Markdown or as a PDF."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from melanoma.documents.wording import RESEARCH_USE

TALLEST = 90  # mm, of a table that is not parted between two pages


@dataclass(frozen=True)
class Table:
    """A caption, and rows of which each cell is words."""

    caption: str
    rows: pd.DataFrame


Block = str | tuple[str, ...] | Table


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: paragraphs (str), lists (tuple of str), tables."""

    title: str
    blocks: tuple[Block, ...]


def write_block(block: Block) -> str:
    """A paragraph, list or captioned table in Markdown."""
    if isinstance(block, Table):
        return f"**{block.caption}**\n\n{write_table(block.rows)}"
    return block if isinstance(block, str) else "\n".join(f"- {item}" for item in block)


def write_table(rows: pd.DataFrame) -> str:
    """A table in Markdown whose cells keep their upright strokes."""
    lines = [list(rows.columns), ["---"] * len(rows.columns), *rows.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(str(cell).replace("|", r"\|") for cell in line) + " |" for line in lines)


def write_markdown(title: str, sections: tuple[Section, ...]) -> str:
    """A whole card as a Markdown file, research use stated on top."""
    parts = [f"# {title}", f"**{RESEARCH_USE}**"]
    for section in sections:
        parts += [f"## {section.title}", *map(write_block, section.blocks)]
    return "\n\n".join(parts) + "\n"


def write_pdf(title: str, sections: tuple[Section, ...]) -> bytes:
    """A whole card as an A4 PDF, research use stated on top and on every page: headings in its outline."""
    from melanoma.documents.pdf import Document

    page = Document(title, RESEARCH_USE)
    page.say(RESEARCH_USE, 10, bold=True)
    page.say(title, 17, bold=True)
    for section in sections:
        page.start_part(section.title)
        for block in section.blocks:
            if isinstance(block, Table):
                page.keep_together(min(12 + 5 * len(block.rows), TALLEST))
                page.say(block.caption, bold=True)
                page.write_table([str(name) for name in block.rows.columns], block.rows.to_numpy().tolist(), size=7)
            elif isinstance(block, str):
                page.say(block)
            else:
                for item in block:
                    page.say(f"• {item}", indent=3, gap=1)
    return bytes(page.output())
