"""Photos in stores are listed and read as those in folders are."""

import fsspec
import pytest

from melanoma.photo import PhotoError, example_bytes
from melanoma.photo.limits import MAX_BYTES
from melanoma.run import RunError
from melanoma.serving.stores import list_photos, read_photo_file


@pytest.fixture
def bucket():
    """An object store that only fsspec knows, in memory."""
    files = fsspec.filesystem("memory")
    files.pipe(
        {"/bucket/b.png": example_bytes(), "/bucket/a.JPG": b"x", "/bucket/in/c.png": b"x", "/bucket/n.txt": b"x"}
    )
    yield "memory://bucket"
    files.rm("/bucket", recursive=True)


def test_photos_of_a_store_are_listed_by_address(bucket):
    assert list(list_photos(bucket)) == [f"{bucket}/a.JPG", f"{bucket}/b.png"]
    assert list(list_photos(f"{bucket}/", recursive=True)) == [
        f"{bucket}/{name}" for name in ("a.JPG", "b.png", "in/c.png")
    ]
    assert read_photo_file(f"{bucket}/b.png") == example_bytes()


def test_what_a_store_does_not_hold_or_is_too_large_is_said(bucket):
    assert list(list_photos("memory://elsewhere")) == []
    with pytest.raises(FileNotFoundError):
        read_photo_file(f"{bucket}/absent.png")
    fsspec.filesystem("memory").pipe("/bucket/large.tif", bytes(MAX_BYTES + 1))
    with pytest.raises(PhotoError, match="larger than 50 MB"):
        read_photo_file(f"{bucket}/large.tif")
    with pytest.raises(RunError, match="cannot be opened"):
        list(list_photos("nowhere://bucket"))


def test_a_path_and_an_address_give_the_same_bytes(tmp_path):
    (tmp_path / "a.png").write_bytes(example_bytes())
    (address,) = list_photos(f"file://{tmp_path}")
    assert read_photo_file(address) == read_photo_file(str(tmp_path / "a.png")) == example_bytes()
