"""HEIC and AVIF files whose streams end early are refused, and whole ones are read, also those made of tiles."""

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from encodings_of_photos import encode
from PIL import Image

from melanoma.photo import GOOD, PhotoError, assess, draw_example, read_photo
from melanoma.photo.coded_items import items_end_early, list_items, read_stream
from melanoma.photo.hevc_warnings import load_library

EXAMPLE = draw_example(seed=3)
WAYS = [("HEIF", {"quality": 80}), ("AVIF", {"quality": 80, "speed": 10})]


@pytest.fixture(scope="module", params=WAYS, ids=["HEIC", "AVIF"])
def whole(request):
    """A format, and the example in it."""
    format_, options = request.param
    return format_, encode(EXAMPLE, format_, **options)


def test_whole_files_of_any_quality_are_read():
    for format_, options in (
        ("HEIF", {"quality": 20}),
        ("HEIF", {"quality": -1, "chroma": 444}),  # lossless: the last bytes hold rows beyond the frame
        ("AVIF", {"quality": 20}),
        ("AVIF", {"quality": 100, "subsampling": "4:4:4", "speed": 10}),
    ):
        data = encode(EXAMPLE, format_, **options)
        assert len(list_items(data).items) == 1
        assert read_photo(data).pixels.shape == EXAMPLE.shape, (format_, options)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_zeros_within_the_stream_are_refused_or_not_good(whole, place):
    _, data = whole
    start = int(place * len(data))
    try:
        photo = read_photo(data[:start] + bytes(100) + data[start + 100 :])
    except PhotoError as error:
        assert "incomplete or damaged" in str(error)
    else:
        assert assess(photo.pixels, unchecked=photo.is_unchecked).quality != GOOD


@pytest.mark.parametrize("place", [0.15, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("kind", ["noise", "flipped bits", "twice"])
def test_damage_that_ends_with_its_row_of_blocks_is_refused(place, kind):
    """x265 begins each row anew; libde265 notes that the row before did not end as it must."""
    if load_library() is None:
        pytest.skip("no libde265 beside pi-heif")
    random = np.random.default_rng(int(100 * place))
    data = bytearray(encode(EXAMPLE, "HEIF", quality=80))
    at = int(place * len(data))
    if kind == "noise":
        data[at : at + 200] = random.bytes(200)
    elif kind == "twice":
        data[at + 200 : at + 400] = data[at : at + 200]
    else:
        data[at] ^= 0b10110
    with pytest.raises(PhotoError, match="incomplete or damaged"):
        read_photo(bytes(data))


def test_a_picture_in_several_stretches_is_not_asked_about():
    data = encode(EXAMPLE, "HEIF", quality=80)
    item = list_items(data).items[0]
    assert read_stream(data, item)[1]
    assert read_stream(data, replace(item, stretches=2)) == ([], [])


def test_the_end_of_a_download_that_was_filled_with_zeros_is_damage(whole):
    format_, data = whole
    kept = int(0.95 * len(data))
    assert items_end_early(data[:kept] + bytes(len(data) - kept), format_)


def test_a_plain_picture_and_boxes_that_make_no_sense_are_let_pass(whole):
    format_, data = whole
    plain = np.full_like(EXAMPLE, (200, 150, 130))
    patch = np.full((450, 600, 3), 255, np.uint8)
    patch[100:200, 100:200] = EXAMPLE[100:200, 100:200]
    framed = EXAMPLE.copy()
    framed[300:] = 0
    for picture in (plain, np.full_like(EXAMPLE, 255), patch, framed):
        assert not items_end_early(encode(picture, format_, quality=80), format_)
    for at in range(0, 400, 3):
        items_end_early(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :], format_)  # no error
    assert not items_end_early(data[:60], format_)


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, version: int, *content: bytes) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *content)


def find_box(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind) - 4
    return data[at : at + int.from_bytes(data[at : at + 4], "big")]


def tiled_heic(pixels: np.ndarray, spoil: int | None = None) -> bytes:
    """pixels: (256, 512, 3) -> a file of two tiles, as telephones write them; spoil: the tile that has a hole."""
    tiles = []
    for place in range(2):
        single = encode(pixels[:, 256 * place : 256 * place + 256], "HEIF", quality=80)
        (item,) = list_items(single).items
        tiles.append(bytearray(single[item.start : item.end]))
        properties = find_box(single, b"hvcC") + find_box(single, b"ispe")
    if spoil is not None:
        tiles[spoil][-900:-200] = np.random.default_rng(0).bytes(700)
    grid = bytes([0, 0, 0, 1]) + struct.pack(">HH", 512, 256)
    size = full(b"ispe", 0, struct.pack(">II", 512, 256))
    infos = [
        full(b"infe", 2, struct.pack(">HH4s", n, 0, kind), b"\0")
        for n, kind in enumerate((b"grid", b"hvc1", b"hvc1"), 1)
    ]
    infos = [info[:11] + bytes([n > 0]) + info[12:] for n, info in enumerate(infos)]  # tiles are hidden
    owned = [struct.pack(">HBB", 1, 1, 3), *(struct.pack(">HBBB", n, 2, 0x81, 2) for n in (2, 3))]

    def meta(start: int) -> bytes:
        contents, places, at = [grid, *tiles], [], start
        for number, content in enumerate(contents, 1):
            places.append(struct.pack(">HHHHII", number, 0, 0, 1, at, len(content)))
            at += len(content)
        return full(
            b"meta",
            0,
            full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full(b"pitm", 0, struct.pack(">H", 1)),
            full(b"iinf", 0, struct.pack(">H", 3), *infos),
            full(b"iref", 0, box(b"dimg", struct.pack(">HHHH", 1, 2, 2, 3))),
            box(b"iprp", box(b"ipco", properties, size), full(b"ipma", 0, struct.pack(">I", 3), *owned)),
            full(b"iloc", 1, b"\x44\0", struct.pack(">H", 3), *places),
        )

    head = box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", grid, *map(bytes, tiles))


def test_each_tile_of_a_telephones_photo_is_looked_at():
    pixels = draw_example(3, 512, 256)
    photo = read_photo(tiled_heic(pixels))
    assert np.abs(photo.pixels.astype(int) - pixels).mean() < 6
    for tile in (0, 1):
        with pytest.raises(PhotoError, match="incomplete or damaged"):
            read_photo(tiled_heic(pixels, spoil=tile))


@pytest.mark.parametrize("tile", [1, 2])
@pytest.mark.parametrize(("at", "value"), [(12, bytes(4)), (0, b"\0\x09"), (8, b"\x7f\0\0\0")])
def test_a_tile_that_is_not_in_the_file_is_damage(tile, at, value):
    """Of no length, listed under another number, or behind the file's end: the decoder leaves its place plain."""
    data = bytearray(tiled_heic(draw_example(3, 512, 256)))
    place = data.index(b"iloc") + 12 + 16 * tile + at
    data[place : place + len(value)] = value
    with pytest.raises(PhotoError, match="incomplete or damaged"):
        read_photo(bytes(data))


def test_a_hidden_tile_is_decoded_alone():
    data = tiled_heic(draw_example(3, 512, 256))
    listed = list_items(data)
    assert [item.number for item in listed.items] == [2, 3]
    alone = bytearray(data)
    alone[listed.primary] = (3).to_bytes(2, "big")
    alone[listed.items[1].flags] &= ~1
    assert Image.open(io.BytesIO(bytes(alone))).size == (256, 256)
