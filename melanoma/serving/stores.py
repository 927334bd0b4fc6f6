"""Photos and rows in folders here and in object stores, by one name: a path, or an address such as `s3://bucket/photos`.

pyarrow opens local folders, S3, Google and Azure storage and HDFS; fsspec, where it is installed, opens the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from melanoma.photo import PhotoError, read_file
from melanoma.photo.limits import MAX_BYTES, TOO_LARGE
from melanoma.run import RunError
from melanoma.serving.rows import SUFFIXES

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


@dataclass(frozen=True)
class Store:
    """A folder: its file system, and its path there."""

    files: FileSystem
    path: str

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the folder as a whole, or not at all: a reader never sees a part of it."""
        self.files.create_dir(self.path, recursive=True)
        target = f"{self.path}/{name}"
        if self.files.type_name == "local":  # object stores show a file when it is whole
            aside = f"{self.path}/.{name}.unfinished"
            with self.files.open_output_stream(aside) as file:
                file.write(content)
            self.files.move(aside, target)
            return
        with self.files.open_output_stream(target) as file:
            file.write(content)

    def read(self, name: str) -> bytes | None:
        """A file of the folder; None where there is none."""
        return self.read_path(f"{self.path}/{name}") if self.has(name) else None

    def has(self, name: str) -> bool:
        """Whether the folder holds a file of this name."""
        return self.files.get_file_info(f"{self.path}/{name}").is_file

    def read_path(self, path: str) -> bytes:
        """A file of the file system."""
        with self.files.open_input_stream(path) as file:
            return file.read()

    def list_paths(self, *, recursive: bool = False) -> list[str]:
        """Paths of the files in the folder, sorted; none where there is no folder."""
        from pyarrow.fs import FileSelector

        chosen = FileSelector(self.path, allow_not_found=True, recursive=recursive)
        return sorted(info.path for info in self.files.get_file_info(chosen) if info.is_file)


def is_address(name: str) -> bool:
    """Whether a name is an address rather than a path."""
    return "://" in name


def open_store(name: str) -> Store:
    """The folder of this path or address. Raises RunError for an address that cannot be opened here."""
    from pyarrow import fs

    try:
        if not is_address(name):
            return Store(fs.LocalFileSystem(), str(Path(name).absolute()))
        return Store(*fs.FileSystem.from_uri(name.rstrip("/")))
    except (ValueError, OSError) as error:
        try:
            import fsspec

            files, path = fsspec.core.url_to_fs(name.rstrip("/"))
        except (ImportError, ValueError):
            raise RunError(f"{name} cannot be opened: {error}. Check the address.") from error
        return Store(fs.PyFileSystem(fs.FSSpecHandler(files)), path)


def list_photos(address: str, *, recursive: bool = False) -> Iterator[str]:
    """Addresses of the photos in a folder of a store, by their suffix, sorted. Raises RunError."""
    store = open_store(address)
    try:
        paths = store.list_paths(recursive=recursive)
    except OSError as error:
        raise RunError(f"{address} cannot be read: {error}. Check the address and your access.") from error
    root = address.rstrip("/")
    for path in paths:
        if Path(path).suffix.lower() in SUFFIXES:
            yield root + path.removeprefix(store.path)


def read_photo_file(name: str) -> bytes:
    """The bytes of a photo of this path or address. Raises PhotoError or OSError."""
    if not is_address(name):
        return read_file(Path(name))
    folder, _, file = name.rpartition("/")
    store = open_store(folder)
    if (store.files.get_file_info(f"{store.path}/{file}").size or 0) > MAX_BYTES:
        raise PhotoError(TOO_LARGE)
    return store.read_path(f"{store.path}/{file}")
