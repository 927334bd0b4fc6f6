"""HEIC and AVIF: was each coded picture in the file read to its end?

Neither has a checksum, and their decoders fill a damaged picture and say nothing. But in a whole stream every byte
counts: with its last bytes changed the last corner of the picture is another, or its decoder gives up. Behind damage a
decoder loses its place, and is through with the picture before the stream ends: its last bytes then change nothing. A
file of a telephone holds one picture for each tile of the photo, and each is looked at by itself.

Boxes: ISO/IEC 14496-12 (file), 23008-12 (items). Where they are not understood nothing is said.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from melanoma.photo import hevc_warnings
from melanoma.photo.limits import MAX_PIXELS

TAIL = 8  # bytes that are changed, and those of so many numbers at the end, which may lie beyond the frame:
FRINGE = 192  # numbers (three colours of 8 x 8 pixels), since both code whole blocks
PLAIN = 200  # pixels a byte, above which a picture is plain, such as a tile of a black background
EVEN = 16  # of 255: range of the numbers of a plain picture
CORNER, WHITE = 16, 250  # pixels a side; of 255: a corner where nothing can become lighter
ZEROS = b"\0\0\0"  # which a unit of HEVC never holds
MOST = 400  # pictures in a file; a photo of 80 megapixels has 320 tiles
HEVC, AV1 = b"hvc1", b"av01"
HVCC_HEAD = 22  # bytes of a box hvcC before its sets of parameters (ISO/IEC 14496-15); the last of them says
FOUR_BYTES = 3  # by these two bits, that the length of each unit stands in four bytes
HIDDEN = 1  # flag of an item that is a tile of another
NOWHERE, ELSEWHERE = (0, 0, 1), (0, 0, 0)  # start, end and stretches of an item that is not listed, or not read here
HEVC_PICTURE = range(32)  # types of the units that hold a part of a picture
AV1_PICTURE = (4, 6)  # types of OBU: tile group, frame


@dataclass(frozen=True)
class Item:
    """A coded picture. number: of the item; flags: where its box keeps them; start, end: of its last stretch.

    stretches: how many it lies in; setup: start of its box hvcC, which says how to decode it, None where it has none.
    """

    number: int
    kind: bytes
    flags: int
    start: int
    end: int
    stretches: int = 1
    setup: int | None = None


@dataclass(frozen=True)
class ItemList:
    """The coded pictures of a file. primary: where, and in how many bytes, the number of the one to show stands.

    lacks_one: whether one that is listed, such as a tile, has no bytes in the file; a decoder leaves its place plain.
    """

    primary: slice
    items: tuple[Item, ...]
    lacks_one: bool = False


def items_end_early(data: bytes, format_: str) -> bool:
    """Whether a coded picture of a HEIF or AVIF file (Pillow's name) is the same without its last bytes.

    Of HEVC also whether its decoder finds it broken, see hevc_warnings.py.
    """
    try:
        listed = list_items(data)
        units = {item: list_units(data, item) for item in listed.items}
        streams = [read_stream(data, item) for item in listed.items if item.kind == HEVC]
    except (IndexError, ValueError, StopIteration):
        return False
    if listed.lacks_one:
        return True
    if any(item.kind == HEVC and ZEROS in data[unit] for item in listed.items for unit in units[item]):
        return True
    if any(hevc_warnings.warns(*stream) for stream in streams):
        return True
    ends = {item: max((unit.stop for unit in units[item]), default=0) for item in listed.items}
    return any(ends_early(data, listed, item, end, format_) for item, end in ends.items())


def ends_early(data: bytes, listed: ItemList, item: Item, end: int, format_: str) -> bool:
    """Whether one picture, whose stream ends there, is the same with its last bytes changed."""
    size = end - item.start
    alone = bytearray(data)
    alone[listed.primary] = item.number.to_bytes(listed.primary.stop - listed.primary.start, "big")
    alone[item.flags] &= ~HIDDEN
    before = decode(bytes(alone), format_)
    if (
        before is None
        or before.size > PLAIN * 3 * size
        or np.ptp(before, axis=(0, 1)).max() < EVEN
        or has_white_corner(before)
    ):
        return False  # another stream may give the same picture
    tail = slice(max(end - TAIL - FRINGE * size // before.size, item.start), end)
    alone[tail] = bytes(byte ^ 0xFF for byte in alone[tail])
    after = decode(bytes(alone), format_)
    return after is not None and np.array_equal(before, after)


def has_white_corner(pixels: np.ndarray) -> bool:
    """Whether a corner of a picture, which may be turned, is white."""
    rows = pixels[:CORNER], pixels[-CORNER:]
    return any(corner.min() >= WHITE for row in rows for corner in (row[:, :CORNER], row[:, -CORNER:]))


def decode(data: bytes, format_: str) -> np.ndarray | None:
    """The picture that a file shows; None where its decoder gives up, or it has more pixels than are read."""
    try:
        image = Image.open(io.BytesIO(data), formats=(format_,))
        return np.asarray(image) if image.width * image.height <= MAX_PIXELS else None
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError, RuntimeError):
        return None


def list_units(data: bytes, item: Item) -> list[slice]:
    """Where the parts of a picture's stream lie that hold pixels. Raises IndexError or ValueError."""
    return list(list_hevc_units(data, item) if item.kind == HEVC else list_av1_units(data, item))


def list_hevc_units(data: bytes, item: Item) -> Iterator[slice]:
    """Each unit that holds a part of a picture. Each has its length, in four bytes, before it."""
    at = item.start
    while at + 6 <= item.end:
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4] >> 1 & 0x3F in HEVC_PICTURE:
            yield slice(at + 4, min(end, item.end))
        at = end


def list_av1_units(data: bytes, item: Item) -> Iterator[slice]:
    """As `list_hevc_units`, of AV1's OBUs (AV1 specification, 5.3)."""
    at = item.start
    while at < item.end:
        head = data[at]
        at += 2 if head & 4 else 1
        size = item.end - at
        if head & 2:
            size, at = read_leb128(data, at)
        if head >> 3 & 15 in AV1_PICTURE:
            yield slice(at, min(at + size, item.end))
        at += size


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    number = 0
    for place in range(8):
        number |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:
            return number, at + place + 1
    raise ValueError("a number of more than eight bytes")


def list_items(data: bytes) -> ItemList:
    """The coded pictures in a file. Raises IndexError, ValueError or StopIteration for boxes that make no sense."""
    start, end = next((start, end) for kind, start, end in list_boxes(data, 0, len(data)) if kind == b"meta")
    boxes = {kind: (start, end) for kind, start, end in list_boxes(data, start + 4, end)}
    if not {b"pitm", b"iinf", b"iloc"} <= boxes.keys():
        raise ValueError("not a list of items")
    places = dict(list_places(data, boxes[b"iloc"][0]))
    first, last = boxes[b"iinf"]
    infos = list_boxes(data, first + (6 if data[first] == 0 else 8), last)
    setups = find_setups(data, *boxes[b"iprp"]) if b"iprp" in boxes else {}
    items = [read_item(data, start, places, setups) for kind, start, _ in infos if kind == b"infe"]
    pictures = [item for item in items if item.kind in (HEVC, AV1)]
    at = boxes[b"pitm"][0]
    primary = slice(at + 4, at + (6 if data[at] == 0 else 8))
    inside = tuple(item for item in pictures if item.start < item.end)
    lacks_one = any(item.end <= item.start and item.stretches for item in pictures)
    return ItemList(primary, inside[:MOST], lacks_one)


def read_item(data: bytes, at: int, places: dict[int, tuple[int, int, int]], setups: dict[int, int]) -> Item:
    """The item of an `infe` box, version 2 or 3."""
    width = {2: 2, 3: 4}[data[at]] if data[at] in (2, 3) else 2
    number = int.from_bytes(data[at + 4 : at + 4 + width], "big")
    kind = data[at + 6 + width : at + 10 + width]
    return Item(number, kind, at + 3, *places.get(number, NOWHERE), setups.get(number))


def find_setups(data: bytes, at: int, end: int) -> dict[int, int]:
    """Where the content of the hvcC box begins of each item, by its number, from the content of an `iprp` box."""
    parts = list(list_boxes(data, at, end))
    properties = [box for kind, start, stop in parts if kind == b"ipco" for box in list_boxes(data, start, stop)]
    setups = {}
    for kind, start, _ in parts:
        if kind != b"ipma":
            continue
        reader, wide = Reader(data, start + 4), 4 if data[start] else 2
        size = 2 if data[start + 3] & 1 else 1  # of the number of a property, whose first bit says something else
        for _ in range(reader.read(4)):
            number = reader.read(wide)
            for _ in range(reader.read(1)):
                place = reader.read(size) & (0x7FFF if size == 2 else 0x7F)
                name, first, _ = properties[place - 1] if 0 < place <= len(properties) else (b"", 0, 0)
                if name == b"hvcC":
                    setups[number] = first
    return setups


def read_stream(data: bytes, item: Item) -> tuple[list[bytes], list[bytes]]:
    """The sets of parameters and the units of an HEVC item; none where it is not in one piece, or has no box hvcC."""
    if item.setup is None or item.stretches != 1 or data[item.setup + HVCC_HEAD - 1] & 3 != FOUR_BYTES:
        return [], []
    reader = Reader(data, item.setup + HVCC_HEAD)
    parameters = []
    for _ in range(reader.read(1)):
        reader.read(1)  # their type
        for _ in range(reader.read(2)):
            size = reader.read(2)
            parameters.append(data[reader.at : reader.at + size])
            reader.at += size
    units, at = [], item.start
    while at + 4 < item.end:
        size = int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : min(at + 4 + size, item.end)])
        at += 4 + size
    return parameters, units


def list_places(data: bytes, at: int) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Number of each item of an `iloc` box; start and end of its last stretch; how many, 0 if in another box."""
    version = data[at]
    sizes = (data[at + 4] >> 4, data[at + 4] & 15, data[at + 5] >> 4, data[at + 5] & 15 if version else 0)
    offset_size, length_size, base_size, index_size = sizes
    wide = 4 if version == 2 else 2
    reader = Reader(data, at + 6)
    for _ in range(reader.read(wide)):
        number = reader.read(wide)
        method = reader.read(2) & 15 if version else 0
        reader.read(2)
        base, start, length = reader.read(base_size), 0, 0
        stretches = reader.read(2)
        for _ in range(stretches):
            reader.read(index_size)
            start, length = base + reader.read(offset_size), reader.read(length_size)
        is_here = method == 0  # else in another box, or made of other items
        yield number, (start, min(start + length, len(data)), stretches) if is_here else ELSEWHERE


@dataclass
class Reader:
    """Big-endian numbers of a file, one after another."""

    data: bytes
    at: int

    def read(self, size: int) -> int:
        """The next number, of so many bytes. Raises IndexError at the end of the file."""
        self.at += size
        if self.at > len(self.data):
            raise IndexError("the file ends")
        return int.from_bytes(self.data[self.at - size : self.at], "big")


def list_boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the content of each box."""
    while at + 8 <= end:
        size, kind, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if size == 0 else at + size
        if stop < start or stop > end:
            raise ValueError("a box that does not fit")
        yield kind, start, stop
        at = stop
