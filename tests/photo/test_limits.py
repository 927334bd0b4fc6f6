"""What a file may cost is found out before anything is decoded."""

import io
import os

import pytest
from encodings_of_photos import encode
from PIL import Image

from melanoma.photo import PhotoError, draw_example, read_file, read_photo
from melanoma.photo.limits import MAX_BYTES, MAX_SCANS


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value)


def test_a_few_bytes_that_claim_a_huge_picture_are_refused():
    buffer = io.BytesIO()
    Image.new("RGB", (8900, 8900)).save(buffer, "WEBP", lossless=True, method=0)
    assert len(buffer.getvalue()) < 20_000
    assert "next to nothing" in refused(buffer.getvalue())


def test_a_small_plain_picture_is_not_taken_for_an_attack():
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(buffer, "PNG")
    assert read_photo(buffer.getvalue()).pixels.shape == (600, 800, 3)


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded():
    data = encode(draw_example(), "JPEG", progressive=True)
    assert read_photo(data).pixels.shape == (450, 600, 3)
    scan = data[data.index(b"\xff\xda") : -2]
    assert "passes" in refused(data[:-2] + scan * MAX_SCANS + b"\xff\xd9")


def test_a_file_that_is_too_large_is_refused_without_being_read(tmp_path):
    path = tmp_path / "large.tif"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)  # takes no room on the disk
    with pytest.raises(PhotoError, match=f"larger than {MAX_BYTES // 1024**2} MB"):
        read_file(path)


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path, tmp_path / "pipe.jpg", "/dev/zero"):
        with pytest.raises(PhotoError):
            read_file(path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "loop", tmp_path / "absent.jpg"):
        with pytest.raises(OSError, match=r".+"):
            read_file(path)
