"""Untrusted bytes -> Photo: upright sRGB pixels without metadata, or a PhotoError in plain words.

Nothing here writes or logs anything about a photo.
"""

from __future__ import annotations

import hashlib
import io
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

try:
    from pillow_heif import register_heif_opener
except ImportError:  # an extra: its wheels hold GPL libraries
    READS_HEIC = False
else:
    register_heif_opener()
    READS_HEIC = True

logging.getLogger("PIL").setLevel(logging.WARNING)  # at DEBUG it logs every tag of a photo: place, date, device

MAX_BYTES = 50 * 1024**2
MAX_PIXELS = 80_000_000  # compared with the header's width x height before any pixel is decoded
MIN_SIDE = 32  # pixels

# The only decoders that ever see a file. The JPEG one also opens MPO, a JPEG with a second picture behind it.
DECODERS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF") + (("HEIF",) if READS_HEIC else ())

SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"BM", b"GIF8")
BRANDS = (b"WEBP",) + ((b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1") if READS_HEIC else ())  # at 8

NOT_A_PHOTO = (
    f"This file is not a photo in a format that can be read (JPEG, PNG, WebP, TIFF, BMP, GIF"
    f"{' or HEIC' if READS_HEIC else ''}): export the photo as JPEG or PNG and use that file."
)
DAMAGED = (
    "This photo is incomplete or damaged and cannot be read: "
    "copy or export it again from where it came from, as JPEG or PNG, and use that file."
)
TOO_MANY_PIXELS = (
    f"This photo has more than {MAX_PIXELS // 10**6} megapixels, which is more than is read here: "
    "export it at a smaller size and use that file."
)

ORIENTATION, BITS_PER_SAMPLE, PHOTOMETRIC = 274, 258, 262  # tags of EXIF and TIFF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FIRST_QUARTER_TURN = 5
# What answers need: over three times the largest network's input. Where photos of 12 megapixels are decoded at half
# their size for it, which halves the time, probabilities differ by 0.004 on average and 0.025 at most (38 photos).
ENOUGH = 1024  # pixels, shorter side
SRGB = ImageCms.createProfile("sRGB")
MODE_OF_PROFILE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}


class PhotoError(ValueError):
    """A file that cannot be used; the message is one plain sentence: what was wrong, and what to do."""


@dataclass(frozen=True)
class Photo:
    """An upright sRGB picture.

    pixels: (H, W, 3) uint8, contiguous, not writeable; sha256: hex digest of the bytes it came from;
    format: the decoder's name of the file format (JPEG, PNG, ...); notes: what was changed on reading,
    in plain words; original_size: upright (width, height) in the file, larger than the pixels only
    where `smallest_side` asked for less.
    """

    pixels: np.ndarray
    sha256: str
    format: str
    notes: tuple[str, ...] = ()
    original_size: tuple[int, int] | None = None


def read_photo(data: bytes, smallest_side: int | None = None) -> Photo:
    """The photo in the bytes of a file, upright, in sRGB, 8 bits a channel, on white where transparent.

    With `smallest_side` (pixels) a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size, several times
    faster, its shorter side no shorter than that. Raises PhotoError, and nothing else, for bytes that
    are no photo, are damaged, or are too large or too small.
    """
    if not data:
        raise PhotoError("This file is empty: copy or export the photo again and use that file.")
    if len(data) > MAX_BYTES:
        raise PhotoError(
            f"This file is larger than {MAX_BYTES // 1024**2} MB: export the photo as JPEG or at a smaller size."
        )
    try:
        pixels, format_, notes, size = _decode(data, smallest_side)
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoError(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        known = data.startswith(SIGNATURES) or data[8:12] in BRANDS
        raise PhotoError(DAMAGED if known else NOT_A_PHOTO) from error
    except MemoryError as error:
        raise PhotoError("There is not enough memory to read this photo: export it at a smaller size.") from error
    except Exception as error:  # decoders raise all kinds (OSError, SyntaxError, struct.error, ...) on broken bytes
        raise PhotoError(DAMAGED) from error
    return Photo(pixels, hashlib.sha256(data).hexdigest(), format_, tuple(notes), size)


def _decode(data: bytes, smallest_side: int | None) -> tuple[np.ndarray, str, list[str], tuple[int, int]]:
    """Pixels, format, notes and upright original size; raises what decoders raise."""
    if data[:4] == b"RIFF":
        _check_size(*_webp_size(data))  # this decoder makes its canvas on opening
    image: Image.Image = Image.open(io.BytesIO(data), formats=DECODERS)
    _check_size(*image.size)
    format_ = "JPEG" if image.format == "MPO" else str(image.format)
    full_size = image.size
    if smallest_side and format_ == "JPEG":
        image.draft(None, (smallest_side, smallest_side))
    notes = []
    if format_ != "JPEG" and getattr(image, "is_animated", False):
        notes.append("the file holds several pictures: only the first was read")
    drafted = image.size != full_size
    marked = _orientation(image)
    image.load()
    turn = TURNS.get(_orientation(image))  # none left where the decoder has turned it already, as for TIFF
    _check_size(*image.size)  # a HEIC file may say one size in its header and hold another

    profile = image.info.get("icc_profile")
    image, alpha = _split_alpha(_eight_bits(image, _bits(image, data), notes))
    image = _to_srgb(image, profile, notes)
    if alpha is not None and np.asarray(alpha).min() < 255:
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
        notes.append("transparent parts were put on white")
    if turn is not None:
        image = image.transpose(turn)
    if marked in TURNS:
        notes.append("turned upright, as the camera had marked it")
    upright = full_size[::-1] if marked >= FIRST_QUARTER_TURN else full_size
    pixels = np.ascontiguousarray(image)
    pixels.setflags(write=False)
    return pixels, format_, notes, upright if drafted else image.size


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(TOO_MANY_PIXELS)
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"This photo is only {width} x {height} pixels, too small to show a lesion (at least {MIN_SIDE} each way): "
            "use the original photo."
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Canvas (width, height) that a WebP file's first chunk declares; the smallest size allowed if none is known."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return MIN_SIDE, MIN_SIDE
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return MIN_SIDE, MIN_SIDE


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 (upright) where there is none or it makes no sense."""
    with suppress(Exception):  # a broken EXIF block raises all kinds, and the pixels do not depend on it
        value = image.getexif().get(ORIENTATION, 1)
        if value in TURNS:
            return int(value)
    return 1


def _bits(image: Image.Image, data: bytes) -> int:
    """Bits a channel in the file."""
    if image.format == "PNG":
        return data[24]  # in IHDR, always the first chunk
    if image.format == "TIFF":
        return max(_tiff_tag(image, BITS_PER_SAMPLE) or (8,))
    return image.info.get("bit_depth", 8)


def _tiff_tag(image: Image.Image, tag: int) -> Any:
    """A tag of a TIFF file; None where it has none."""
    return image.tag_v2.get(tag) if isinstance(image, TiffImageFile) else None


def _eight_bits(image: Image.Image, bits: int, notes: list[str]) -> Image.Image:
    """The image at 8 bits a channel. Pillow reduces colour itself; its conversion of grey clips to white."""
    if image.mode in ("I", "F"):
        raise PhotoError("This photo stores 32 bits for each grey value: export it as an 8-bit JPEG or PNG.")
    if bits > 8:
        notes.append(f"{bits} bits a channel were reduced to 8")
    if not image.mode.startswith("I;16"):
        return image
    grey = np.asarray(image).astype(np.float32) * (255 / (2**bits - 1))
    if image.format == "TIFF" and _tiff_tag(image, PHOTOMETRIC) == 0:  # 0 is white, which Pillow heeds at 8 bits only
        grey = 255 - grey
    return Image.fromarray((np.clip(grey, 0, 255) + 0.5).astype(np.uint8))


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colours (mode L, RGB, CMYK or LAB) and alpha (mode L, or None) of an image at 8 bits a channel."""
    alpha = None
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    if grey:
        return (image.convert("L") if alpha is None else image.getchannel("R")), alpha
    if image.mode not in MODE_OF_PROFILE.values():
        image = image.convert("RGB")
    return image, alpha


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """Mode RGB in sRGB, by the embedded ICC profile where there is a usable one."""
    if profile:
        try:
            return _by_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), notes)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notes.append("its colour profile could not be used and was ignored: colours may be off")
    if image.mode == "CMYK":
        notes.append("converted from CMYK print colours without a profile: colours may be off")
    if image.mode == "LAB":
        notes.append("converted from Lab colours")
        return _convert_profile(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return image if image.mode == "RGB" else image.convert("RGB")  # which would copy it


def _by_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile, notes: list[str]) -> Image.Image:
    """Mode RGB in sRGB. Raises PyCMSError or ValueError for a profile that does not fit the image."""
    name = (profile.profile.profile_description or "unnamed").strip()
    space = profile.profile.xcolor_space.strip()
    if space == "RGB" and image.mode == "L":
        image = image.convert("RGB")
    if MODE_OF_PROFILE.get(space) != image.mode:
        raise ValueError(f"a profile for {space}, an image in {image.mode}")
    if space == "RGB" and name.startswith("sRGB"):
        return image
    image = _convert_profile(image, profile)
    notes.append("colours converted from its own colour profile to sRGB")
    return image


def _convert_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """An image in the colours of `profile` -> mode RGB in sRGB. Raises PyCMSError."""
    converted = ImageCms.profileToProfile(image, profile, SRGB, outputMode="RGB")
    assert converted is not None  # only an image that is changed in place gives None
    return converted
