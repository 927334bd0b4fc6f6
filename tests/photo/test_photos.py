"""Untrusted bytes become a Photo or a PhotoError, and nothing else."""

import hashlib
import io
import logging
import struct
import zlib

import numpy as np
import pytest
from encodings_of_photos import (
    SPECIMEN,
    chunk,
    encode,
    encode_big_tiff,
    exif,
    mean_difference,
    png,
    png16,
    profile_bytes,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import TiffImageFile

from melanoma.photo import limits
from melanoma.photo.limits import MIN_SIDE
from melanoma.photo.photos import Photo, PhotoError, looks_like_photo, read_photo
from melanoma.photo.synthetic import draw_example, example_bytes


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    message = str(caught.value)
    assert message.endswith(".") and message.count(". ") == 0 and "\n" not in message, "one sentence"
    assert ":" in message, "says what to do after what was wrong"
    return message


def corner_colours(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """Mean colours of the four quarters, clockwise from the upper left."""
    h, w = pixels.shape[0] // 2, pixels.shape[1] // 2
    quarters = pixels[:h, :w], pixels[:h, w:], pixels[h:, w:], pixels[h:, :w]
    return [tuple(np.round(q.mean((0, 1)) / 255).astype(int).tolist()) for q in quarters]


# What is read, and rightly


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"])
def test_every_promised_format_gives_the_same_picture(format_):
    data = encode(SPECIMEN, format_)
    photo = read_photo(data)
    assert photo.format == format_
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.pixels.shape == (64, 96, 3) and photo.pixels.dtype == np.uint8
    assert photo.original_size == (96, 64)
    assert photo.notes == ()
    assert mean_difference(photo.pixels, SPECIMEN) < {"GIF": 6, "JPEG": 6, "WEBP": 6}.get(format_, 1e-9)


def test_heic_is_read_where_its_decoder_is_installed():
    photo = read_photo(encode(draw_example(seed=5, width=192, height=128), "HEIF", quality=95))
    assert photo.format == "HEIF"
    assert mean_difference(photo.pixels, draw_example(seed=5, width=192, height=128)) < 6


def test_mpo_is_a_jpeg():
    first, second = Image.fromarray(SPECIMEN), Image.fromarray(255 - SPECIMEN)
    data = encode(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(data)).format == "MPO", "the fixture is what it should be"
    photo = read_photo(data)
    assert (photo.format, photo.notes) == ("JPEG", ())
    assert mean_difference(photo.pixels, SPECIMEN) < 6


def test_pixels_are_contiguous_and_cannot_be_changed():
    for data in (encode(SPECIMEN, "PNG"), encode(SPECIMEN, "JPEG", exif=exif(6))):
        pixels = read_photo(data).pixels
        assert pixels.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            pixels[0, 0, 0] = 1


RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)
# What the eight marks mean by the EXIF standard: where the stored first row and column belong.
UPRIGHT = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [BLUE, WHITE, RED, GREEN],
    4: [WHITE, BLUE, GREEN, RED],
    5: [RED, WHITE, BLUE, GREEN],
    6: [WHITE, RED, GREEN, BLUE],
    7: [BLUE, GREEN, RED, WHITE],
    8: [GREEN, BLUE, WHITE, RED],
}


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotation_marked_by_the_camera_is_applied_once(format_, orientation):
    stored = np.zeros((48, 80, 3), np.uint8)
    stored[:24, :40], stored[:24, 40:] = (255, 0, 0), (0, 255, 0)
    stored[24:, 40:], stored[24:, :40] = (0, 0, 255), (255, 255, 255)
    photo = read_photo(encode(stored, format_, exif=exif(orientation)))
    assert corner_colours(photo.pixels) == UPRIGHT[orientation]
    assert photo.original_size == ((80, 48) if orientation < 5 else (48, 80)) == photo.pixels.shape[1::-1]
    assert bool(photo.notes) == (orientation != 1)


def test_a_broken_rotation_mark_is_passed_over():
    data = encode(SPECIMEN, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    assert read_photo(data).pixels.shape == (64, 96, 3)
    assert read_photo(encode(SPECIMEN, "JPEG", exif=exif(77))).notes == ()


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_first_picture_of_several_is_read_with_a_note(format_):
    first, second = Image.fromarray(SPECIMEN), Image.fromarray(255 - SPECIMEN)
    photo = read_photo(encode(first, format_, save_all=True, append_images=[second]))
    assert mean_difference(photo.pixels, SPECIMEN) < 6
    assert any("only the first" in note for note in photo.notes)


def test_the_largest_page_of_a_tiff_is_read_with_a_note():
    preview = Image.fromarray(255 - SPECIMEN).resize((48, 32))
    photo = read_photo(encode(preview, "TIFF", save_all=True, append_images=[Image.fromarray(SPECIMEN), preview]))
    assert np.array_equal(photo.pixels, SPECIMEN)
    assert photo.notes == ("the file holds 3 pictures: only the largest was read",)


def test_a_tiff_of_more_pages_than_are_looked_at_is_refused():
    previews = [Image.fromarray(255 - SPECIMEN).resize((48, 32))] * 70
    assert "more than 64 pictures" in refused(
        encode(previews[0], "TIFF", save_all=True, append_images=[*previews, Image.fromarray(SPECIMEN)])
    )


def test_pages_without_end_are_not_counted(monkeypatch):
    monkeypatch.setattr(TiffImageFile, "n_frames", property(lambda image: pytest.fail("counted")))
    pages = [Image.new("L", (32, 32))] * 200
    with pytest.raises(PhotoError, match="more than 64 pictures"):
        read_photo(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))


def test_the_mask_in_a_tiff_is_not_its_photo():
    mask = Image.new("1", (192, 128))
    mask.encoderinfo = {"tiffinfo": {254: 4}}
    photo = read_photo(encode(Image.fromarray(SPECIMEN), "TIFF", save_all=True, append_images=[mask]))
    assert np.array_equal(photo.pixels, SPECIMEN)


@pytest.mark.parametrize(("first", "is_read"), [((48, 32), False), ((288, 192), True)])
def test_a_preview_is_not_taken_for_the_photo_that_lies_behind_it(first, is_read):
    """As in raw formats: the photo is no page of its own, but named by the page of its preview."""
    data = bytearray(encode(Image.fromarray(SPECIMEN), "TIFF"))
    if len(data) % 2:
        data += b"\0"
    behind, at = int.from_bytes(data[4:8], "little"), len(data)
    page = encode(Image.fromarray(255 - SPECIMEN).resize(first), "TIFF", tiffinfo={330: behind})
    tags = Image.open(io.BytesIO(page)).tag_v2
    width, height = tags[256], tags[257]
    strip = page[tags[273][0] : tags[273][0] + sum(tags[279])]
    entries = [
        (256, width),
        (257, height),
        (262, 2),
        (273, at),
        (277, 3),
        (278, height),
        (279, len(strip)),
        (330, behind),
    ]
    data += strip + bytes(len(strip) % 2)
    data[4:8] = len(data).to_bytes(4, "little")
    entries.insert(2, (258, len(data) + 2 + 12 * (len(entries) + 1) + 4))
    data += struct.pack("<H", len(entries))
    for tag, value in entries:
        data += struct.pack("<HHLL", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, value)
    data += struct.pack("<LHHH", 0, 8, 8, 8)
    if is_read:
        assert read_photo(bytes(data)).pixels.shape == (first[1], first[0], 3)
    else:
        assert "is a preview" in refused(bytes(data))


@pytest.mark.parametrize("sub_type", [16, 18])  # LONG8; IFD8, as libtiff and tifffile write
@pytest.mark.parametrize(
    ("hidden", "is_read"), [([], True), ([(48, 32)], True), ([(192, 128)], False), ([(16, 16), (192, 128)], False)]
)
def test_a_large_tiff_has_no_larger_photo_behind_its_page(hidden, is_read, sub_type):
    sizes = [np.asarray(Image.fromarray(SPECIMEN).resize(size)) for size in hidden]
    preview = np.asarray(Image.fromarray(SPECIMEN).resize((96, 64)))
    data = encode_big_tiff(preview, sizes, sub_type)
    assert looks_like_photo(data)
    if is_read:
        assert np.array_equal(read_photo(data).pixels, preview)
    else:
        assert "is a preview" in refused(data)


def test_places_in_a_large_tiff_that_lead_nowhere_cost_nothing():
    whole = encode_big_tiff(SPECIMEN, [SPECIMEN], 18)
    behind = whole.rindex(struct.pack("<HHQ", 330, 18, 1)) + 12
    page = int.from_bytes(whole[8:16], "little")
    for place in (page, len(whole), 2**63, 2**64 - 1):  # itself, outside
        data = whole[:behind] + struct.pack("<Q", place) + whole[behind + 8 :]
        assert np.array_equal(read_photo(data).pixels, SPECIMEN)


def test_a_large_tiff_of_the_other_byte_order_is_refused_by_its_name():
    assert "BigTIFF (big-endian) file, which is not read here" in refused(b"MM\0+\0\x08\0\0" + bytes(200))


def test_numbers_of_32_bits_are_refused():
    assert "8-bit" in refused(encode(np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64), "TIFF"))


# Reading only as much as is needed


@pytest.mark.parametrize("orientation", [1, 6])
def test_smaller_jpeg_reading_keeps_side_rotation_and_profile(orientation):
    large = draw_example(seed=5, width=1200, height=900)
    data = encode(large, "JPEG", quality=95, exif=exif(orientation), icc_profile=profile_bytes())
    full, small = read_photo(data), read_photo(data, smallest_side=224)
    assert min(small.pixels.shape[:2]) == 225, "a quarter of 900; an eighth would be too small"
    assert small.original_size == full.original_size == full.pixels.shape[1::-1]
    assert small.notes == full.notes
    assert small.sha256 == full.sha256
    reduced = np.asarray(Image.fromarray(full.pixels).resize(small.pixels.shape[1::-1], Image.Resampling.BOX))
    assert mean_difference(small.pixels, reduced) < 2


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_smallest_side_never_enlarges_nor_refuses(format_):
    assert read_photo(encode(SPECIMEN, format_), smallest_side=500).pixels.shape == (64, 96, 3)


# What is refused, and how


def test_empty_text_and_oversize_files_are_refused_each_in_its_words(monkeypatch):
    assert "empty" in refused(b"")
    assert "not a photo" in refused(b"Dear colleague,\nthe lesion is on the left arm.\n" * 50)
    assert "not a photo" in refused(b"%PDF-1.7 ..." + b"x" * 500)
    assert "not a photo" in refused(b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 500)
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    assert "larger than" in refused(example_bytes())


def test_formats_beyond_the_list_are_refused():
    for format_ in ("PPM", "ICO", "TGA", "PCX", "SGI"):
        assert "not a photo" in refused(encode(SPECIMEN, format_)), format_
    assert "a JPEG 2000 file, which is not read here" in refused(encode(SPECIMEN, "JPEG2000"))
    assert "not a photo" in refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n")


@pytest.mark.parametrize("size", [(600, 450), (333, 777)])
@pytest.mark.parametrize("smallest_side", [None, 64, 200])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"quality": 60, "subsampling": "4:2:2", "progressive": True},
        {"subsampling": "4:1:1", "restart_marker_rows": 1},
        {"keep_rgb": True},
        {"icc_profile": profile_bytes(), "exif": exif(6)},
    ],
)
def test_a_jpeg_has_the_pixels_that_pillow_gives(size, smallest_side, options):
    if "keep_rgb" in options:
        options = {"keep_rgb": True, "subsampling": "4:4:4"}
    data = encode(draw_example(2, *size), "JPEG", **options)
    image = Image.open(io.BytesIO(data))
    image.draft(None, (smallest_side, smallest_side)) if smallest_side else None
    expected = np.asarray(image)
    if "icc_profile" in options:  # goes on in Pillow: turned, and in other colours
        photo = read_photo(data, smallest_side)
        assert photo.pixels.shape == expected.transpose(1, 0, 2).shape
        assert (photo.original_size, len(photo.notes)) == (size[::-1], 2)
        return
    np.testing.assert_array_equal(read_photo(data, smallest_side).pixels, expected)
    assert read_photo(data, smallest_side).original_size == size


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused_as_damaged(format_, kept):
    data = encode(draw_example(seed=5, width=300, height=200), format_)
    assert "incomplete or damaged" in refused(data[: int(kept * len(data))])


def test_twenty_thousand_pixels_square_is_refused_without_allocating():
    tracemalloc = pytest.importorskip("tracemalloc")
    rows = zlib.compress(b"\0" * 1000)
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    tracemalloc.start()
    try:
        assert "megapixels" in refused(bomb)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_pixel_limit_is_checked_before_any_decoder_runs(monkeypatch):
    monkeypatch.setattr(limits, "MAX_PIXELS", 64 * 96 - 1)
    for format_ in ("PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"):
        # The body is cut off: were it decoded first, the message would say damaged.
        data = encode(SPECIMEN, format_)
        assert "megapixels" in refused(data[: int(0.7 * len(data))] if format_ not in ("TIFF",) else data), format_


def test_webp_canvas_is_judged_by_its_header():
    body = b"\x10\0\0\0" + (16_000 - 1).to_bytes(3, "little") * 2
    bomb = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + body
    assert "megapixels" in refused(bomb)


def test_tiny_pictures_are_refused():
    assert "31 x 40" in refused(encode(SPECIMEN[:40, :31], "PNG"))
    assert read_photo(encode(SPECIMEN[:32, :32], "PNG")).pixels.shape == (32, 32, 3)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_compressed_text_bombs_do_not_unfold(kind):
    packed = zlib.compress(b"\0" * 200_000_000, 9)
    body = {b"zTXt": b"k\0\0" + packed, b"iTXt": b"k\0\1\0\0\0" + packed, b"iCCP": b"k\0\0" + packed}[kind]
    rows = b"".join(b"\0" + row.tobytes() for row in SPECIMEN)
    tracemalloc = pytest.importorskip("tracemalloc")
    tracemalloc.start()
    try:
        outcome = attempt(png(96, 64, 8, 2, rows, extra=chunk(kind, body)))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, (Photo, PhotoError))


def attempt(data: bytes) -> Photo | PhotoError:
    """The Photo or the PhotoError; any other exception goes on and fails the test."""
    try:
        return read_photo(data)
    except PhotoError as error:
        return error


REAL = {
    "png": encode(SPECIMEN, "PNG"),
    "palette": encode(Image.fromarray(SPECIMEN).quantize(16), "PNG", transparency=3),
    "grey16": png16(SPECIMEN[..., 0].astype(np.uint16) * 257, colour=0),
    "jpeg": encode(SPECIMEN, "JPEG", exif=exif(6), icc_profile=profile_bytes()),
    "cmyk": encode(Image.fromarray(SPECIMEN).convert("CMYK"), "JPEG"),
    "webp": encode(SPECIMEN, "WEBP", exif=exif(3)),
    "tiff": encode(SPECIMEN, "TIFF", compression="tiff_lzw"),
    "tiff_jpeg": encode(SPECIMEN, "TIFF", compression="jpeg"),
    "bmp": encode(SPECIMEN, "BMP"),
    "avif": encode(SPECIMEN, "AVIF"),
    "gif": encode(SPECIMEN, "GIF", save_all=True, append_images=[Image.fromarray(255 - SPECIMEN)]),
}
HEADS = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"MM\0*", b"BM", b"RIFF\0\0\0\0WEBP"]


@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=400))
@example(head=b"\x89PNG\r\n\x1a\n", rest=b"")
@example(head=b"RIFF", rest=b"")
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes_never_raise_anything_but_photo_error(head, rest):
    outcome = attempt(head + rest)
    assert isinstance(outcome, (Photo, PhotoError))


@given(
    name=st.sampled_from(sorted(REAL)),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    smallest_side=st.sampled_from([None, 32]),
)
@settings(max_examples=300, deadline=None)
def test_corrupted_files_are_photos_or_photo_errors(name, cut, changes, smallest_side):
    data = bytearray(REAL[name])
    for where, value in changes:
        data[int(where**2 * len(data))] = value  # squared: headers are where the damage matters
    if cut < 0.5:
        data = data[: int(2 * cut * len(data))]
    try:
        photo = read_photo(bytes(data), smallest_side)
    except PhotoError:
        return
    assert photo.pixels.dtype == np.uint8 and photo.pixels.ndim == 3 and photo.pixels.shape[2] == 3
    assert min(photo.pixels.shape[:2]) >= MIN_SIDE
    assert not photo.pixels.flags.writeable


# Privacy


def test_nothing_of_a_photo_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    block = exif(6)
    block[0x010E] = "Mrs Example, left arm"
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "Mrs Example, left arm")
    for data in (encode(SPECIMEN, "TIFF", exif=block), encode(SPECIMEN, "PNG", pnginfo=info)):
        photo = read_photo(data)
        assert "Example" not in caplog.text and caplog.text == ""
        assert "Example" not in repr(photo)


def test_nothing_is_written_to_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for data in REAL.values():
        attempt(data)
    assert list(tmp_path.iterdir()) == []


def test_a_real_photo_reads_as_its_decoder_says(data):
    path = next((data / "ham10000_600x450").rglob("*.jpg"))
    photo = read_photo(path.read_bytes())
    assert photo.pixels.shape == (450, 600, 3) and photo.notes == ()
    assert np.array_equal(photo.pixels, np.asarray(Image.open(path).convert("RGB")))


@pytest.mark.parametrize(("at", "value"), [(4, b"\x0c"), (1, b"\xf7")], ids=["12 bits", "JPEG-LS"])
def test_a_jpeg_that_is_not_read_is_not_called_damaged(at, value):
    data = bytearray(encode(SPECIMEN, "JPEG"))
    place = data.index(b"\xff\xc0") + at
    data[place : place + 1] = value
    with pytest.raises(PhotoError, match=r"^This JPEG is of a kind that is not read here.*use that file\.$"):
        read_photo(bytes(data))
