"""JPEG: does a file hold every pass over its picture, for every colour?

A progressive JPEG is coded in several passes, each over the whole picture. If the last ones are missing and the file is
closed as a whole one is, libjpeg gives a blurred picture and warns of nothing. So it does where the colours are coded
one after another, and one never came. Each number of a block must have come, down to its last bit (ITU-T T.81, G.1.1).
"""

from __future__ import annotations

import re

MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")  # the next one, behind coded data or bytes that pad
FRAMES, SCAN, END = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA), 0xDA, 0xD9  # sequential and progressive, Huffman and arithmetic
TABLES = (0xC4, 0xC8, 0xCC)  # that lie among the markers of frames, and are none
LOSSLESS, JPEG_LS = 0xC3, 0xF7
START = 2  # bytes, a marker itself
BLOCK = 64  # numbers of a block


def is_unread_kind(data: bytes) -> bool:
    """Whether a JPEG is of a kind that libjpeg does not read: with more than 8 bits a colour, or JPEG-LS."""
    at = START
    while (found := MARKER.search(data, at)) is not None and found[1][0] not in (SCAN, END):
        kind, at = found[1][0], found.end()
        if kind == JPEG_LS or (kind >> 4 == 0xC and kind not in TABLES):
            return kind not in (*FRAMES, LOSSLESS) or data[at + 2 : at + 3] != b"\x08"
        at += int.from_bytes(data[at : at + 2], "big")
    return False


def lacks_passes(data: bytes) -> bool:
    """Whether a JPEG ends before each number of each colour has come whole. Raises IndexError for a part cut short."""
    at, missing = START, dict[int, set[int]]()  # colour -> numbers of a block that are not whole
    while (found := MARKER.search(data, at)) is not None:
        kind, at = found[1][0], found.end()
        if kind == END:
            break
        if kind in FRAMES and not missing:
            missing = {data[at + 8 + 3 * place]: set(range(BLOCK)) for place in range(data[at + 7])}
        if kind == SCAN:
            colours = data[at + 3 : at + 3 + 2 * data[at + 2] : 2]
            first, last, bits = data[at + 3 + 2 * data[at + 2] : at + 6 + 2 * data[at + 2]]
            for colour in colours if bits & 15 == 0 else ():  # else lower bits are still to come
                missing.get(colour, set()).difference_update(range(first, last + 1))
            if not any(missing.values()):
                return False  # as after the only scan of most files, whose coded data then need not be passed over
        at += int.from_bytes(data[at : at + 2], "big")
    return any(missing.values())
