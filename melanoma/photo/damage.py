"""Is the picture whole? What the file's own checks say, and what its pixels show.

Decoders fill what is missing with grey, black or the last good row and say nothing: half a lesion then looks like a
smaller one. JPEG: libjpeg's warnings, which simplejpeg raises (Pillow drops them); on 4,950 photos of four public
collections it warned of none; and every pass over the picture, see jpeg_passes.py. PNG: png_chunks.py. WebP, GIF,
TIFF: see streams.py. Formats without a checksum: straight, razor-sharp edges. All formats: rows or columns that repeat,
and a seam across the whole picture.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import simplejpeg
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from melanoma.photo.coded_items import items_end_early
from melanoma.photo.gif_streams import gif_is_damaged
from melanoma.photo.jpeg2000_tiles import lacks_tiles
from melanoma.photo.jpeg_passes import lacks_passes
from melanoma.photo.png_chunks import png_is_whole
from melanoma.photo.seams import find_seam
from melanoma.photo.streams import bmp_is_whole, tiff_is_damaged, webp_ends_early

EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")  # libjpeg's warning
LOSSLESS = "Unsupported color conversion"  # a lossless JPEG is only given in the colours it is stored in
FLAT = 0.02  # share of the height, or width, that repeats the row or column before it
DARK, WHITE = 40, 240  # of 255: at or below, at or above which a line may be part of a frame
BLANK = 0.05  # share of the height, or width, that is black or white at its end alone
STEP = 8
# A number of a quantisation table against the median of those around it. Of tables of Pillow, Photoshop and the public
# collections, at every quality, none differs more than twice.
ODD_RATIO, ODD_STEP = 4.0, 10.0
STEP_HEIGHT, STEP_SHARPNESS = 16, 4  # of 255; how many times larger a sharp edge is than what lies beside it
STEP_RUN = 8  # pixels that an edge runs straight
STEP_LINES = 2  # columns, or rows, with such runs
STEPS = 3  # such runs along rows, and along columns


def decode_whole_jpeg(data: bytes, image: Image.Image, full_size: tuple[int, int]) -> np.ndarray | None:
    """The pixels that Pillow would give of a JPEG in RGB, (H, W, 3) uint8, with libjpeg's warnings heeded on the way.

    None for other files, and where libjpeg warns. image: as Pillow opened it, at the size to decode it at, which is
    full_size or 1/2, 1/4 or 1/8 of it. Decoded once instead of twice, a photo costs half the time.
    """
    if image.format not in ("JPEG", "MPO") or image.mode != "RGB":
        return None
    width, height = image.size
    factor = round(full_size[0] / width)
    try:
        pixels = simplejpeg.decode_jpeg(data, min_width=width, min_height=height, min_factor=factor, strict=True)
    except ValueError:
        return None
    return pixels if pixels.shape == (height, width, 3) else None


def find_file_damage(data: bytes, image: Image.Image, *, is_whole: bool = False) -> bool:
    """Whether the checks that a file's format allows fail. image: the file as Pillow opened it, not decoded yet.

    is_whole: `decode_whole_jpeg` has found no damage.
    """
    if image.format in ("JPEG", "MPO"):
        return _has_odd_table(image) or lacks_passes(data) or (not is_whole and _jpeg_warns(data))
    if image.format == "PNG":
        return not png_is_whole(data)
    if image.format == "JPEG2000":
        return lacks_tiles(data)
    if image.format == "BMP":
        return not bmp_is_whole(data)
    if image.format == "WEBP":
        return webp_ends_early(data)
    if image.format == "GIF":
        return gif_is_damaged(data, image.copy())
    if image.format in ("HEIF", "AVIF"):
        return items_end_early(data, image.format)
    return isinstance(image, TiffImageFile) and tiff_is_damaged(data, image, _jpeg_warns)


def find_steps(pixels: np.ndarray) -> bool:
    """pixels: (H, W, 3) uint8 as stored -> whether straight, razor-sharp edges run along rows and along columns.

    Blocks that were decoded wrongly leave them; a lens never does, a hair or a ruler runs one way, and a frame has two
    lines. For formats without a checksum only, where nothing else tells.
    """
    values = pixels.astype(np.int16)
    steps = [_list_steps(side) for side in (values, values.transpose(1, 0, 2))]
    lines = max(np.count_nonzero(runs) for runs in steps)
    return bool(lines > STEP_LINES) and min(int(runs.sum()) for runs in steps) > STEPS


def _list_steps(values: np.ndarray) -> np.ndarray:
    """values: (n, m, 3) int16 -> (m - 3,) the straight runs of STEP_RUN rows on the edge beside each column."""
    jumps = np.abs(np.diff(values, axis=1)).max(axis=2)
    beside = np.maximum(jumps[:, :-2], jumps[:, 2:])
    sharp = (jumps[:, 1:-1] > STEP_HEIGHT) & (beside * STEP_SHARPNESS < jumps[:, 1:-1])
    total = np.cumsum(sharp, axis=0, dtype=np.int32)
    return (total[STEP_RUN:] - total[:-STEP_RUN] == STEP_RUN).sum(axis=0)


def find_pixel_damage(pixels: np.ndarray) -> bool:
    """pixels: (H, W, 3) uint8 -> whether they show what broken files do: a repeated band, or a seam.

    Black or white bands at both ends are left alone: frames of dermatoscopes and screenshots have them. Every eighth
    column (or row) is looked at for bands, in green.
    """
    green = pixels[..., 1]
    across, down = green[:, ::STEP].astype(np.int16), green[::STEP].T.astype(np.int16)
    banded = any(_repeats(lines) or _breaks_off(lines) for lines in (across, down))
    return banded or _ends_within_row(pixels) or find_seam(pixels)


def _ends_within_row(pixels: np.ndarray) -> bool:
    """Whether zeros alone follow some pixel in the middle of a row, to an end: a file whose rest was never written.

    A BMP begins with the lowest row, so that zeros in it follow upwards. Frames begin and end with whole rows.
    """
    if pixels[0].any() and pixels[-1].any():
        return False
    black = (pixels[..., 0] | pixels[..., 1] | pixels[..., 2]) == 0  # far faster than `any` over an axis of three
    full = np.asarray(np.all(black, axis=1))
    below, above = int(np.argmin(full[::-1])), int(np.argmin(full))
    if full.all() or not below + above:
        return False
    last, before = (len(full) - 1 - below, len(full) - 2 - below) if below else (above, above + 1)
    tail = int(np.argmin(black[last, ::-1]))  # pixels at the end of the row that is black in part
    is_only_tail = tail > 0 and int(black[last].sum()) == tail and not black[before, -1]
    return is_only_tail and int(pixels[last, -tail - 1].max()) > DARK


def _repeats(lines: np.ndarray) -> bool:
    """lines: (n, m) int16 -> whether a band of them repeats one line that is neither black nor white."""
    same = (lines[1:] == lines[:-1]).all(axis=1)
    return _longest(same & ~_is_blank(lines[1:])) > FLAT * len(lines)


def _breaks_off(lines: np.ndarray) -> bool:
    """lines: (n, m) int16 -> whether those at one end are black or white, and those at the other are not."""
    blank = _is_blank(lines)
    if blank.all():
        return False  # nothing to compare with; a photo as black or white as that is unusable anyway
    head, tail = sorted((int(np.argmin(blank)), int(np.argmin(blank[::-1]))))
    return tail > BLANK * len(lines) and head < tail / 4


def _is_blank(lines: np.ndarray) -> np.ndarray:
    """lines: (n, m) int16 -> (n,) bool: black or white throughout."""
    return (lines.max(axis=1) <= DARK) | (lines.min(axis=1) >= WHITE)


def _longest(marks: np.ndarray) -> int:
    """(n,) bool -> length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _jpeg_warns(data: bytes) -> bool:
    """Whether libjpeg warns of a JPEG, but for zeros that pad one of its parts. Decodes at an eighth of its size."""
    try:
        try:
            simplejpeg.decode_jpeg(data, colorspace="GRAY", min_factor=8, strict=True)
        except ValueError as error:
            if LOSSLESS not in str(error):
                raise
            simplejpeg.decode_jpeg(data, colorspace="RGB", strict=True)
    except ValueError as error:
        padding = EXTRANEOUS.search(str(error))
        return not padding or bytes(int(padding[1])) + bytes([0xFF, int(padding[2], 16)]) not in data
    return False


def _has_odd_table(image: Image.Image) -> bool:
    """Whether a number of a JPEG's quantisation tables is unlike those beside it, as no encoder's is."""
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    return any(_is_odd(tuple(table)) for table in tables.values())


@lru_cache(64)  # a camera, or an encoder at one quality, writes the same tables into all its photos
def _is_odd(numbers: tuple[int, ...]) -> bool:
    table = np.array(numbers, float).reshape(8, 8)
    padded = np.pad(table, 1, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).reshape(8, 8, 9)
    middle = np.maximum(np.nanmedian(np.delete(windows, 4, axis=2), axis=2), 1)
    ratio = np.maximum(table, 1) / middle
    return bool(((np.maximum(ratio, 1 / ratio) > ODD_RATIO) & (np.abs(table - middle) > ODD_STEP)).any())
