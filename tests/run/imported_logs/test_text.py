"""Bytes become text, whatever system wrote them."""

import pytest
from log_files import COLUMNS, PLAIN, columns_of, log_of

from melanoma.run.imported_logs import LogError
from melanoma.run.imported_logs.text import decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_every_unicode_encoding_is_read_with_its_mark_and_without(encoding):
    assert columns_of(PLAIN.encode(encoding)) == COLUMNS


def test_big_endian_with_a_mark_is_read():
    assert columns_of(("\ufeff" + PLAIN).encode("utf-16-be")) == COLUMNS


def test_windows_western_code_page_is_read():
    assert "précision" in columns_of("epoch;précision\n1;0,5\n".encode("cp1252"))


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_every_line_end_is_read(line_end):
    assert columns_of(PLAIN.replace("\n", line_end)) == COLUMNS


def test_half_a_character_at_the_end_is_left_out():
    assert decode("a.csv", "loss\n".encode("utf-16") + b"1") == "loss\n"


def test_zeros_that_a_file_system_left_at_the_end_are_left_out():
    assert columns_of(PLAIN.encode() + b"\0" * 100) == COLUMNS


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"PK\x03\x04", "save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0", "save the sheet as CSV"),
        (b"\x1f\x8b\x08", "unpack it"),
        (b"\x89HDF", "History.history as JSON"),
        (b"\x80\x04\x95", "pickle"),
        (b"\x89PNG\r\n\x1a\n", "open a CSV file"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(content, advice):
    with pytest.raises(LogError, match=advice):
        log_of(content, "log.csv")
