"""Untrusted bytes become a Photo or a PhotoError, and nothing else."""

import hashlib
import io
import logging
import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from melanoma import photos
from melanoma.photos import Photo, PhotoError, read_photo
from melanoma.specimen import draw_specimen, specimen_bytes

SPECIMEN = draw_specimen(seed=5, width=96, height=64)
ORIENTATION = 0x0112


def encode(image, format_: str, **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
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


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    message = str(caught.value)
    assert message.endswith(".") and message.count(". ") == 0 and "\n" not in message, "one sentence"
    assert ":" in message, "says what to do after what was wrong"
    return message


def mean_difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


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
    pytest.importorskip("pillow_heif", reason="pillow-heif is an extra")
    photo = read_photo(encode(draw_specimen(seed=5, width=192, height=128), "HEIF", quality=95))
    assert photo.format == "HEIF"
    assert mean_difference(photo.pixels, draw_specimen(seed=5, width=192, height=128)) < 6


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


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block


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


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_picture_of_several_is_read_with_a_note(format_):
    first, second = Image.fromarray(SPECIMEN), Image.fromarray(255 - SPECIMEN)
    photo = read_photo(encode(first, format_, save_all=True, append_images=[second]))
    assert mean_difference(photo.pixels, SPECIMEN) < 6
    assert any("only the first" in note for note in photo.notes)


def test_sixteen_bit_colour_keeps_its_range():
    photo = read_photo(png16(SPECIMEN.astype(np.uint16) * 257, colour=2))
    assert np.array_equal(photo.pixels, SPECIMEN)
    assert any("16 bits" in note for note in photo.notes)


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_not_clipped_to_white(format_):
    grey = np.linspace(0, 65535, 64 * 96).reshape(64, 96).astype(np.uint16)
    photo = read_photo(encode(grey, format_))
    expected = np.round(grey / 257)
    assert np.abs(photo.pixels - expected[..., None]).max() <= 1
    assert any("16 bits" in note for note in photo.notes)


def test_inverted_sixteen_bit_grey_tiff_is_turned_the_right_way():
    ramp = np.linspace(0, 65535, 64 * 96).reshape(64, 96).astype(np.uint16)
    tags = {262: 0}  # white is zero
    photo = read_photo(encode(ramp, "TIFF", tiffinfo=tags))
    assert photo.pixels[0, 0, 0] == 255 and photo.pixels[-1, -1, 0] == 0


def test_numbers_of_32_bits_are_refused():
    assert "8-bit" in refused(encode(np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64), "TIFF"))


def test_palette_with_alpha_is_put_on_white():
    palette = Image.fromarray(SPECIMEN).quantize(16)
    clear = palette.getpixel((0, 0))
    photo = read_photo(encode(palette, "PNG", transparency=clear))
    hole = np.asarray(palette) == clear
    assert (photo.pixels[hole] == 255).all()
    assert np.array_equal(photo.pixels[~hole], np.asarray(palette.convert("RGB"))[~hole])
    assert any("white" in note for note in photo.notes)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_mixed_with_white_and_opaque_alpha_needs_no_note(mode):
    image = Image.fromarray(SPECIMEN).convert(mode)
    assert read_photo(encode(image, "PNG")).notes == ()
    image.putalpha(128)
    photo = read_photo(encode(image, "PNG"))
    expected = np.asarray(image.convert(mode[:-1]).convert("RGB")) * (128 / 255) + 255 * (127 / 255)
    assert mean_difference(photo.pixels, expected) < 1
    assert len(photo.notes) == 1


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palette_become_rgb(mode):
    image = Image.fromarray(SPECIMEN).convert(mode)
    assert np.array_equal(read_photo(encode(image, "PNG")).pixels, np.asarray(image.convert("RGB")))


def test_cmyk_comes_out_in_the_right_colours_with_a_note():
    photo = read_photo(encode(Image.fromarray(SPECIMEN).convert("CMYK"), "JPEG", quality=95))
    assert mean_difference(photo.pixels, SPECIMEN) < 8
    assert any("CMYK" in note for note in photo.notes)


def test_lab_comes_out_in_the_right_colours_with_a_note():
    lab = ImageCms.profileToProfile(
        Image.fromarray(SPECIMEN), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    lab.info.clear()  # no profile: the file says Lab and nothing else
    photo = read_photo(encode(lab, "TIFF"))
    assert mean_difference(photo.pixels, SPECIMEN) < 3
    assert any("Lab" in note for note in photo.notes)


# Colour profiles


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


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_wide_gamut_profile_is_converted_to_srgb_with_a_note(format_):
    flat = np.full((64, 64, 3), (200, 100, 80), np.uint8)
    options = {"quality": 100} if format_ in ("JPEG", "WEBP") else {}
    photo = read_photo(encode(flat, format_, icc_profile=profile_bytes(), **options))
    # Adobe RGB (200, 100, 80) in sRGB, by the two spaces' published matrices
    assert np.abs(photo.pixels[32, 32].astype(int) - (227, 99, 77)).max() <= 3
    assert any("sRGB" in note for note in photo.notes)


def test_srgb_profile_changes_nothing_and_needs_no_note():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read_photo(encode(SPECIMEN, "PNG", icc_profile=profile))
    assert np.array_equal(photo.pixels, SPECIMEN) and photo.notes == ()


@pytest.mark.parametrize("profile", [b"not a profile", profile_bytes()[:200], b"\0" * 3000])
def test_broken_profile_is_passed_over_with_a_note(profile):
    photo = read_photo(encode(SPECIMEN, "PNG", icc_profile=profile))
    assert np.array_equal(photo.pixels, SPECIMEN)
    assert any("profile" in note for note in photo.notes)


def test_no_note_repeats_words_from_the_file():
    data = encode(SPECIMEN, "PNG", icc_profile=profile_bytes(name="[click](http://example.org)"))
    assert not any("click" in note for note in read_photo(data).notes)


# Reading only as much as is needed


@pytest.mark.parametrize("orientation", [1, 6])
def test_smaller_jpeg_reading_keeps_side_rotation_and_profile(orientation):
    large = draw_specimen(seed=5, width=1200, height=900)
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
    monkeypatch.setattr(photos, "MAX_BYTES", 1000)
    assert "larger than" in refused(specimen_bytes())


def test_formats_beyond_the_list_are_refused():
    for format_ in ("PPM", "ICO", "TGA", "PCX", "JPEG2000", "SGI"):
        assert "not a photo" in refused(encode(SPECIMEN, format_)), format_
    assert "not a photo" in refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n")


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused_as_damaged(format_, kept):
    data = encode(draw_specimen(seed=5, width=300, height=200), format_)
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
    monkeypatch.setattr(photos, "MAX_PIXELS", 64 * 96 - 1)
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
    "gif": encode(SPECIMEN, "GIF", save_all=True, append_images=[Image.fromarray(255 - SPECIMEN)]),
}
if photos.register_heif_opener:
    REAL["heic"] = encode(SPECIMEN, "HEIF")
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
    assert min(photo.pixels.shape[:2]) >= photos.MIN_SIDE
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
