"""A DICOM file -> the picture in its first frame. Who the patient is, is not read.

Only the attributes of TAGS are taken from the header, and of these only fixed words reach a note. Colours follow the
photometric interpretation: RGB, YBR_FULL, YBR_FULL_422, YBR_ICT, YBR_RCT, palette, MONOCHROME1 and 2. Uncompressed,
RLE and (where its decoder is installed) JPEG-LS frames are decoded by pydicom; JPEG and JPEG 2000 frames by Pillow,
as JPEG files are.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError
from pydicom import Dataset, config, dcmread
from pydicom.encaps import get_frame
from pydicom.filereader import read_dataset
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import JPEG2000 as JPEG2000Lossy
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    DermoscopicPhotographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)

from melanoma.photo.damage import find_file_damage
from melanoma.photo.limits import DAMAGED, PhotoError, check_bytes
from melanoma.photo.streams import rle_is_whole

try:
    from _CharLS import read_header as read_jpeg_ls_header  # pyjpegls; it has no wheel for Python 3.14
except ImportError:
    READS_JPEG_LS = False
else:
    READS_JPEG_LS = True

# pydicom quotes values that break the rules, in its log and in warnings; names may be among them.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
config.settings.reading_validation_mode = config.IGNORE

PHOTOS = (
    DermoscopicPhotographyImageStorage,
    VLPhotographicImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
BY_PILLOW = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEG2000Lossless, JPEG2000Lossy)
JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)
PLAIN = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
SYNTAXES = (*PLAIN, *BY_PILLOW, RLELossless, *(JPEG_LS if READS_JPEG_LS else ()))

TAGS = [
    *("SOPClassUID", "Modality", "LightSourcePolarization", "ContactMethod"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration"),
    "PixelAspectRatio",
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "ICCProfile", "PixelData"),
    *(
        f"{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for part in ("Data", "Descriptor")
    ),
]
# Enumerated values of the Dermoscopic Image Module, DICOM PS3.3 C.8.12.13, in words
POLARISATION = {"POLARIZED": "polarised light", "NON_POLARIZED": "light that is not polarised"}
CONTACT = {"CONTACT": "in contact with the skin", "NON_CONTACT": "without contact with the skin"}

EXPORT = "export the photo as JPEG or PNG and use that file."
NO_PICTURE = f"This DICOM file holds no picture: {EXPORT}"
NO_SQUARES = f"This DICOM file stores its picture squashed, with pixels that are no squares: {EXPORT}"
UNREADABLE_SYNTAX = f"This DICOM file is compressed in a way that is not read here: {EXPORT}"
UNREADABLE_COLOURS = f"This DICOM file stores its colours in a way that is not read here: {EXPORT}"


@dataclass(frozen=True)
class Frame:
    """The first frame of a DICOM file, not decoded yet where a JPEG is inside.

    image: mode L, I;16, RGB or what a JPEG holds, its colour profile in its info; content: the bytes that Pillow
    opened, or empty; notes: what the header says of how the photo was taken, and what was left out.
    """

    image: Image.Image
    content: bytes
    notes: tuple[str, ...]


def is_dicom(start: bytes) -> bool:
    """Whether a file that begins so, with at least 132 bytes, is a DICOM file."""
    return start[128:132] == b"DICM"


def read_header(data: bytes) -> Dataset:
    """The attributes of TAGS of a DICOM file with a photo in it; its pixels are not decoded.

    Raises PhotoError, and what pydicom raises for broken bytes.
    """
    file = io.BytesIO(data)
    file.seek(132)
    meta = read_dataset(file, is_implicit_VR=False, is_little_endian=True, stop_when=lambda tag, *_: tag.group != 2)
    if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        raise PhotoError(UNREADABLE_SYNTAX)  # pydicom would unpack the whole of it into memory
    header = dcmread(io.BytesIO(data), specific_tags=TAGS)
    if not header or ("Rows" in header and "PixelData" not in header):  # what is left of a file without its end
        raise PhotoError(DAMAGED)
    kind = UID(header.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")
    if kind not in PHOTOS:
        name = kind.name if kind.type == "SOP Class" else "of an unknown kind"
        raise PhotoError(f"This DICOM file is no photo ({name}): {EXPORT}")
    if not header.get("Rows") or not header.get("Columns"):
        raise PhotoError(NO_PICTURE)
    if header.file_meta.get("TransferSyntaxUID") not in SYNTAXES:
        raise PhotoError(UNREADABLE_SYNTAX)
    return header


def open_frame(header: Dataset) -> Frame:
    """The first frame of a DICOM file whose header was read and found small enough.

    Raises PhotoError, and what pydicom, Pillow and CharLS raise for broken bytes.
    """
    syntax = header.file_meta.TransferSyntaxUID
    if not has_square_pixels(header):
        raise PhotoError(NO_SQUARES)
    frames = int(header.get("NumberOfFrames") or 1)
    content = get_frame(header.PixelData, 0, number_of_frames=frames) if syntax.is_encapsulated else b""
    if syntax in BY_PILLOW:
        image = _open_with_pillow(header, content)
    else:
        if syntax in JPEG_LS:
            size = read_jpeg_ls_header(content)
            _check_frame(header, (size["width"], size["height"]))
        if syntax == RLELossless and not rle_is_whole(content, header.Rows * header.Columns):
            raise PhotoError(DAMAGED)
        image = _decode_with_pydicom(header)
    if profile := header.get("ICCProfile"):
        image.info["icc_profile"] = bytes(profile)
    notes = _describe(header)
    if frames > 1:
        notes.append(f"the file holds {frames} pictures: only the first was read")
    if syntax not in BY_PILLOW and header.BitsStored > 8:
        notes.append(f"{header.BitsStored} bits a channel were reduced to 8")
    return Frame(image, content if syntax in BY_PILLOW else b"", tuple(notes))


def has_square_pixels(header: Dataset) -> bool:
    """Whether a pixel is as high as it is wide, as far as the header says."""
    ratio = header.get("PixelAspectRatio") or (1, 1)
    return int(ratio[0]) == int(ratio[1])


def _open_with_pillow(header: Dataset, content: bytes) -> Image.Image:
    """A JPEG or JPEG 2000 frame, opened; decoded only where its colours must be renamed."""
    check_bytes(content)
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=("JPEG", "JPEG2000"))
    except UnidentifiedImageError as error:  # libjpeg reads 8 bits a channel
        raise PhotoError(UNREADABLE_SYNTAX if content.startswith(b"\xff\xd8\xff") else DAMAGED) from error
    _check_frame(header, image.size)
    if find_file_damage(content, image):
        raise PhotoError(DAMAGED)
    colours = header.get("PhotometricInterpretation")
    if image.format == "JPEG" and colours == "RGB" and not {"jfif", "adobe_transform"} & image.info.keys():
        image.draft("YCbCr", image.size)  # without a mark of its own Pillow takes every JPEG for YCbCr; left as stored
        image = Image.merge("RGB", image.split())
    elif image.format == "JPEG2000" and image.mode == "RGB" and str(colours).startswith("YBR_FULL"):
        image = Image.merge("YCbCr", image.split()).convert("RGB")
    elif colours == "PALETTE COLOR":
        raise PhotoError(UNREADABLE_COLOURS)
    elif image.mode.startswith("I;16"):
        image.info["bit_depth"] = 16  # Pillow has spread the values over 16 bits
    return _invert(image) if colours == "MONOCHROME1" else image


def _check_frame(header: Dataset, size: tuple[int, int]) -> None:
    """Raises PhotoError where a frame has not the size that the header says, which was checked."""
    if size != (header.Columns, header.Rows):
        raise PhotoError(DAMAGED)


def _decode_with_pydicom(header: Dataset) -> Image.Image:
    """An uncompressed, RLE or JPEG-LS frame -> mode L or RGB."""
    header.NumberOfFrames = header.get("NumberOfFrames") or 1
    colours = str(header.get("PhotometricInterpretation"))
    if header.get("PixelRepresentation") or header.BitsAllocated not in (8, 16):
        raise PhotoError(UNREADABLE_COLOURS)  # signed numbers, single bits, 32 bits: no photo is stored so
    length = get_expected_length(header)
    if header.file_meta.TransferSyntaxUID in PLAIN and len(header.PixelData) != length + length % 2:
        raise PhotoError(DAMAGED)
    pixels = pixel_array(header, index=0, raw=True)  # (H, W) or (H, W, 3), uint8 or uint16
    bits = int(header.BitsStored)
    if colours == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, header)
        bits = 8 * pixels.dtype.itemsize
    if bits > 8:
        pixels = (np.minimum(pixels, 2**bits - 1) * np.float32(255 / (2**bits - 1)) + 0.5).astype(np.uint8)
    if pixels.ndim == 2 and colours in ("MONOCHROME1", "MONOCHROME2"):
        image = Image.fromarray(pixels)
        return _invert(image) if colours == "MONOCHROME1" else image
    if pixels.ndim != 3 or colours not in ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422"):
        raise PhotoError(UNREADABLE_COLOURS)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if colours.startswith("YBR"):
        return Image.merge("YCbCr", image.split()).convert("RGB")
    return image


def _invert(image: Image.Image) -> Image.Image:
    """Grey values where 0 is white, the right way round."""
    return image.point(lambda value: 255 - value) if image.mode == "L" else image


def _describe(header: Dataset) -> list[str]:
    """How the photo was taken, where the header says so in words of the standard."""
    dermoscopic = header.get("SOPClassUID") == DermoscopicPhotographyImageStorage or header.get("Modality") == "DMS"
    clinical = not dermoscopic and header.get("Modality") == "XC"  # external-camera photography
    words = [
        "a dermoscopic photo" if dermoscopic else "a clinical photo" if clinical else "",
        POLARISATION.get(str(header.get("LightSourcePolarization")), ""),
        CONTACT.get(str(header.get("ContactMethod")), ""),
    ]
    known = [word for word in words if word]
    return [f"the file calls it {', '.join(known)}"] if known else []
