"""What every PDF has: research use on each page, whole headings, cells that are read."""

import pytest
from pdf_reader import count_pages, list_glyphs, read_text

from melanoma.documents.pdf import FALLBACKS, FAMILY, FONTS, Document, align_text


def test_fonts_come_with_their_licences():
    files = {path.name for path in FONTS.iterdir()}
    assert {f"{FAMILY}.ttf", f"{FAMILY}-Bold.ttf", *(f"{name}-Regular.ttf" for name in FALLBACKS)} <= files
    assert {"LICENSE-DejaVu.txt", "LICENSE-Noto.txt"} <= files


def test_the_note_stands_on_every_page():
    page = Document("A title", "Research use only.")
    for _ in range(90):
        page.say("A line.")
    content = bytes(page.output())
    assert count_pages(content) == read_text(content).count("Research use only. Page ") > 1


def test_a_table_says_its_cells_and_repeats_its_header():
    page = Document("A title", "")
    page.write_table(("nevus ◇", "Ελλάδα"), [[f"row {i}", "中"] for i in range(90)])
    content = bytes(page.output())
    text = read_text(content)
    assert text.count("Ελλάδα") == count_pages(content) > 1
    assert text.count("[U+4E2D]") == 90


def write(text: str, how: str = "paragraph") -> bytes:
    page = Document("A title", "")
    if how == "table":
        page.write_table(("name",), [[text]])
    else:
        page.say(text)
    return bytes(page.output())


@pytest.mark.parametrize("how", ["paragraph", "table"])
def test_letters_that_are_written_together_are_joined(how):
    assert list_glyphs(write("ببب", how)).count("ب") == 3  # at the beginning, in the middle, at the end of a word
    assert "क्ष" in list_glyphs(write("क्षेत्र", how))


def test_letters_that_are_written_from_the_right_begin_there():
    name = "תמונה"
    assert f"Photo {name[::-1]}.png, routine" in read_text(write(f"Photo {name}.png, routine"))


def test_a_paragraph_that_begins_on_the_right_stands_there():
    assert align_text("12 תמונה") == align_text("صورة") == "R"
    assert align_text("Photo תמונה") == align_text("12") == "L"


@pytest.mark.parametrize("first", ["क्ष", "รูป", "क्ष abc"])
def test_a_line_after_one_in_another_font_is_not_lost(first):
    page = Document("A title", "")
    page.say(first, 9)
    page.say("nevus", 9)
    assert "nevus" in read_text(bytes(page.output())).splitlines()


def test_what_joins_or_parts_letters_in_hindi_and_persian_is_not_printed():
    for word in ("क्\u200dष", "क्\u200cष", "می\u200cخواهم"):
        assert "[U+" not in read_text(write(word))
    glyphs = [sorted(list_glyphs(write(word))) for word in ("क्ष", "क्\u200dष")]
    assert glyphs[0] != glyphs[1]  # one letter, and two


def test_a_users_word_for_the_number_of_pages_is_printed():
    assert "{nb} [U+0000]" in read_text(write("{nb} \0"))


@pytest.mark.parametrize("code", ["202E", "2066", "200D", "00AD", "FEFF", "007F", "0009"])
def test_a_character_that_nobody_sees_is_printed_as_its_code_point(code):
    assert f"nevus [U+{code}]gnp.exe" in read_text(write(f"nevus {chr(int(code, 16))}gnp.exe"))


def test_a_heading_does_not_stand_alone_at_the_foot_of_a_page():
    page = Document("A title", "")
    page.set_y(270)
    page.start_part("A part")
    assert page.page_no() == 2
    assert b"/Title (A part)" in bytes(page.output())
