"""Bytes of a log as text, whatever program and system wrote it."""

from __future__ import annotations

import codecs
import re

from melanoma.run.imported_logs.error import LogError

# What a file begins with that is no text, and what to do about it.
NO_TEXT = {
    b"\x80": "is a Python pickle, which can run code when opened: save History.history as JSON.",
    b"PK": "is an Excel workbook or a ZIP archive: save the sheet as CSV, or unpack the archive.",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook: save the sheet as CSV.",
    b"\x1f\x8b": "is compressed: unpack it first.",
    b"\x93NUMPY": "is a NumPy array without names of metrics: save a CSV file with a header line.",
    b"\x89HDF": "is an HDF5 file, such as a network's weights: save History.history as JSON.",
}
# UTF-32 first: its mark begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
PROBE = 2_000  # bytes


def decode(path: str, content: bytes) -> str:
    """A log's text with `\\n` at its line ends: UTF-8, UTF-16 or UTF-32, marked or not, or Windows' Western code page.

    A last character that is half written is left out. Raises LogError for what is no text, and for nothing.
    """
    for beginning, advice in NO_TEXT.items():
        if content.startswith(beginning):
            raise LogError(f"{path} {advice}")
    mark = next((mark for mark in MARKS if content.startswith(mark)), b"")
    encoding = MARKS[mark] if mark else _encoding_without_mark(content)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content[len(mark) :])
    except UnicodeDecodeError as error:
        raise LogError(f"{path} is no text: open a CSV file, a JSON file or TensorBoard's event files.") from error
    text = text.rstrip("\0")  # a file system leaves them at the end of a file that was not closed
    if not text.strip():
        raise LogError(f"{path} is empty: open it again after the first epoch.")
    if CONTROL.search(text[:PROBE]) or "\0" in text:
        raise LogError(f"{path} is no text: open a CSV file, a JSON file or TensorBoard's event files.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_without_mark(content: bytes) -> str:
    """The encoding of a text that does not name it: Latin letters in UTF-16 and UTF-32 leave zeros at fixed places."""
    start = content[: PROBE - PROBE % 4]
    zeros = tuple(start[place::4].count(0) > 0.8 * len(start[place::4]) for place in range(4))
    by_zeros: dict[tuple[bool, ...], str] = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    if encoding := by_zeros.get(zeros):
        return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        # Excel's plain "CSV" in Western Europe: a few letters such as é or µ among ASCII.
        return "cp1252" if sum(byte < 128 for byte in content) > 0.7 * len(content) else "utf-8"
    return "utf-8"
