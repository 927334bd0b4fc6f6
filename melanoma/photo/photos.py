"""Untrusted bytes -> Photo: upright sRGB pixels without metadata, or a PhotoError in plain words.

Nothing here writes or logs anything about a photo.
"""

from __future__ import annotations

import hashlib
import io
import logging
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from melanoma.photo.colour_profiles import MODES, convert_to_srgb
from melanoma.photo.damage import decode_whole_jpeg, find_file_damage
from melanoma.photo.dicom import is_dicom, open_frame, read_header
from melanoma.photo.jpeg_passes import is_unread_kind
from melanoma.photo.limits import DAMAGED, TOO_MANY_PIXELS, PhotoError, check_bytes, check_size
from melanoma.photo.tiff_pages import seek_photo
from melanoma.photo.transfer import apply_gamma, check_curve

try:
    from pi_heif import register_heif_opener  # decodes only: without the GPL encoder that pillow-heif bundles
except ImportError:  # no wheel for this platform
    READS_HEIC = False
else:
    register_heif_opener()
    READS_HEIC = True

logging.getLogger("PIL").setLevel(logging.WARNING)  # at DEBUG it logs every tag of a photo: place, date, device

# The only decoders that ever see a file. The JPEG one also opens MPO, a JPEG with a second picture behind it.
DECODERS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF") + (("HEIF",) if READS_HEIC else ())
UNCHECKED = ("WEBP", "TIFF", "HEIF", "AVIF")  # whose streams may be damaged without a decoder noticing

SNIFF = 132  # bytes of a file's beginning that show its format
JPEG_START = b"\xff\xd8\xff"
SIGNATURES = (JPEG_START, b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"BM", b"GIF8")  # at 0
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1")
BRANDS = (b"WEBP", b"avif", b"avis", *(HEIF_BRANDS if READS_HEIC else ()))  # at 8

FORMATS = f"JPEG, PNG, WebP, TIFF, BMP, GIF, {'AVIF, HEIC' if READS_HEIC else 'AVIF'} or DICOM"
NOT_A_PHOTO = (
    f"This file is not a photo in a format that can be read ({FORMATS}): export the photo as JPEG or PNG and use "
    "that file."
)
# Of formats that are not read here, and that a photo may have; at 0. No decoder of JPEG XL is both free for every use
# and small.
UNREAD = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"MM\0+": "BigTIFF (big-endian)",
}
UNREAD_JPEG = (
    "This JPEG is of a kind that is not read here, with more than 8 bits a colour or in JPEG-LS: "
    "export the photo as an ordinary JPEG or PNG and use that file."
)
PLANAR = "This TIFF stores 16 bits a channel in separate planes: export the photo as an 8-bit JPEG or PNG."

ORIENTATION, BITS_PER_SAMPLE, PHOTOMETRIC, PLANES = 274, 258, 262, 284  # tags of EXIF and TIFF
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
LARGE_PICTURE = 20_000_000  # pixels; each takes up to 20 bytes while it is decoded
# For large pictures: several visitors at once would fill the memory. A worker asks the app's process for it instead.
ONE_AT_A_TIME: AbstractContextManager = Lock()
# What answers need: over three times the largest network's input. Where photos of 12 megapixels are decoded at half
# their size for it, which halves the time, probabilities differ by 0.004 on average and 0.025 at most (38 photos).
ENOUGH = 1024  # pixels, shorter side


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

    @property
    def is_unchecked(self) -> bool:
        """Whether its file may be damaged without the decoder noticing, so that only the pixels tell."""
        return self.format in UNCHECKED


def read_photo(data: bytes, smallest_side: int | None = None) -> Photo:
    """The photo in the bytes of a file, upright, in sRGB, 8 bits a channel, on white where transparent.

    With `smallest_side` (pixels) a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size, several times
    faster, its shorter side no shorter than that. Raises PhotoError, and nothing else, for bytes that
    are no photo, are damaged, or are too large or too small.
    """
    check_bytes(data)
    try:
        pixels, format_, notes, size = _decode(data, smallest_side)
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoError(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise PhotoError(describe_unopened(data)) from error
    except MemoryError as error:
        raise PhotoError("There is not enough memory to read this photo: export it at a smaller size.") from error
    except Exception as error:  # decoders raise all kinds (OSError, SyntaxError, struct.error, ...) on broken bytes
        raise PhotoError(DAMAGED) from error
    return Photo(pixels, hashlib.sha256(data).hexdigest(), format_, tuple(notes), size)


def _decode(data: bytes, smallest_side: int | None) -> tuple[np.ndarray, str, list[str], tuple[int, int]]:
    """Pixels, format, notes and upright original size; raises what decoders raise."""
    if is_dicom(data):
        return _decode_dicom(data, smallest_side)
    image: Image.Image = Image.open(io.BytesIO(data), formats=DECODERS)
    notes: list[str] = []
    format_ = "JPEG" if image.format == "MPO" else str(image.format)
    if isinstance(image, TiffImageFile) and (pages := seek_photo(image, data)) > 1:
        notes.append(f"the file holds {pages} pictures: only the largest was read")
    check_size(*image.size, len(data))
    with _turn(image.width * image.height):
        full_size = _draft(image, smallest_side)
        whole = decode_whole_jpeg(data, image, full_size)
        if find_file_damage(data, image, is_whole=whole is not None):
            raise PhotoError(DAMAGED)
        return _decode_pixels(image, data, format_, notes, full_size, whole)


def _decode_dicom(data: bytes, smallest_side: int | None) -> tuple[np.ndarray, str, list[str], tuple[int, int]]:
    """As `_decode`, of a DICOM file."""
    header = read_header(data)
    check_size(header.Columns, header.Rows, len(data))
    with _turn(header.Columns * header.Rows):
        frame = open_frame(header)
        full_size = _draft(frame.image, smallest_side)
        return _decode_pixels(frame.image, frame.content or data, "DICOM", list(frame.notes), full_size)


def _turn(pixels: int) -> AbstractContextManager:
    """What to hold while a picture of so many pixels is decoded."""
    return ONE_AT_A_TIME if pixels > LARGE_PICTURE else nullcontext()


def _draft(image: Image.Image, smallest_side: int | None) -> tuple[int, int]:
    """Have a JPEG decoded at 1/2, 1/4 or 1/8, its shorter side no shorter than that; the (width, height) before."""
    full_size = image.size
    if smallest_side and image.format in ("JPEG", "MPO"):
        image.draft(None, (smallest_side, smallest_side))
    return full_size


def _decode_pixels(
    image: Image.Image,
    data: bytes,
    format_: str,
    notes: list[str],
    full_size: tuple[int, int],
    whole: np.ndarray | None = None,
) -> tuple[np.ndarray, str, list[str], tuple[int, int]]:
    """As `_decode`, of an image whose header was found good. whole: its pixels, where they are decoded already."""
    info, profile = image.info, image.info.get("icc_profile")
    check_curve(data, format_, notes, has_profile=profile is not None)
    if format_ not in ("JPEG", "TIFF") and getattr(image, "is_animated", False):
        notes.append("the file holds several pictures: only the first was read")
    drafted = image.size != full_size
    marked = _orientation(image)
    if whole is None:
        image.load()
    turn = TURNS.get(_orientation(image))  # none left where the decoder has turned it already, as for TIFF
    check_size(*image.size, len(data))  # a HEIC file may say one size in its header and hold another

    if whole is not None:
        if turn is None and profile is None:  # nothing to change: spared two copies
            whole.setflags(write=False)
            return whole, format_, notes, full_size
        image = Image.fromarray(whole)
    image, alpha = _split_alpha(_eight_bits(image, _bits(image, data), notes))
    if profile is None and format_ == "PNG":
        image = apply_gamma(image, info, notes)
    image = convert_to_srgb(image, profile, notes)
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


def looks_like_photo(start: bytes) -> bool:
    """Whether a file that begins so, with SNIFF bytes, is of a format that is read here, or refused by its name."""
    return is_readable(start) or start.startswith(tuple(UNREAD))


def is_readable(start: bytes) -> bool:
    """Whether a file that begins so is of a format that is read here."""
    return start.startswith(SIGNATURES) or start[8:12] in BRANDS or is_dicom(start)


def describe_unopened(data: bytes) -> str:
    """Why no decoder opens a file, and what to do."""
    if data.startswith(JPEG_START) and is_unread_kind(data):
        return UNREAD_JPEG
    return DAMAGED if is_readable(data) else describe_unreadable(data)


def describe_unreadable(start: bytes) -> str:
    """Why a file that begins so is not read, and what to do."""
    names = (name for signature, name in UNREAD.items() if start.startswith(signature))
    if name := next(names, None):
        return f"This is a {name} file, which is not read here: export the photo as JPEG or PNG and use that file."
    return NOT_A_PHOTO


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
    if bits > 8 and _tiff_tag(image, PLANES) == 2:
        raise PhotoError(PLANAR)  # Pillow would read its bytes as something else
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
    if image.mode not in MODES:
        image = image.convert("RGB")
    return image, alpha
