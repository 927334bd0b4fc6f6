"""Whatever its file's depth, transparency, colour model or profile, a photo comes out in the right sRGB colours."""

import numpy as np
import pytest
from encodings_of_photos import SPECIMEN, chunk, encode, mean_difference, png, png16, profile_bytes
from PIL import Image, ImageCms

from melanoma.photo.limits import PhotoError
from melanoma.photo.photos import read_photo


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


def png_with(extra: bytes, pixels: np.ndarray = SPECIMEN) -> bytes:
    """A PNG of 8 bits with one more chunk."""
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return png(pixels.shape[1], pixels.shape[0], 8, 2, rows, extra)


def gamma_chunk(gamma: float) -> bytes:
    return chunk(b"gAMA", round(gamma * 100_000).to_bytes(4, "big"))


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8])
def test_a_png_of_another_gamma_is_converted_with_a_note(gamma):
    light = np.where(SPECIMEN <= 10, SPECIMEN / 3294.6, ((SPECIMEN / 255 + 0.055) / 1.055) ** 2.4)
    photo = read_photo(png_with(gamma_chunk(gamma), (255 * light**gamma + 0.5).astype(np.uint8)))
    assert mean_difference(photo.pixels, SPECIMEN) < 3
    assert photo.notes == ("colours converted from its own gamma to that of sRGB",)


@pytest.mark.parametrize("extra", [gamma_chunk(0.45455), gamma_chunk(1.0) + chunk(b"sRGB", b"\0")])
def test_a_png_in_srgb_is_left_as_it_is(extra):
    photo = read_photo(png_with(extra))
    assert np.array_equal(photo.pixels, SPECIMEN) and photo.notes == ()


@pytest.mark.parametrize("gamma", [0.0, 0.01, 20.0])
def test_a_gamma_that_is_none_is_passed_over_with_a_note(gamma):
    photo = read_photo(png_with(gamma_chunk(gamma)))
    assert np.array_equal(photo.pixels, SPECIMEN)
    assert "gamma could not be used" in photo.notes[0]


@pytest.mark.parametrize(("code", "is_read"), [(13, True), (1, True), (2, True), (8, False), (16, False), (18, False)])
def test_curves_for_bright_screens_are_refused(code, is_read):
    """Linear, PQ and HLG: their numbers look pale or dark where they are taken for sRGB."""
    files = [png_with(chunk(b"cICP", bytes([1, code, 0, 1])))]
    for format_ in ("AVIF", "HEIF"):
        data = bytearray(encode(SPECIMEN, format_))
        if (at := data.find(b"colrnclx")) >= 0:
            data[at + 10 : at + 12] = code.to_bytes(2, "big")
            files.append(bytes(data))
    for data in files:
        if is_read:
            assert mean_difference(read_photo(data).pixels, SPECIMEN) < 8
        else:
            with pytest.raises(PhotoError, match="bright screens"):
                read_photo(data)


SRGB, P3 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06), (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def corner_chunk(corners: tuple[float, ...]) -> bytes:
    return chunk(b"cHRM", b"".join(round(1e5 * value).to_bytes(4, "big") for value in (0.3127, 0.329, *corners)))


@pytest.mark.parametrize(
    ("extra", "is_noted"),
    [
        (chunk(b"cICP", bytes([12, 13, 0, 1])), True),  # Display P3
        (chunk(b"cICP", bytes([9, 13, 0, 1])), True),  # BT.2020
        (chunk(b"cICP", bytes([1, 13, 0, 1])), False),
        (corner_chunk(P3), True),
        (corner_chunk(SRGB), False),
        (chunk(b"sRGB", b"\0") + corner_chunk(P3), False),  # sRGB goes before
    ],
)
def test_colours_of_another_range_are_noted(extra, is_noted):
    notes = read_photo(png_with(extra)).notes
    assert [("another range" in note) for note in notes] == [True] * is_noted


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_colours_of_another_range_are_noted_in_heic_and_avif(format_):
    data = bytearray(encode(SPECIMEN, format_))
    at = data.index(b"colrnclx")
    data[at + 8 : at + 10] = (12).to_bytes(2, "big")
    assert any("another range" in note for note in read_photo(bytes(data)).notes)
