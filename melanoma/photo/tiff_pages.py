"""Which of a TIFF's pictures is the photo: the largest, as the first is often a preview."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from PIL.TiffImagePlugin import TiffImageFile

from melanoma.photo.limits import PhotoError

MAX_PAGES = 64  # of a TIFF, that are looked at for the largest
SUBFILE, WIDTH, HEIGHT, SUB_PICTURES = 254, 256, 257, 330  # tags
MASK = 4  # flag of SUBFILE: a picture that says where another is transparent
BIG = 43  # of the third byte: a BigTIFF
MOST_SUB_PICTURES = 16  # of a page, that are looked at
MOST_TAGS = 4096  # of a picture
BROKEN = (struct.error, OverflowError)  # places beyond the file, and far beyond it
WHOLE_NUMBERS = {3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}  # by a tag's type: how `struct` calls it

TOO_MANY_PAGES = (
    f"This TIFF holds more than {MAX_PAGES} pictures: export the photo alone, as JPEG or PNG, and use that file."
)
PREVIEW_ONLY = (
    "What can be read of this TIFF is a preview, as its photo is stored behind it like a camera's raw data: "
    "export the photo as JPEG or PNG and use that file."
)


def seek_photo(image: TiffImageFile, data: bytes) -> int:
    """Move a TIFF, whose content is `data`, to its largest page; how many it has.

    Raises PhotoError where there are too many to look at, or where something larger is no page of its own (tag SubIFDs,
    as in DNG and other raw formats).
    """
    sizes, hidden = list[int](), 0
    while (page := len(sizes)) <= MAX_PAGES:  # counting them all takes long where there are thousands
        try:
            image.seek(page)
        except EOFError:
            break
        is_mask = int(image.tag_v2.get(SUBFILE, 0)) & MASK
        sizes.append(0 if is_mask else image.width * image.height)
        hidden = max(hidden, *_list_hidden_sizes(image, data), 0)
    if len(sizes) > MAX_PAGES:
        raise PhotoError(TOO_MANY_PAGES)
    if hidden > max(sizes):
        raise PhotoError(PREVIEW_ONLY)
    image.seek(int(np.argmax(sizes)))
    return len(sizes)


def _list_hidden_sizes(image: TiffImageFile, data: bytes) -> Iterator[int]:
    """Pixels of each picture that the page names and that is no page, and of those that such a picture names."""
    places = deque(_read_numbers(data, image.tag_v2.offset or 0).get(SUB_PICTURES, ()))
    for _ in range(MOST_SUB_PICTURES):
        if not places:
            return
        numbers = _read_numbers(data, places.popleft())
        places += numbers.get(SUB_PICTURES, ())
        yield max(numbers.get(WIDTH, (0,))) * max(numbers.get(HEIGHT, (0,)))


def _read_numbers(data: bytes, place: int) -> dict[int, tuple[int, ...]]:
    """Tags of the directory at a place whose values are whole numbers; what is broken is left out.

    Pillow leaves out type 18, by which a BigTIFF says where its hidden pictures are.
    """
    order, is_big = "<" if data[:2] == b"II" else ">", data[2] == BIG
    count, entry, offset = (order + form for form in (("Q", "HHQ8s", "Q") if is_big else ("H", "HHL4s", "L")))
    found: dict[int, tuple[int, ...]] = {}
    with suppress(*BROKEN):
        (entries,) = struct.unpack_from(count, data, place)
        first, size = place + struct.calcsize(count), struct.calcsize(entry)
        for at in range(first, first + size * min(entries, MOST_TAGS), size):
            tag, kind, length, value = struct.unpack_from(entry, data, at)
            if tag in (WIDTH, HEIGHT, SUB_PICTURES) and kind in WHOLE_NUMBERS:
                form = f"{order}{min(length, MOST_SUB_PICTURES)}{WHOLE_NUMBERS[kind]}"
                is_inside = length * struct.calcsize(order + WHOLE_NUMBERS[kind]) <= len(value)
                with suppress(*BROKEN):
                    found[tag] = (
                        struct.unpack_from(form, value)
                        if is_inside
                        else struct.unpack_from(form, data, *struct.unpack(offset, value))
                    )
    return found
