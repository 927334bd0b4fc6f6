"""What a PDF of fpdf2 says and shows: enough of the format to read our own files back."""

import re
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

OBJECT = re.compile(rb"(\d+) 0 obj\r?\n(.*?)\r?\nendobj", re.S)
ESCAPED = re.compile(rb"\\(.)", re.S)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def count_pages(content: bytes) -> int:
    """How many pages it has."""
    return len(re.findall(rb"/Type /Page\b(?!s)", content))


def read_sizes(content: bytes) -> list[tuple[float, float]]:
    """Width and height of its pages, points; one where all have the same."""
    return [(float(w), float(h)) for w, h in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)]


def read_text(content: bytes) -> str:
    """All its text, a line a line."""
    objects = dict(OBJECT.findall(content))
    fonts = _read_fonts(content)
    pages = [_unpack(body) for body in objects.values() if b"stream" in body]
    return "\n".join(_read_page(page, fonts) for page in pages if b" Tf" in page)


def list_glyphs(content: bytes) -> list[str]:
    """The letters that each glyph in its fonts stands for: a letter of several shapes comes several times."""
    return [letters for font in _read_fonts(content).values() for letters in font.values()]


def read_pictures(content: bytes) -> list[np.ndarray]:
    """Its colour pictures, (h, w, 3) uint8 each."""
    pictures = []
    for body in dict(OBJECT.findall(content)).values():
        if b"/Subtype /Image" in body:
            width, height = (int(re.search(rb"/%s (\d+)" % key, body)[1]) for key in (b"Width", b"Height"))
            data = _read_stream(body)
            is_jpeg = b"/DCTDecode" in body
            pictures.append(np.asarray(Image.open(BytesIO(data))) if is_jpeg else _read_picture(data, width, height))
    return pictures


def _read_fonts(content: bytes) -> dict[bytes, dict[int, str]]:
    """Of each font, what its glyphs stand for."""
    objects = dict(OBJECT.findall(content))
    fonts = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", content):
        unicode_map = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
        fonts[name] = _read_cmap(_unpack(objects[unicode_map[1]])) if unicode_map else {}
    return fonts


def _unpack(body: bytes) -> bytes:
    if b"/Image" in body or not (data := _read_stream(body)):
        return b""
    return zlib.decompress(data) if b"FlateDecode" in body else data


def _read_stream(body: bytes) -> bytes:
    """What lies in an object's stream, as long as it says: its last byte may look like a line's end."""
    start = re.search(rb"stream\r?\n", body)
    length = re.search(rb"/Length (\d+)", body)
    return body[start.end() : start.end() + int(length[1])] if start and length else b""


def _read_cmap(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _read_page(page: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    """Its lines. Where several glyphs make one sound, fpdf2 gives the letters to the first and none to the others."""
    letters: dict[int, str] = {}
    lines = []
    for block in re.findall(rb"BT(.*?)ET(?=\s|$)", page, re.S):
        text = ""
        for font, string in re.findall(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", block, re.S):
            if font:
                letters = fonts[font]
            raw = ESCAPED.sub(lambda match: ESCAPES.get(match[1], match[1]), string)
            text += "".join(letters.get(raw[i] << 8 | raw[i + 1], "") for i in range(0, len(raw), 2))
        lines.append(text)
    return "\n".join(filter(None, lines))


def _read_picture(data: bytes, width: int, height: int) -> np.ndarray:
    """fpdf2 stores rows as PNG does; Pillow reads them in a PNG's wrapping."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return np.asarray(Image.open(BytesIO(png)))
