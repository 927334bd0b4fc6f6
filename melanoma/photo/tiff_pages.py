"""Which of a TIFF's pictures is the photo: the largest, as the first is often a preview."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from melanoma.photo.limits import PhotoError

MAX_PAGES = 64  # of a TIFF, that are looked at for the largest
SUBFILE, WIDTH, HEIGHT, SUB_PICTURES = 254, 256, 257, 330  # tags
MASK = 4  # flag of SUBFILE: a picture that says where another is transparent
BIG = 43  # of the third byte: a BigTIFF
MOST_SUB_PICTURES = 16  # of a page, that are looked at

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
    """Pixels of each picture that the page names and that is no page; 0 where there is none at its place."""
    offsets = image.tag_v2.get(SUB_PICTURES, ())
    for offset in (offsets if isinstance(offsets, tuple) else (offsets,))[:MOST_SUB_PICTURES]:
        file = io.BytesIO(data)
        file.seek(offset)
        tags = ImageFileDirectory_v2(data[: 16 if data[2] == BIG else 8])
        tags.load(file)  # what is broken it leaves out
        yield int(tags.get(WIDTH, 0)) * int(tags.get(HEIGHT, 0))
