"""A card is the same in Markdown and in a PDF."""

import pandas as pd
from pdf_reader import read_text

from melanoma.documents.cards import Section, Table, write_markdown, write_pdf

ROWS = pd.DataFrame({"a": ["x|y"], "b": ["1"]})
SECTION = Section("Ενότητα", ("words", ("first", "second"), Table("Rows", ROWS)))


def test_markdown_of_each_kind_of_block():
    text = "## Ενότητα\n\nwords\n\n- first\n- second\n\n**Rows**\n\n| a | b |\n| --- | --- |\n| x\\|y | 1 |\n"
    assert write_markdown("Card", (SECTION,)) == f"# Card\n\n**Research use only, not a medical device.**\n\n{text}"


def test_pdf_of_each_kind_of_block():
    lines = read_text(write_pdf("Card", (SECTION,))).splitlines()
    assert lines[:2] == ["Research use only, not a medical device.", "Card"]
    assert lines[2:-1] == ["Ενότητα", "words", "• first", "• second", "Rows", "a", "b", "x|y", "1"]
