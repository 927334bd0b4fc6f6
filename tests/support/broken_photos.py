"""Broken photos, the same for the same number: the synthetic example in every format, spoiled in one of nine ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from encodings_of_photos import dicom, encode
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from melanoma.photo import draw_example

SIZE = {"width": 300, "height": 225}
EXAMPLES = 3
HEAD = 400  # bytes at the beginning where sizes and tables stand

Random = np.random.Generator

FORMATS: dict[str, Callable[[np.ndarray], bytes]] = {
    "JPEG": lambda pixels: encode(pixels, "JPEG", quality=90),
    "JPEG progressive": lambda pixels: encode(pixels, "JPEG", quality=85, progressive=True),
    "JPEG grey": lambda pixels: encode(Image.fromarray(pixels).convert("L"), "JPEG", quality=90),
    "PNG": lambda pixels: encode(pixels, "PNG"),
    "PNG palette": lambda pixels: encode(Image.fromarray(pixels).quantize(256), "PNG"),
    "WebP": lambda pixels: encode(pixels, "WEBP", quality=85),
    "WebP lossless": lambda pixels: encode(pixels, "WEBP", lossless=True, method=0),
    "TIFF": lambda pixels: encode(pixels, "TIFF"),
    "TIFF LZW": lambda pixels: encode(pixels, "TIFF", compression="tiff_lzw"),
    "TIFF deflate": lambda pixels: encode(pixels, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF JPEG": lambda pixels: encode(pixels, "TIFF", compression="jpeg"),
    "BMP": lambda pixels: encode(pixels, "BMP"),
    "GIF": lambda pixels: encode(pixels, "GIF"),
    "HEIC": lambda pixels: encode(pixels, "HEIF", quality=80),
    "AVIF": lambda pixels: encode(pixels, "AVIF", quality=80, speed=10),
    "DICOM": lambda pixels: dicom(pixels, ExplicitVRLittleEndian),
    "DICOM RLE": lambda pixels: dicom(pixels, RLELossless),
    "DICOM JPEG": lambda pixels: dicom(pixels, JPEGBaseline8Bit, "YBR_FULL_422"),
    "DICOM JPEG-LS": lambda pixels: dicom(pixels, JPEGLSLossless),
    "DICOM JPEG 2000": lambda pixels: dicom(pixels, JPEG2000Lossless),
}


def flip_bits(data: bytearray, random: Random) -> None:
    """One, three or ten bits anywhere."""
    for _ in range(random.choice([1, 3, 10])):
        data[random.integers(len(data))] ^= 1 << random.integers(8)


def edit_head(data: bytearray, random: Random) -> None:
    """Up to eight bytes among the first."""
    for _ in range(random.integers(1, 9)):
        data[random.integers(min(HEAD, len(data)))] = random.integers(256)


def lie_about_size(data: bytearray, random: Random) -> None:
    """A number of two or four bytes among the first becomes a small, a large, or an extreme one."""
    length = int(random.choice([2, 4]))
    value = int(random.choice([0, 1, 33, 8_000, 30_000, 65_535, 2**31 - 1, 2**32 - 1])) % 256**length
    at = int(random.integers(2, min(HEAD, len(data))))
    data[at : at + length] = value.to_bytes(length, random.choice(["little", "big"]))


def cut_off(data: bytearray, random: Random) -> None:
    """The end is missing; half of them are closed as a whole JPEG would be."""
    del data[random.integers(8, len(data)) :]
    if random.random() < 0.5:
        data += b"\xff\xd9"


def cut_off_and_fill(data: bytearray, random: Random) -> None:
    """A download that broke off in a file of its full length."""
    at = int(random.integers(len(data) // 5, len(data)))
    data[at:] = bytes(len(data) - at)


def zero_stretch(data: bytearray, random: Random) -> None:
    """16, 200 or 500 bytes in a row are zero."""
    length = int(random.choice([16, 200, 500]))
    at = int(random.integers(len(data)))
    data[at : at + length] = bytes(len(data[at : at + length]))


def scramble_stretch(data: bytearray, random: Random) -> None:
    """16, 200 or 500 bytes in a row are noise."""
    length = int(random.choice([16, 200, 500]))
    at = int(random.integers(len(data)))
    data[at : at + length] = random.bytes(len(data[at : at + length]))


def drop_stretch(data: bytearray, random: Random) -> None:
    """A piece is missing, and the rest has moved up."""
    at = int(random.integers(len(data)))
    del data[at : at + int(random.choice([1, 16, 500]))]


def repeat_stretch(data: bytearray, random: Random) -> None:
    """A piece stands there twice."""
    at = int(random.integers(len(data)))
    data[at:at] = data[at : at + int(random.choice([1, 16, 500]))]


KINDS = (
    flip_bits,
    edit_head,
    lie_about_size,
    cut_off,
    cut_off_and_fill,
    zero_stretch,
    scramble_stretch,
    drop_stretch,
    repeat_stretch,
)


@dataclass(frozen=True)
class Input:
    """A broken file. kind: what was done to it; whole: the file before."""

    number: int
    format: str
    kind: str
    data: bytes
    whole: bytes


@cache
def encode_example(format_: str, seed: int) -> bytes:
    """The synthetic example of a seed as a whole file."""
    return FORMATS[format_](draw_example(seed, **SIZE))


def make_input(number: int) -> Input:
    """The broken file of a number: formats and kinds take turns, place and extent are drawn."""
    random = np.random.default_rng([2026, number])
    format_ = list(FORMATS)[number % len(FORMATS)]
    kind = KINDS[number // len(FORMATS) % len(KINDS)]
    whole = encode_example(format_, int(random.integers(EXAMPLES)))
    data = bytearray(whole)
    kind(data, random)
    return Input(number, format_, kind.__name__, bytes(data), whole)
