"""Formats without a checksum: was the compressed stream read to its end?

A decoder stops when the picture is full. In a whole file it needs the last bytes for that. A damaged stream mostly
fills the picture sooner, and then the decoder does not miss them: if a file without its last bytes can still be
decoded, something before was damaged. Of 10,530 whole WebP files none could, of 81 lossy ones with damage to see all.
Deflate has a checksum, which libtiff does not read, and JPEG in TIFF has libjpeg's warnings.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from melanoma.photo.limits import check_bytes

FRAME_HEAD = 16  # bytes of a WebP animation's frame before its picture
CUT_WEBP = 16  # bytes to leave out; encoders end with a mark and pad, libwebp by up to 3 bytes
VP8_HEAD = 10  # bytes of a lossy picture before its streams

WIDTH, HEIGHT, BITS, COMPRESSION, SAMPLES, PLANES = 256, 257, 258, 259, 277, 284
STRIP_OFFSETS, STRIP_ROWS, STRIP_BYTES = 273, 278, 279
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES, JPEG_TABLES = 322, 323, 324, 325, 347
JPEG, DEFLATE, OLD_DEFLATE = 7, 8, 32946


def webp_ends_early(data: bytes) -> bool:
    """Whether a WebP file can be decoded without the last bytes of one of its streams.

    Raises PhotoError as `check_bytes` does.
    """
    for kind, content in _list_pictures(data):
        if kind in (b"VP8 ", b"VP8L"):
            shorter = [content[:-CUT_WEBP], *([_shorten_modes(content)] if kind == b"VP8 " else [])]
            files = [_wrap_webp(kind, each) for each in shorter]
            for file in files:
                check_bytes(file)  # the picture inside may be larger than the file says
            return any(_decodes(file, "WEBP") for file in files)
    return False


def _shorten_modes(content: bytes) -> bytes:
    """A lossy picture without the last bytes of its first stream, which says how each block is predicted.

    RFC 6386, 9.1: the upper 19 bits of the first three bytes are the size of that stream, which begins at byte 10.
    """
    head = int.from_bytes(content[:3], "little")
    size = head >> 5
    kept = max(0, size - CUT_WEBP)
    return (head & 31 | kept << 5).to_bytes(3, "little") + content[3 : VP8_HEAD + kept] + content[VP8_HEAD + size :]


def _wrap_webp(kind: bytes, content: bytes) -> bytes:
    """A WebP file of one chunk."""
    chunk = kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def bmp_is_whole(data: bytes) -> bool:
    """Whether a BMP file has the size that its header says, with up to 3 bytes of padding; or the header says none."""
    size = int.from_bytes(data[2:6], "little")
    return size == 0 or 0 <= len(data) - size < 4


def rle_is_whole(frame: bytes, pixels: int) -> bool:
    """Whether each segment of a DICOM RLE frame (PackBits, PS3.5 G) unpacks to a byte a pixel. Raises IndexError."""
    segments, *starts = struct.unpack("<16L", frame[:64])
    ends = [*starts[1:segments], len(frame)]
    return all(_unpacked_length(frame[s:e]) == pixels for s, e in zip(starts[:segments], ends, strict=True))


def _unpacked_length(packed: bytes) -> int:
    """How many bytes PackBits unpacks to; a byte at the end that has none behind it is padding."""
    at = length = 0
    while at + 1 < len(packed):
        count = packed[at]
        if count < 128:  # so many bytes, and one, as they are
            at += count + 2
            length += count + 1
        elif count > 128:  # the next byte, repeated
            at += 2
            length += 257 - count
        else:
            at += 1
    return length


def tiff_is_damaged(data: bytes, image: TiffImageFile, jpeg_warns: Callable[[bytes], bool]) -> bool:
    """Whether a strip or tile of the page that `image` is at fails the check that its compression allows.

    jpeg_warns: whether libjpeg warns of a JPEG file.
    """
    compression = image.tag_v2.get(COMPRESSION)
    if compression in (DEFLATE, OLD_DEFLATE):
        return not all(_deflate_is_whole(*piece) for piece in _tiff_pieces(data, image))
    if compression == JPEG:
        tables = image.tag_v2.get(JPEG_TABLES, b"\xff\xd8\xff\xd9")[:-2]
        return any(jpeg_warns(tables + content[2:]) for content, _ in _tiff_pieces(data, image))
    return False


def _decodes(data: bytes, format_: str) -> bool:
    try:
        Image.open(io.BytesIO(data), formats=(format_,)).load()
    except (OSError, SyntaxError, ValueError, EOFError):
        return False
    return True


def _list_pictures(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each chunk of a WebP file, and of those within each frame of an animation."""
    for kind, content in _riff_chunks(data, 12):
        yield kind, content
        if kind == b"ANMF":
            yield from _riff_chunks(content, FRAME_HEAD)


def _riff_chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each chunk of a RIFF file, from the first one's place on."""
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _tiff_pieces(data: bytes, image: TiffImageFile) -> Iterator[tuple[bytes, int]]:
    """Content, and size when unpacked, of each strip or tile of a TIFF page. Raises KeyError where tags are missing."""
    tags = image.tag_v2
    tiled = TILE_OFFSETS in tags
    samples = tags.get(SAMPLES, 1) if tags.get(PLANES, 1) == 1 else 1
    width = tags[TILE_WIDTH] if tiled else tags[WIDTH]
    rows = tags[TILE_HEIGHT] if tiled else min(tags.get(STRIP_ROWS, tags[HEIGHT]), tags[HEIGHT])
    unpacked = rows * ((width * samples * max(tags.get(BITS, (1,))) + 7) // 8)
    offsets, sizes = tags[TILE_OFFSETS if tiled else STRIP_OFFSETS], tags[TILE_BYTES if tiled else STRIP_BYTES]
    for offset, size in zip(offsets, sizes, strict=True):
        yield data[offset : offset + size], unpacked


def _deflate_is_whole(content: bytes, unpacked: int) -> bool:
    """Whether a deflate stream ends within so many bytes, and its checksum (Adler-32) fits."""
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(content, unpacked + 1)
        unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error:
        return False
    return unpacker.eof
