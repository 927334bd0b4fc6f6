"""ZIPs from strangers: what is read, what is refused in a sentence, and what no ZIP may cost."""

import io
import stat
import struct
import zipfile

import pytest

from melanoma.photo import PhotoError, archives
from melanoma.photo.archives import (
    ELSEWHERE,
    ENCRYPTED,
    LINK,
    METHOD,
    NESTED,
    RATIO,
    TOTAL,
    ZIP64,
    Archive,
    clean_name,
)
from melanoma.photo.limits import TOO_LARGE

LISTED = b"PK\x01\x02"  # begins an entry of the list


def zip_of(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def problem_of(data: bytes) -> str:
    (entry,) = Archive(data).entries
    return entry.problem


def patch(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """The ZIP with a field of its only entry rewritten, at so many bytes from a signature."""
    at = data.index(signature) + offset
    return data[:at] + value + data[at + len(value) :]


def test_files_are_read_in_order_and_folders_and_litter_are_not_listed():
    data = zip_of(
        ("one.jpg", b"1"), ("folder/", b""), ("folder/two.jpg", b"2"), ("__MACOSX/._one.jpg", b"x"), (".DS_Store", b"x")
    )
    archive = Archive(data)
    assert [(entry.name, archive.read(entry)) for entry in archive.entries] == [
        ("one.jpg", b"1"),
        ("folder/two.jpg", b"2"),
    ]


@pytest.mark.parametrize(
    "name", ["/etc/passwd.jpg", "../up.jpg", "a/../../up.jpg", "C:\\photos\\a.jpg", "\\\\server\\a.jpg", "a\\..\\b.jpg"]
)
def test_a_name_that_lies_elsewhere_is_said_and_not_read(name):
    archive = Archive(zip_of((name, b"photo")))
    assert archive.entries[0].problem == ELSEWHERE
    with pytest.raises(PhotoError, match="outside"):
        archive.read(archive.entries[0])


@pytest.mark.parametrize("name", ["more.zip", "photos.tar.gz", "PHOTOS.RAR", "a.7z"])
def test_an_archive_within_is_not_opened(name):
    assert problem_of(zip_of((name, zip_of(("a.jpg", b"1"))))) == NESTED


def test_an_encrypted_file_says_so():
    data = zip_of(("a.jpg", b"photo"), method=zipfile.ZIP_STORED)
    assert problem_of(patch(data, LISTED, 8, b"\1\0")) == ENCRYPTED


def test_a_link_says_so():
    info = zipfile.ZipInfo("link.jpg")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert problem_of(zip_of((info, b"/etc/passwd"))) == LINK


def test_unusual_compression_is_refused():
    assert problem_of(zip_of(("a.jpg", b"photo" * 100), method=zipfile.ZIP_LZMA)) == METHOD


def test_a_file_that_is_compressed_beyond_reason_is_refused():
    assert problem_of(zip_of(("bomb.jpg", bytes(8 * 2**20)))) == RATIO
    assert problem_of(zip_of(("small.bmp", bytes(2**19)))) == ""


def test_a_file_that_claims_to_be_large_is_refused_and_one_that_lies_gives_no_more_than_it_claims():
    data = zip_of(("a.jpg", bytes(1000)), method=zipfile.ZIP_STORED)
    large = struct.pack("<I", 60 * 1024**2)
    assert problem_of(patch(patch(data, LISTED, 20, large), LISTED, 24, large)) == TOO_LARGE
    lying = Archive(patch(zip_of(("a.jpg", bytes(10**6))), LISTED, 24, struct.pack("<I", 10)))
    with pytest.raises(PhotoError, match="damaged"):
        lying.read(lying.entries[0])


def test_beyond_the_total_size_files_say_so(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL", 250)
    entries = Archive(zip_of(*((f"{n}.jpg", bytes(100)) for n in range(4)), method=zipfile.ZIP_STORED)).entries
    assert [entry.problem for entry in entries] == ["", "", TOTAL, TOTAL]


def test_beyond_so_many_files_the_others_are_counted(monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    archive = Archive(zip_of(*((f"{n}.jpg", b"x") for n in range(5))))
    assert (len(archive.entries), archive.left_out) == (3, 2)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(17)])
def test_what_is_no_zip_says_so(data):
    with pytest.raises(PhotoError, match="damaged"):
        Archive(data)


def test_every_cut_and_every_changed_byte_is_read_or_refused_in_a_sentence():
    data = zip_of(("a.jpg", b"photo" * 10), ("b/c.png", b"x"))
    spoiled = [data[:end] for end in range(len(data))]
    spoiled += [data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :] for at in range(len(data)) for bit in (1, 64, 255)]
    for one in spoiled:
        try:
            archive = Archive(one)
        except PhotoError as error:
            assert str(error).endswith(".")
            continue
        for entry in archive.entries:
            try:
                assert len(archive.read(entry)) <= 51
            except PhotoError as error:
                assert str(error).endswith(".")


def test_a_long_list_of_files_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 200)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(PhotoError) as error:
        Archive(zip_of_many())
    assert str(error.value) == ZIP64


def zip_of_many() -> bytes:
    """As `zip_of`, written before zipfile is taken away."""
    return MANY


MANY = zip_of(*((f"{n}.jpg", b"x") for n in range(20)))


def test_the_list_of_a_zip64_is_refused():
    end = MANY.index(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    with pytest.raises(PhotoError, match="ZIP64"):
        Archive(MANY[:end] + locator + MANY[end:])


def test_files_that_share_their_bytes_are_refused_before_any_is_unpacked():
    """As of a quine, or a bomb of thousands of files in the bytes of one."""
    data = zip_of(("a.jpg", b"1" * 100), ("b.jpg", b"2" * 100), method=zipfile.ZIP_STORED)
    second = data.index(LISTED, data.index(LISTED) + 1)
    for place in (0, 20, 60):
        overlapping = data[: second + 42] + struct.pack("<I", place) + data[second + 46 :]
        with pytest.raises(PhotoError, match="damaged"):
            Archive(overlapping)


def test_a_file_without_a_name_is_read():
    info = zipfile.ZipInfo("x")
    info.filename = ""
    archive = Archive(zip_of((info, b"photo")))
    assert [(entry.name, archive.read(entry)) for entry in archive.entries] == [("no name", b"photo")]


def test_names_are_shown_on_one_line_and_not_too_long():
    assert clean_name("a\nb\x1b[31m\u202ec.jpg") == "a�b�[31m�c.jpg"
    assert clean_name("a\\b.jpg") == "a/b.jpg"
    long = clean_name("x" * 500 + ".jpg")
    assert len(long) == archives.MAX_NAME
    assert long.endswith(".jpg")
