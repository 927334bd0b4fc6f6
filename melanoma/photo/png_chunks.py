"""PNG: is every chunk as it was written, and does its stream hold all rows of the picture?

Pillow leaves black what the stream does not reach, which in an interlaced file is every other row. PNG specification,
third edition: 5.3 (chunks), 9.2 (rows), 10.1 (stream).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type: grey, RGB, palette, grey and alpha, RGB and alpha
PIECE, UNPACKED = 2**20, 2**24  # bytes that are unpacked at once, and to how many at most


def png_is_whole(data: bytes) -> bool:
    """Whether each chunk of a PNG has its checksum (CRC-32), the last is IEND, and the stream is whole."""
    head, parts = b"", list[bytes]()
    for kind, content in _list_chunks(data):
        if kind == b"IHDR":
            head = content
        elif kind == b"IDAT":
            parts.append(content)
        elif kind == b"IEND":
            return len(head) == 13 and _holds(parts, _measure_rows(head))
    return False


def _list_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each chunk, up to the first whose checksum does not fit."""
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return
        yield data[at + 4 : at + 8], data[at + 8 : end]
        at = end + 4


def _measure_rows(head: bytes) -> int:
    """Bytes of all rows, each with the one that names its filter; if interlaced, at least. head: content of IHDR."""
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    bits = head[8] * CHANNELS.get(head[9], 0)
    return height * (1 + (width * bits + 7) // 8)


def _holds(parts: list[bytes], size: int) -> bool:
    """Whether the stream in these parts ends with its checksum (Adler-32), and holds so many bytes and few more."""
    unpacker, total = zlib.decompressobj(), 0
    for piece in (part[at : at + PIECE] for part in parts for at in range(0, len(part), PIECE)):
        packed = piece
        while packed and total <= size + PIECE:
            try:
                total += len(unpacker.decompress(packed, UNPACKED))
            except zlib.error:
                return False
            packed = unpacker.unconsumed_tail
    return unpacker.eof and total >= size
