"""Half a picture is not answered as a whole one."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
from encodings_of_photos import chunk, dicom, encode
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit

from melanoma.photo import GOOD, PhotoError, assess, draw_example, read_photo
from melanoma.photo.damage import find_pixel_damage, find_steps

EXAMPLE = draw_example(seed=3)


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_broke_off_and_was_closed_is_refused(share, progressive):
    data = encode(EXAMPLE, "JPEG", quality=90, progressive=progressive)
    assert "incomplete or damaged" in refused(data[: int(share * len(data))] + b"\xff\xd9")


def test_a_jpeg_with_a_hole_that_the_decoder_stumbles_over_is_refused():
    data = bytearray(encode(draw_example(seed=1), "JPEG", quality=90))  # over other holes it does not stumble
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    assert "incomplete or damaged" in refused(bytes(data))


def test_zeros_before_the_end_of_a_jpeg_are_padding_and_other_bytes_are_damage():
    data = encode(EXAMPLE, "JPEG", quality=90)
    assert read_photo(data[:-2] + bytes(40) + data[-2:]).pixels.shape == EXAMPLE.shape
    assert "incomplete or damaged" in refused(data[:-2] + data[-200:])


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_whole_jpeg_is_read_in_every_colour_space(mode):
    assert read_photo(encode(Image.fromarray(EXAMPLE).convert(mode), "JPEG")).pixels.shape == EXAMPLE.shape


def test_bytes_behind_a_whole_jpeg_do_no_harm():
    assert read_photo(encode(EXAMPLE, "JPEG") + b"appended by a program").pixels.shape == EXAMPLE.shape


def list_scans(data: bytes) -> list[int]:
    """Where each scan of a JPEG ends."""
    starts = [found.start() for found in re.finditer(b"\xff\xda", data)]
    return [re.compile(b"\xff[^\x00\xd0-\xd7]").search(data, at + 2).start() for at in starts]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_progressive_jpeg_without_its_last_passes_is_refused(mode):
    """libjpeg gives a blurred picture of it and warns of nothing."""
    data = encode(Image.fromarray(EXAMPLE).convert(mode), "JPEG", quality=90, progressive=True)
    ends = list_scans(data)
    assert len(ends) > 5 and read_photo(data).pixels.shape == EXAMPLE.shape
    for end in ends[:-1]:
        assert "incomplete or damaged" in refused(data[:end] + b"\xff\xd9")
        assert "incomplete or damaged" in refused(dicom(EXAMPLE, JPEGBaseline8Bit, frame=data[:end] + b"\xff\xd9"))


def test_a_jpeg_of_a_colour_that_never_came_is_refused():
    """Coded one colour after another, as scanners do: without the last two it is a grey picture."""
    grey = encode(Image.fromarray(EXAMPLE).convert("L"), "JPEG", quality=90)
    frame = grey.index(b"\xff\xc0")
    three = b"\xff\xc0\x00\x11" + grey[frame + 4 : frame + 9] + b"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    data = grey[:frame] + three + grey[frame + 2 + int.from_bytes(grey[frame + 2 : frame + 4], "big") :]
    assert np.asarray(Image.open(io.BytesIO(data))).shape == EXAMPLE.shape  # libjpeg gives it
    assert "incomplete or damaged" in refused(data)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_png_with_a_flipped_bit_is_refused(place):
    data = bytearray(encode(EXAMPLE, "PNG"))
    data[int(place * len(data))] ^= 1
    assert "incomplete or damaged" in refused(bytes(data))


# First column and row of each, and how far it is to the next ones: PNG specification, third edition, 8.1
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def interlace(pixels: np.ndarray) -> list[bytes]:
    """The seven passes over a picture, as a PNG stores them."""
    return [
        b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::across]) for left, top, across, down in PASSES
    ]


@pytest.mark.parametrize("passes", range(1, 8))
def test_an_interlaced_png_whose_stream_ends_between_passes_is_refused(passes):
    """Its checksums fit, and what it lacks comes out black: at last every other row."""
    height, width = EXAMPLE.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    rows = b"".join(interlace(EXAMPLE)[:passes])
    ended = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    data = b"\x89PNG\r\n\x1a\n" + ended
    if passes == 7:
        assert np.array_equal(read_photo(data).pixels, EXAMPLE)
    else:
        assert "incomplete or damaged" in refused(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_a_png_whose_stream_lacks_a_row_is_refused_and_a_whole_one_is_read(mode):
    image = Image.fromarray(EXAMPLE[:120, :121]).convert(mode)
    data = encode(image, "PNG")
    assert read_photo(data).pixels.shape == (120, 121, 3)
    taller = data[:20] + (121).to_bytes(4, "big") + data[24:29]  # one row more than the stream holds
    assert "incomplete or damaged" in refused(taller + zlib.crc32(taller[12:29]).to_bytes(4, "big") + data[33:])


def test_a_png_whose_stream_has_a_wrong_checksum_is_refused():
    rows = bytearray(zlib.compress(b"".join(b"\0" + row.tobytes() for row in EXAMPLE)))
    rows[-1] ^= 1
    head = struct.pack(">IIBBBBB", EXAMPLE.shape[1], EXAMPLE.shape[0], 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", bytes(rows)) + chunk(b"IEND", b"")
    assert "incomplete or damaged" in refused(b"\x89PNG\r\n\x1a\n" + body)


def test_a_stream_that_never_ends_is_not_unpacked_to_its_end():
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()  # a GiB in some megabytes
    head = struct.pack(">IIBBBBB", 3000, 3000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")
    assert "incomplete or damaged" in refused(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_hole_in_the_first_frame_of_a_webp_animation_is_refused(share):
    frames = [Image.fromarray(EXAMPLE), Image.fromarray(EXAMPLE[::-1])]
    data = bytearray(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=85))
    assert read_photo(bytes(data)).pixels.shape == EXAMPLE.shape
    start = data.index(b"ANMF") + int(share * int.from_bytes(data[data.index(b"ANMF") + 4 :][:4], "little"))
    data[start : start + 200] = bytes(200)
    assert "incomplete or damaged" in refused(bytes(data))


def test_a_png_without_its_end_is_refused():
    assert "incomplete or damaged" in refused(encode(EXAMPLE, "PNG")[:-12])


@pytest.mark.parametrize(
    ("format_", "options", "places"),
    [
        ("WEBP", {"quality": 85}, (0.3, 0.5, 0.7)),
        ("WEBP", {"lossless": True}, (0.3, 0.5, 0.7)),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, (0.3, 0.5, 0.7)),
        ("TIFF", {"compression": "jpeg"}, (0.3, 0.5, 0.7)),
        ("TIFF", {"compression": "tiff_lzw"}, (0.3, 0.5, 0.7)),
        ("HEIF", {"quality": 80}, (0.2, 0.3, 0.5)),  # by its pixels alone: small damage in plain skin is not seen
        ("AVIF", {"quality": 80}, (0.15, 0.2, 0.25)),  # later holes change a tenth of the picture or less, unseen
    ],
)
def test_a_hole_in_a_format_without_a_checksum_is_seen(format_, options, places):
    whole = encode(EXAMPLE, format_, **options)
    assert grade(whole) == GOOD
    for place in places:
        data = bytearray(whole)
        start = int(place * len(data))
        data[start : start + 200] = bytes(200)
        assert grade(bytes(data)) != GOOD, place


def grade(data: bytes) -> str:
    """What the gate says of a file; "refused" where its own checks say that it is damaged."""
    try:
        photo = read_photo(data)
    except PhotoError as error:
        assert "incomplete or damaged" in str(error)
        return "refused"
    return assess(photo.pixels, unchecked=photo.is_unchecked).quality


@pytest.mark.parametrize("pixels", [-2, -1, 1, 2])
def test_a_gif_with_a_pixel_too_many_or_too_few_is_refused(pixels):
    """As where a changed code stands for a string of another length."""
    data = encode(EXAMPLE[:, :100], "GIF")
    at = data.rindex(b"\x2c\0\0\0\0") + 7  # the frame's height
    height = int.from_bytes(data[at : at + 2], "little")
    assert "incomplete or damaged" in refused(data[:at] + (height + pixels).to_bytes(2, "little") + data[at + 2 :])


def test_a_gif_of_a_wrong_colour_is_refused():
    data = bytearray(encode(EXAMPLE, "GIF"))
    assert read_photo(bytes(data)).pixels.shape == EXAMPLE.shape
    index = np.asarray(Image.open(io.BytesIO(data)))
    at = 13 + 3 * int(np.bincount(index.ravel()).argmax())
    data[at] ^= 0xFF
    data[at + 2] ^= 0xFF
    assert "incomplete or damaged" in refused(bytes(data))


def test_an_animated_gif_and_a_small_one_are_read():
    frames = [Image.fromarray(np.roll(EXAMPLE, 90 * i, axis=1)) for i in range(3)]
    assert read_photo(encode(frames[0], "GIF", save_all=True, append_images=frames[1:])).notes
    for side in (32, 33, 63):
        assert read_photo(encode(EXAMPLE[:side, :side], "GIF")).pixels.shape == (side, side, 3)


@pytest.mark.parametrize("quality", [1, 10, 30, 50, 75, 90, 100])
def test_a_jpeg_with_a_wrong_number_in_a_table_is_refused_and_usual_tables_are_not(quality):
    data = encode(EXAMPLE, "JPEG", quality=quality)
    assert read_photo(data).pixels.shape == EXAMPLE.shape
    at = data.index(b"\xff\xdb") + 5 + 40
    wrong = 250 if data[at] < 50 else 1
    assert "incomplete or damaged" in refused(data[:at] + bytes([wrong]) + data[at + 1 :])


@pytest.mark.parametrize("format_", ["TIFF", "BMP"])
def test_a_file_whose_end_was_never_written_is_not_good(format_):
    data = encode(EXAMPLE, format_)
    kept = int(0.985 * len(data)) + 100  # within a row
    assert grade(data[:kept] + bytes(len(data) - kept)) != GOOD


def test_a_gif_whose_picture_is_full_before_its_data_end_is_refused():
    data = encode(EXAMPLE, "GIF")
    block = data.index(b"\xff", 13 + 768 + 20)  # a length: the first block of 255 bytes
    assert "incomplete or damaged" in refused(data[: block + 256] + data[block : block + 256] + data[block + 256 :])


@pytest.mark.parametrize("options", [{}, {"save_all": True, "append_images": [Image.fromarray(255 - EXAMPLE)]}])
@pytest.mark.parametrize("format_", ["WEBP", "GIF"])
def test_a_picture_of_one_colour_is_no_damage(format_, options):
    plain = Image.new("RGB", (600, 450), (200, 150, 130))
    assert read_photo(encode(plain, format_, **options)).pixels.shape == EXAMPLE.shape


@pytest.mark.parametrize("start", [652, 1059, 1762])
def test_a_webp_with_a_hole_in_how_its_blocks_are_predicted_is_refused(start):
    """The stream of the pixels, which lies behind, is still read to its end; but all is smeared."""
    data = bytearray(encode(draw_example(0, 300, 225), "WEBP", quality=95))
    data[start : start + 200] = bytes(200)
    assert "incomplete or damaged" in refused(bytes(data))


def test_tiles_of_a_tiff_are_checked():
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, EXAMPLE, photometric="rgb", tile=(128, 128), compression="zlib")
    data = bytearray(buffer.getvalue())
    assert np.array_equal(read_photo(bytes(data)).pixels, EXAMPLE)
    data[len(data) // 2] ^= 1
    assert "incomplete or damaged" in refused(bytes(data))


def test_a_bmp_with_bytes_too_many_is_refused():
    data = encode(EXAMPLE, "BMP")
    assert "incomplete or damaged" in refused(data[:9000] + bytes(16) + data[9000:])
    assert read_photo(data + bytes(2)).pixels.shape == EXAMPLE.shape


def test_hairs_and_frames_are_no_steps():
    picture = np.full((300, 400, 3), 180, np.uint8)
    picture[:, 100:103] = picture[:, 300:303] = 40  # two hairs, straight and sharp
    assert not find_steps(picture)
    framed = np.full((300, 400, 3), 180, np.uint8)
    framed[:20] = framed[-20:] = framed[:, :20] = framed[:, -20:] = 30
    assert not find_steps(framed)


def spoil(rows: slice, value: np.ndarray | int) -> np.ndarray:
    pixels = EXAMPLE.copy()
    pixels[rows] = value
    return pixels


@pytest.mark.parametrize(
    "pixels",
    [
        spoil(slice(300, None), 128),  # what libjpeg puts for what is missing
        spoil(slice(300, None), EXAMPLE[299]),  # the last good row again
        spoil(slice(300, None), 0),
        spoil(slice(None, 100), 0),  # a BMP is stored from below
        np.concatenate([EXAMPLE[:225], 255 - EXAMPLE[225:]]),
        np.concatenate([EXAMPLE[:225], EXAMPLE[225:, :, [2, 1, 0]]]),  # after a byte too many
    ],
    ids=["grey", "repeated", "black below", "black above", "seam", "swapped colours"],
)
def test_pixels_of_a_broken_file_are_never_good_and_the_reason_is_said(pixels):
    assessment = assess(pixels)
    assert assessment.quality != GOOD
    assert any("may be damaged" in reason for reason in assessment.reasons)


def test_a_frame_around_a_photo_is_no_damage():
    framed = np.zeros((450, 600, 3), np.uint8)
    framed[40:410] = EXAMPLE[40:410]
    assert not find_pixel_damage(framed)
    assert not find_pixel_damage(np.rot90(framed))


@pytest.mark.slow
def test_real_photos_are_not_taken_for_damaged(data):
    paths = [*(data / "ham10000_600x450").glob("*.jpg"), *sorted((data / "isic2017").glob("*Test*/*.jpg"))[::4]]
    photos = [read_photo(path.read_bytes()) for path in paths]  # none is refused
    assert np.mean([find_pixel_damage(photo.pixels) for photo in photos]) <= 0.01
    assert np.mean([find_steps(photo.pixels) for photo in photos]) <= 0.01
    for path in sorted((data / "milk10k").rglob("*.webp"))[::50]:
        read_photo(path.read_bytes())
