"""Hostile ZIPs, the same for the same number: bombs, lies, odd names, and whole ones spoiled in their bytes."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from broken_folders import cut_text, garble_bytes, repeat_bytes, scramble_bytes

from melanoma.photo import draw_example
from melanoma.photo.synthetic import example_bytes

Random = np.random.Generator
Contents = list[tuple[str | zipfile.ZipInfo, bytes]]

LOCAL, LISTED, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
NAMES = (
    *(
        "../../etc/cron.d/x.jpg",
        "/etc/passwd",
        "C:\\Windows\\x.jpg",
        "\\\\server\\share\\x.jpg",
        "a/../../x.jpg",
        "..",
        ".",
    ),
    *(
        "",
        "/",
        "a//b.jpg",
        "x" * 60_000 + ".jpg",
        "\x1b[2Jx.jpg",
        "a\nb.jpg",
        "a\0b.jpg",
        "=cmd|'/c calc'!A0.jpg",
        "é.jpg",
    ),
    *("CON.jpg", "aux", "x.jpg/", "x.jpg.", " ", "\u202egpj.exe", "__MACOSX/._x.jpg", "lesions.csv", "x.zip", "x.jpg"),
)
TABLES = (
    b"",
    b"\0" * 99,
    b"file,lesion\n" * 9,
    b'file,lesion\nphoto_0.png,"',
    "file,lesion\nphoto_0.png,=1+1\n".encode("utf-16"),
)


@cache
def draw_photos() -> tuple[bytes, ...]:
    """Three whole photos."""
    return tuple(example_bytes(seed, 120, 90) for seed in range(3))


def pack(contents: Contents, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return file.getvalue()


def pack_photos(extra: Contents | None = None) -> bytes:
    """A ZIP of whole photos, and of what else is named."""
    return pack([*((f"photo_{i}.png", photo) for i, photo in enumerate(draw_photos())), *(extra or [])])


def write_field(data: bytearray, signature: bytes, offset: int, value: bytes, random: Random) -> None:
    """Overwrite a field of one record of a kind, drawn at random."""
    places = [at for at in range(len(data) - 3) if data[at : at + 4] == signature]
    at = places[random.integers(len(places))] + offset
    data[at : at + len(value)] = value


def bomb(random: Random) -> bytes:
    """A few kilobytes that unpack to megabytes, of nothing or of a flat picture."""
    if random.random() < 0.5:
        return pack_photos([("bomb.jpg", bytes(int(random.integers(1, 80)) * 2**20))])
    head = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + 3 * 4000**2, 0, 0, 54, 40, 4000, 4000, 1, 24, 0, 0, 0, 0, 0, 0)
    return pack_photos([("flat.bmp", head + bytes(3 * 4000**2))])


def nest(random: Random) -> bytes:
    """ZIPs in ZIPs, some under a photo's name."""
    inside = pack_photos()
    for _ in range(int(random.integers(1, 30))):
        inside = pack([(str(random.choice(["more.zip", "photo.jpg", "a/b.ZIP", "x.tar.gz"])), inside)])
    return inside


def overlap(random: Random) -> bytes:
    """Many entries of the list share the bytes of one (Fifield, A better zip bomb, 2019)."""
    stored = zlib.compress(bytes(2**20), wbits=-15)
    local = (
        LOCAL
        + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, zlib.crc32(bytes(2**20)), len(stored), 2**20, 5, 0)
        + b"x.jpg"
    )
    count = int(random.choice([2, 100, 2500]))
    entry = LISTED + struct.pack(
        "<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 0, zlib.crc32(bytes(2**20)), len(stored), 2**20, 5, 0, 0, 0, 0, 0, 0
    )
    listed = (entry + b"x.jpg") * count
    return local + stored + listed + end_of(count, len(listed), len(local + stored))


def end_of(count: int, size: int, at: int, comment: bytes = b"") -> bytes:
    """The record at the end of a ZIP."""
    return END + struct.pack("<HHHHIIH", 0, 0, count % 2**16, count % 2**16, size, at, len(comment)) + comment


def crowd(random: Random) -> bytes:
    """Very many entries, empty or of a byte."""
    count = int(random.choice([2001, 5000, 40_000, 90_000]))
    return pack([(f"{i}.jpg", b"x" * int(random.integers(2))) for i in range(count)], zipfile.ZIP_STORED)


def lie_about_sizes(random: Random) -> bytes:
    """A size, checksum, offset or method in the list or at a file is another."""
    data = bytearray(pack_photos())
    value = int(random.choice([0, 1, 10, 2**16, 60 * 2**20, 2**31 - 1, 2**32 - 2, 2**32 - 1]))
    signature = LISTED if random.random() < 0.7 else LOCAL
    fields = (8, 10, 16, 20, 24, 28, 30, 32, 42) if signature == LISTED else (6, 8, 14, 18, 22, 26, 28)
    field = int(random.choice(fields))
    wide = field in (16, 20, 24, 42) if signature == LISTED else field in (14, 18, 22)
    write_field(data, signature, field, value.to_bytes(4, "little")[: 4 if wide else 2], random)
    return bytes(data)


def lie_at_the_end(random: Random) -> bytes:
    """The last record names other counts, sizes, places or a comment that holds another such record."""
    data = pack_photos()
    at = data.rindex(END)
    count, size, where = (int(random.choice([n, 0, 1, 2**15, 2**16 - 1])) for n in (3, len(data) - at, at))
    return data[:at] + end_of(count, size, where, random.choice([b"", end_of(1, 46, 0), b"PK\x06\x07" + bytes(40)]))


def lie_in_zip64(random: Random) -> bytes:
    """Extra fields and records of very large archives, with sizes of up to 2**64."""
    huge = struct.pack("<HHQQ", 1, 16, *(int(n) for n in random.choice([2**63, 2**40, 10, 2**32], 2)))
    info = zipfile.ZipInfo("huge.jpg")
    info.extra = huge
    data = bytearray(pack_photos([(info, draw_photos()[0])]))
    if random.random() < 0.7:
        write_field(data, LISTED, 20, b"\xff" * 8, random)
    if random.random() < 0.5:
        at = data.rindex(END)
        locator = b"PK\x06\x07" + struct.pack("<IQI", 0, int(random.integers(2**40)), 1)
        record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 2**40, 2**40, 2**50, 2**50)
        data[at:at] = record + locator
    return bytes(data)


def encrypt(random: Random) -> bytes:
    """Files that say, in the list, at themselves or at both, that a password is wanted."""
    data = bytearray(pack_photos())
    for signature, offset in ((LISTED, 8), (LOCAL, 6))[: int(random.integers(1, 3))]:
        write_field(data, signature, offset, struct.pack("<H", int(random.choice([1, 0x41, 0x2001]))), random)
    return bytes(data)


def name_oddly(random: Random) -> bytes:
    """Names that climb, point elsewhere, repeat, or are none."""
    names = [NAMES[random.integers(len(NAMES))] for _ in range(int(random.integers(1, 6)))]
    return pack_photos([(info, draw_photos()[0]) for info in map(make_info, names)])


def make_info(name: str) -> zipfile.ZipInfo:
    """An entry of this very name, which `ZipInfo` would clean."""
    info = zipfile.ZipInfo("x")
    info.filename = name[:65_000]
    return info


def link(random: Random) -> bytes:
    """Links, devices and folders that hold a photo's bytes."""
    info = zipfile.ZipInfo("link.jpg")
    kinds = (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFSOCK)
    info.external_attr = (kinds[random.integers(len(kinds))] | 0o777) << 16
    return pack_photos([(info, [b"/etc/passwd", b"../x", draw_photos()[0]][random.integers(3)])])


def compress_oddly(random: Random) -> bytes:
    """LZMA, bzip2, or a method that is none."""
    if random.random() < 0.5:
        return pack([("x.png", draw_photos()[0])], int(random.choice([zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])))
    data = bytearray(pack_photos())
    for signature, offset in ((LISTED, 10), (LOCAL, 8)):
        write_field(data, signature, offset, struct.pack("<H", int(random.integers(100))), random)
    return bytes(data)


def add_table(random: Random) -> bytes:
    """A table of lesions that is broken, large, or claims what is not there."""
    tables = (*TABLES, b"file,lesion\n" + b"photo_0.png,L1\n" * 200_000, b"a,b,c\n" + b"," * 10**6)
    return pack_photos([("lesions.csv", tables[random.integers(len(tables))])])


def add_photos(random: Random) -> bytes:
    """A photo among others that is a small file of very many pixels, or none."""
    canvas = b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f\xff\xff\xff\x3f" + bytes(20)
    noise = random.bytes(1000)
    whole = draw_example(0, 64, 64).tobytes()
    return pack_photos([("x.webp", canvas), ("y.jpg", noise), ("z.tif", whole), ("x.webp", canvas)])


def spoil_bytes(random: Random) -> bytes:
    """A whole ZIP that is cut off, garbled, or has pieces missing or twice."""
    kinds = (cut_text, garble_bytes, scramble_bytes, repeat_bytes)
    return kinds[random.integers(len(kinds))](pack_photos(), random)


KINDS: tuple[Callable[[Random], bytes], ...] = (
    *(spoil_bytes, bomb, nest, overlap, crowd, lie_about_sizes, lie_at_the_end, lie_in_zip64),
    *(encrypt, name_oddly, link, compress_oddly, add_table, add_photos),
)


@dataclass(frozen=True)
class HostileArchive:
    """A ZIP. kind: what is wrong with it."""

    number: int
    kind: str
    data: bytes


def make_archive(number: int) -> HostileArchive:
    """The ZIP of a number: kinds take turns, the rest is drawn."""
    kind = KINDS[number % len(KINDS)]
    return HostileArchive(number, kind.__name__, kind(np.random.default_rng([2026, number, 4])))
