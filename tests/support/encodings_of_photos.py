"""Files in memory for the tests of photos: any format, 16 bits, EXIF marks, colour profiles, DICOM."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    UID,
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from melanoma.photo.synthetic import draw_example

SPECIMEN = draw_example(seed=5, width=96, height=64)
ORIENTATION = 0x0112


def encode(image, format_: str, **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    if format_ == "HEIF":  # what the app reads HEIC with cannot write it
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.from_pillow(image).save(buffer, **options)
        return buffer.getvalue()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png16(values: np.ndarray, colour: int) -> bytes:
    """values: (H, W) or (H, W, channels) uint16 -> a 16-bit PNG."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(values.shape[1], values.shape[0], 16, colour, rows)


def mean_difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def profile_bytes(primaries=((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), name="A camera's own") -> bytes:
    """A small matrix ICC profile (version 2, gamma 2.2), with the primaries of Adobe RGB (1998) by default."""
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.9505, 1.0, 1.089])  # D65
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50 = np.array([0.9642, 1.0, 0.8249])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ white)) @ bradford
    columns = (adapt @ (xyz * np.linalg.solve(xyz, white))).T

    def fixed(values) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (12 + 67)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = {b"desc": described, b"wtpt": fixed(d50), b"cprt": b"text\0\0\0\0none\0"}
    tags |= {b"rXYZ": fixed(columns[0]), b"gXYZ": fixed(columns[1]), b"bXYZ": fixed(columns[2])}
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += tag + struct.pack(">II", offset + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4s4s4s4s4s", 128 + len(table) + len(body), b"\0" * 4, b"\x02\x10\0\0", b"mntr", b"RGB ", b"XYZ "
    )
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block


def dicom(
    pixels: np.ndarray,
    syntax: str = ExplicitVRLittleEndian,
    colours: str = "RGB",
    frame: bytes | None = None,
    **attributes,
) -> bytes:
    """pixels: (H, W, 3) uint8 RGB -> a DICOM file of a dermoscopic photo of Jane Doe.

    `syntax`: transfer syntax; JPEG and JPEG 2000 are encoded by Pillow, RLE and JPEG-LS by pydicom. `colours`:
    photometric interpretation; frame: a compressed one to use as it is; attributes are set last, by their keywords.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = DermoscopicPhotographyImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid(entropy_srcs=["a photo"])
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Doe^Jane", "0000", "19700101"
    dataset.Modality = "DMS"
    values = store_colours(pixels, colours, dataset)
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if values.ndim == 2 else 3
    if dataset.SamplesPerPixel == 3:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = colours
    dataset.BitsAllocated = dataset.BitsStored = 8 * values.dtype.itemsize
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.PixelData = values.tobytes()
    if syntax in (RLELossless, JPEGLSLossless):
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(UID(syntax))
    elif UID(syntax).is_encapsulated:
        format_ = "JPEG2000" if syntax in (JPEG2000Lossless, JPEG2000) else "JPEG"
        options = {"no_jp2": True} if format_ == "JPEG2000" else {"quality": 95, "keep_rgb": colours == "RGB"}
        frame = frame or encode(values if colours.startswith("MONO") else pixels, format_, **options)
        dataset.PixelData = encapsulate([frame])
        dataset["PixelData"].VR = "OB"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    file = io.BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def store_colours(pixels: np.ndarray, colours: str, dataset: Dataset) -> np.ndarray:
    """pixels: (H, W, 3) uint8 RGB -> sample values in a photometric interpretation; a palette goes to the dataset."""
    image = Image.fromarray(pixels)
    if colours == "MONOCHROME1":
        return 255 - np.asarray(image.convert("L"))
    if colours == "MONOCHROME2":
        return np.asarray(image.convert("L"))
    if colours == "PALETTE COLOR":
        paletted = image.quantize(256)
        table = np.zeros(768, np.uint8)
        palette = paletted.getpalette()
        table[: len(palette)] = palette
        for channel, name in enumerate(("Red", "Green", "Blue")):
            setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 8])
            setattr(dataset, f"{name}PaletteColorLookupTableData", table[channel::3].tobytes())
        return np.asarray(paletted)
    if colours == "YBR_FULL":
        return np.asarray(image.convert("YCbCr"))
    if colours == "YBR_FULL_422":  # two brightnesses, then the colour that two pixels share
        full = np.asarray(image.convert("YCbCr"))
        pairs = np.stack([full[:, ::2, 0], full[:, 1::2, 0], full[:, ::2, 1], full[:, ::2, 2]], axis=-1)
        return pairs.reshape(-1)
    return np.asarray(pixels)


def encode_big_tiff(pixels: np.ndarray, hidden: Sequence[np.ndarray] = (), sub_type: int = 18) -> bytes:
    """A BigTIFF of one page, (h, w, 3) uint8, that names other pictures by its tag SubIFDs. sub_type: of that tag."""
    data = bytearray(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0))
    places = tuple(_add_picture(data, one) for one in hidden)
    page = _add_picture(data, pixels, [(330, sub_type, "Q", places)] if places else [])
    data[8:16] = struct.pack("<Q", page)
    return bytes(data)


def _add_picture(data: bytearray, pixels: np.ndarray, more: Sequence[tuple] = ()) -> int:
    """Add uncompressed pixels and their directory; its place."""
    strip, (height, width, _) = len(data), pixels.shape
    data += pixels.tobytes()
    tags = [(256, 4, "L", (width,)), (257, 4, "L", (height,)), (258, 3, "H", (8, 8, 8)), (262, 3, "H", (2,))]
    tags += [(273, 16, "Q", (strip,)), (277, 3, "H", (3,)), (278, 4, "L", (height,)), (279, 16, "Q", (pixels.nbytes,))]
    entries = []
    for tag, kind, form, values in (*tags, *more):
        value = struct.pack(f"<{len(values)}{form}", *values)
        if len(value) > 8:
            data += value
            value = struct.pack("<Q", len(data) - len(value))
        entries.append(struct.pack("<HHQ8s", tag, kind, len(values), value))
    place = len(data)
    data += struct.pack("<Q", len(entries)) + b"".join(entries) + bytes(8)
    return place
