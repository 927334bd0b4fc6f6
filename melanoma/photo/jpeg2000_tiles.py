"""JPEG 2000: does a file hold every tile of its picture?

OpenJPEG leaves the place of a tile that is not there plain, and warns of nothing. ITU-T T.800, A.4.2 (tile-parts) and
A.5.1 (sizes).
"""

from __future__ import annotations

import struct

START = b"\xff\x4f\xff\x51"  # of a stream, with its sizes
TILE_PART, END = b"\xff\x90", b"\xff\xd9"


def lacks_tiles(data: bytes) -> bool:
    """Whether a tile is missing, or its parts do not follow one another. Raises struct.error for a part cut short."""
    at = data.find(START)
    if at < 0:
        return True
    width, height, _, _, tile_width, tile_height, left, top = struct.unpack_from(">8L", data, at + 8)
    if not tile_width or not tile_height:
        return True
    tiles = -((left - width) // tile_width) * -((top - height) // tile_height)
    at += 2
    while data[at : at + 2] not in (TILE_PART, b""):  # the head's other parts
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    found = set()
    while data[at : at + 2] == TILE_PART:
        number, length = struct.unpack_from(">HL", data, at + 4)
        found.add(number)
        at = at + length if length else max(data.rfind(END), at + 2)  # the last one may say no length
    return len(found) != tiles or data[at : at + 2] != END
