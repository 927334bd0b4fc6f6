"""GIF: does the stream hold just the pixels of its picture, and does each colour of its table fit where it stands?

GIF has no checksum. A changed code gives a string of another length, so that the pixels behind it move, and there are
too many or too few at the end. A changed colour stands among others as no colour of a photo does.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

# Of 255, mean of the channels: how far a colour lies from the mean of the pixels beside those that have it. Of real
# photos (three overlapping draws of 180, 160 and 81), in tables of 16 to 256 colours made in four ways, none lies
# further than 39; in the 216 colours of the early Web, up to 51.
MISFIT = 45.0
RARE = 0.003  # share of the picture, below which a colour is not looked at
MOST = 1_000_000  # pixels that are counted, at most; for more it takes seconds
SIDE = 1000  # pixels that are looked at for colours, at most
WIDEST = 12  # bits of a code


def gif_is_damaged(data: bytes, image: Image.Image) -> bool:
    """Whether the first picture of a GIF fails one of both checks. Raises IndexError for broken blocks and codes."""
    return not fills_its_frame(data) or has_misfit_colour(image)


def fills_its_frame(data: bytes) -> bool:
    """Whether the stream of the first picture has as many pixels as its frame. Raises IndexError."""
    at = skip_to_picture(data)
    width, height = (int.from_bytes(data[at + place : at + place + 2], "little") for place in (5, 7))
    if width * height > MOST:
        return True
    at += 10 + measure_table(data[at + 9])
    blocks, start = [], at + 1
    while start < len(data) and data[start]:
        blocks.append(data[start + 1 : start + 1 + data[start]])
        start += 1 + data[start]
    return count_pixels(b"".join(blocks), data[at]) == width * height


def count_pixels(codes: bytes, bits: int) -> int:
    """How many pixels LZW codes stand for, of which each takes so many bits. Raises IndexError for an unknown code.

    GIF 89a specification, appendix F. Only the length of a string is kept, not what is in it.
    """
    clear = 1 << bits
    start = [1] * clear + [0, 0]  # a code that empties the table, and the one at the end
    lengths, width, before, total, buffer, have = start.copy(), bits + 1, 0, 0, 0, 0
    for byte in codes:
        buffer |= byte << have
        have += 8
        while have >= width:
            code = buffer & (1 << width) - 1
            buffer >>= width
            have -= width
            if code == clear:
                lengths, width, before = start.copy(), bits + 1, 0
                continue
            if code == clear + 1:
                return total
            if before and len(lengths) < 1 << WIDEST:
                lengths.append(before + 1)
            before = lengths[code]
            total += before
            if len(lengths) == 1 << width and width < WIDEST:
                width += 1
    return total


def has_misfit_colour(image: Image.Image) -> bool:
    """Whether a colour of an image's table is unlike the pixels around it, wherever it stands."""
    image.load()
    if image.mode != "P":
        return False
    index, table = cut_middle(np.asarray(image)), np.zeros((256, 3), np.float32)
    colours = np.array(image.getpalette("RGB"), np.float32).reshape(-1, 3)
    table[: len(colours)] = colours
    padded = np.pad(table[index], ((1, 1), (1, 1), (0, 0)), mode="edge")
    beside = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    numbers, flat = np.bincount(index.ravel(), minlength=256), index.ravel()
    sums = np.stack([np.bincount(flat, beside[..., c].ravel(), minlength=256) for c in range(3)], axis=1)
    misfit = np.abs(sums / np.maximum(numbers, 1)[:, None] - table).mean(axis=1)
    return bool((misfit[numbers > RARE * index.size] > MISFIT).any())


def cut_middle(pixels: np.ndarray) -> np.ndarray:
    """The middle of an image, at most SIDE pixels wide and high."""
    top, left = (max(0, (side - SIDE) // 2) for side in pixels.shape)
    return pixels[top : top + SIDE, left : left + SIDE]


def skip_to_picture(data: bytes) -> int:
    """Where the first picture begins. Raises IndexError for a file that has none."""
    at = 13 + measure_table(data[10])
    while data[at] == 0x21:  # an extension: two bytes and its blocks
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    return at


def measure_table(flags: int) -> int:
    """Bytes of the table of colours that a GIF's flags announce."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0
