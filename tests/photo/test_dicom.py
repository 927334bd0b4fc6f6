"""A DICOM file gives its photo and nothing of the patient."""

import io
import logging
import re
import struct
import warnings
from itertools import pairwise

import numpy as np
import pytest
from encodings_of_photos import dicom, encode, mean_difference, profile_bytes
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import (
    MPEG2MPML,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)

from melanoma.photo import PhotoError, draw_example, looks_like_photo, read_photo
from melanoma.photo.photos import SNIFF

EXAMPLE = draw_example(seed=5, width=192, height=128)
GREY = np.asarray(Image.fromarray(EXAMPLE).convert("L"))


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    message = str(caught.value)
    assert message.endswith(".") and message.count(". ") == 0 and ":" in message, "one sentence, with what to do"
    return message


@pytest.mark.parametrize(
    ("syntax", "colours", "tolerance"),
    [
        (ExplicitVRLittleEndian, "RGB", 0),
        (ImplicitVRLittleEndian, "RGB", 0),
        (ExplicitVRLittleEndian, "YBR_FULL", 2),
        (ExplicitVRLittleEndian, "YBR_FULL_422", 3),
        (ExplicitVRLittleEndian, "PALETTE COLOR", 4),
        (RLELossless, "RGB", 0),
        (JPEGLSLossless, "RGB", 0),
        (JPEGBaseline8Bit, "RGB", 3),  # marked by no one: the header alone says that it is not YCbCr
        (JPEGBaseline8Bit, "YBR_FULL_422", 3),
        (JPEG2000Lossless, "RGB", 0),
    ],
)
def test_colours_come_out_right_from_every_compression(syntax, colours, tolerance):
    if syntax == JPEGLSLossless:
        pytest.importorskip("jpeg_ls", reason="pyjpegls has no wheel for this Python")
    photo = read_photo(dicom(EXAMPLE, syntax, colours))
    assert photo.format == "DICOM"
    assert photo.original_size == (192, 128)
    assert mean_difference(photo.pixels, EXAMPLE) <= tolerance


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEG2000Lossless])
@pytest.mark.parametrize("colours", ["MONOCHROME1", "MONOCHROME2"])
def test_grey_is_the_right_way_round(colours, syntax):
    pixels = read_photo(dicom(EXAMPLE, syntax, colours)).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    assert mean_difference(pixels[..., 0], GREY) <= 1


def test_sixteen_bits_are_reduced_with_a_note():
    wide = GREY.astype(np.uint16) * 16  # 12 bits in 16
    data = dicom(EXAMPLE, colours="MONOCHROME2", BitsAllocated=16, BitsStored=12, HighBit=11, PixelData=wide.tobytes())
    photo = read_photo(data)
    assert mean_difference(photo.pixels[..., 0], GREY) <= 1
    assert "12 bits a channel were reduced to 8" in photo.notes


def test_a_jpeg_without_a_mark_of_its_colours_has_those_of_the_header():
    frame = bytearray(encode(EXAMPLE, "JPEG", quality=95, keep_rgb=True))
    at = frame.index(b"\xff\xee")
    del frame[at : at + 16]  # Adobe's mark, which says that they are not YCbCr
    start = frame.index(b"\xff\xc0") + 10
    frame[start : start + 9 : 3] = bytes([1, 2, 3])  # nor do the names of the components
    start = frame.index(b"\xff\xda") + 5
    frame[start : start + 6 : 2] = bytes([1, 2, 3])
    assert mean_difference(np.asarray(Image.open(io.BytesIO(frame))), EXAMPLE) > 30, "the fixture is what it should be"
    photo = read_photo(dicom(EXAMPLE, JPEGBaseline8Bit, "RGB", PixelData=encapsulate([bytes(frame)])))
    assert mean_difference(photo.pixels, EXAMPLE) < 3


def test_grey_of_sixteen_bits_in_jpeg_2000():
    frame = encode(Image.fromarray(GREY.astype(np.uint16) * 257), "JPEG2000", no_jp2=True)
    header = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": encapsulate([frame])}
    photo = read_photo(dicom(EXAMPLE, JPEG2000Lossless, "MONOCHROME2", **header))
    assert mean_difference(photo.pixels[..., 0], GREY) <= 1
    assert "16 bits a channel were reduced to 8" in photo.notes


def test_its_colour_profile_is_used():
    photo = read_photo(dicom(EXAMPLE, ICCProfile=profile_bytes()))
    assert "colours converted from its own colour profile to sRGB" in photo.notes
    assert mean_difference(photo.pixels, read_photo(encode(EXAMPLE, "PNG", icc_profile=profile_bytes())).pixels) == 0


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEGBaseline8Bit])
def test_the_first_frame_of_several_is_read_with_a_note(syntax):
    second = (255 - EXAMPLE).tobytes()
    frames = EXAMPLE.tobytes() + second
    if syntax == JPEGBaseline8Bit:
        frames = encapsulate([encode(EXAMPLE, "JPEG", quality=95), encode(255 - EXAMPLE, "JPEG")])
    colours = "YBR_FULL_422" if syntax == JPEGBaseline8Bit else "RGB"
    photo = read_photo(dicom(EXAMPLE, syntax, colours, NumberOfFrames=2, PixelData=frames))
    assert mean_difference(photo.pixels, EXAMPLE) < 3
    assert "the file holds 2 pictures: only the first was read" in photo.notes


def test_a_large_jpeg_inside_is_decoded_at_the_size_that_is_needed():
    large = draw_example(seed=5, width=1200, height=900)
    photo = read_photo(dicom(large, JPEGBaseline8Bit, "YBR_FULL_422"), smallest_side=224)
    assert min(photo.pixels.shape[:2]) == 225
    assert photo.original_size == (1200, 900)


@pytest.mark.parametrize(
    ("attributes", "note"),
    [
        (
            {"LightSourcePolarization": "POLARIZED", "ContactMethod": "NON_CONTACT"},
            "the file calls it a dermoscopic photo, polarised light, without contact with the skin",
        ),
        ({"SOPClassUID": VLPhotographicImageStorage, "Modality": "XC"}, "the file calls it a clinical photo"),
        ({"SOPClassUID": VLPhotographicImageStorage}, "the file calls it a dermoscopic photo"),
        (
            {"Modality": "OT"},  # its class is that of dermoscopic photos
            "the file calls it a dermoscopic photo",
        ),
    ],
)
def test_how_the_photo_was_taken_is_told(attributes, note):
    assert read_photo(dicom(EXAMPLE, **attributes)).notes == (note,)


def test_a_secondary_capture_tells_nothing_of_how_it_was_taken():
    assert read_photo(dicom(EXAMPLE, SOPClassUID=SecondaryCaptureImageStorage, Modality="OT")).notes == ()


def test_nothing_of_the_patient_is_logged_or_told(caplog):
    caplog.set_level(logging.DEBUG)
    data = dicom(
        EXAMPLE,
        PatientComments="left arm",
        StudyDate="Doe 2020",  # no date: pydicom would quote it
        ContactMethod="Jane Doe, left arm",
    )
    with warnings.catch_warnings(record=True) as caught:
        photo = read_photo(data)
    assert not caught and not caplog.text
    assert not any(name in repr(photo.notes) for name in ("Doe", "DOE", "arm", "0000"))


# What is refused, and how


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"SOPClassUID": CTImageStorage}, "CT Image Storage"),
        ({"SOPClassUID": EncapsulatedPDFStorage}, "Encapsulated PDF Storage"),
        ({"SOPClassUID": "1.2.3.4"}, "unknown kind"),
        ({"Rows": 0}, "holds no picture"),
        ({"Rows": 20_000, "Columns": 20_000}, "megapixels"),
        ({"Rows": 20}, "too small"),
        ({"Rows": 129}, "incomplete or damaged"),
        ({"BitsAllocated": 32}, "colours"),
        ({"PixelRepresentation": 1}, "colours"),
        ({"PhotometricInterpretation": "CMYK"}, "colours"),
    ],
)
def test_what_is_no_photo_is_refused_in_a_sentence(attributes, words):
    assert words in refused(dicom(EXAMPLE, **attributes))


@pytest.mark.parametrize(("element", "words"), [("PixelData", "incomplete"), ("Rows", "no picture")])
def test_a_file_without_a_picture_is_refused(element, words):
    dataset = dcmread(io.BytesIO(dicom(EXAMPLE)))
    del dataset[element]
    file = io.BytesIO()
    dataset.save_as(file)
    assert words in refused(file.getvalue())


def test_compression_that_is_not_read_is_named_as_the_reason():
    deflated = dcmread(io.BytesIO(dicom(EXAMPLE)))
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    file = io.BytesIO()
    deflated.save_as(file)
    assert "compressed in a way" in refused(file.getvalue())
    assert "compressed in a way" in refused(dicom(EXAMPLE, MPEG2MPML))


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000Lossless])
def test_a_large_picture_hidden_in_a_small_frame_is_refused(syntax):
    format_ = "JPEG" if syntax == JPEGBaseline8Bit else "JPEG2000"
    other = encapsulate([encode(draw_example(seed=5, width=384, height=256), format_)])
    assert "damaged" in refused(dicom(EXAMPLE, syntax, PixelData=other))
    frame = bytearray(encode(EXAMPLE, "JPEG"))
    at = frame.index(b"\xff\xc0") + 5
    frame[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    assert "megapixels" in refused(dicom(EXAMPLE, JPEGBaseline8Bit, PixelData=encapsulate([bytes(frame)])))


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, RLELossless, JPEGLSLossless, JPEGBaseline8Bit, JPEG2000Lossless]
)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_broke_off_is_refused(syntax, share):
    data = dicom(EXAMPLE, syntax)
    assert "damaged" in refused(data[: int(share * len(data))])


def test_a_byte_too_many_is_noticed():
    assert "damaged" in refused(dicom(EXAMPLE, PixelData=EXAMPLE.tobytes() + b"xx"))
    dataset = dcmread(io.BytesIO(dicom(EXAMPLE, RLELossless)))
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    longer = encapsulate([frame[:2000] + frame[2000:2400] + frame[2000:]])
    assert "damaged" in refused(dicom(EXAMPLE, RLELossless, PixelData=longer))


def test_a_jpeg_with_a_hole_inside_is_refused():
    data = bytearray(dicom(EXAMPLE, JPEGBaseline8Bit))
    middle = len(data) - len(data) // 3
    data[middle : middle + 100] = bytes(100)
    assert "damaged" in refused(bytes(data))


def test_a_dicom_file_is_told_by_its_beginning():
    assert looks_like_photo(dicom(EXAMPLE)[:SNIFF])
    assert not looks_like_photo(dicom(EXAMPLE)[: SNIFF - 1])


def test_a_squashed_picture_is_refused():
    assert read_photo(dicom(EXAMPLE, PixelAspectRatio=[1, 1])).format == "DICOM"
    with pytest.raises(PhotoError, match="no squares"):
        read_photo(dicom(EXAMPLE, PixelAspectRatio=[1, 2]))


def test_a_tile_that_is_missing_in_jpeg_2000_is_damage():
    """Its place would be plain: half a lesion looks like a smaller one."""
    whole = encode(EXAMPLE, "JPEG2000", no_jp2=True, tile_size=(64, 64))
    assert read_photo(dicom(EXAMPLE, JPEG2000Lossless, frame=whole)).pixels.shape == EXAMPLE.shape
    parts = [found.start() for found in re.finditer(b"\\xff\\x90\\x00\\x0a", whole)]
    assert len(parts) == 6
    for start, end in (*pairwise(parts), (parts[-1], len(whole) - 2)):
        with pytest.raises(PhotoError, match="incomplete or damaged"):
            read_photo(dicom(EXAMPLE, JPEG2000Lossless, frame=whole[:start] + whole[end:]))
