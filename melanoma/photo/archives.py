"""The files in a ZIP from a stranger, each within bounds, read one at a time and never written to disk.

What an archive may cost is found out from its directory before anything is unpacked: how many files, how large, how
far compressed. Nothing in it is an archive's business but photos and a table: what is encrypted, linked, nested or
named as if it lay elsewhere is not read, and its entry says so.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock

from melanoma.photo.limits import MAX_BYTES, TOO_LARGE, PhotoError

MAX_ARCHIVE = 500 * 1024**2  # bytes of the ZIP itself
MAX_ENTRIES = 2000  # files
MAX_TOTAL = 2 * 1024**3  # bytes of all its files, unpacked
MAX_RATIO = 100  # of a file's size to its compressed size; a photo as BMP reaches about 10
MAX_DIRECTORY = 4 * 1024**2  # bytes of the list of files, which is read whole
MAX_NAME = 200  # characters of a name that are shown
SMALL = 2**20  # bytes, below which the ratio costs nothing
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
# What the systems of Apple and Microsoft leave in folders.
LITTER = (".ds_store", "thumbs.db", "desktop.ini")
END, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
END_SIZE, LOCATOR_SIZE, MAX_COMMENT = 22, 20, 2**16 - 1
HEADER_SIZE = 30  # bytes before a file's name, and its content behind that
SYMLINK = stat.S_IFLNK

DAMAGED_ARCHIVE = "This ZIP is damaged or incomplete: make it again from the photos, or drop the photos themselves."
LARGE_ARCHIVE = f"This ZIP is larger than {MAX_ARCHIVE // 1024**2} MB: split the photos over several ZIPs."
ZIP64 = f"This ZIP is of the kind for very large archives (ZIP64): make it again with at most {MAX_ENTRIES:,} photos."
ENCRYPTED = "This file in the ZIP is encrypted: make the ZIP again without a password."
ELSEWHERE = "This file's name in the ZIP points outside of it: make the ZIP again from a plain folder of photos."
NESTED = "This is an archive within the ZIP, which is not opened: put its photos into the ZIP themselves."
LINK = "This is a link, not a photo: put the photo itself into the ZIP."
RATIO = f"This file in the ZIP is compressed more than {MAX_RATIO} times, which no photo is: use the original photo."
METHOD = "This file in the ZIP is compressed in an unusual way: make the ZIP again with the usual compression."
TOTAL = f"The files in this ZIP are larger than {MAX_TOTAL // 1024**3} GB together: split them over several ZIPs."


@dataclass(frozen=True)
class ArchiveEntry:
    """One file in an archive.

    name: as it is shown, without what is not printable; problem: why it is not read, empty where it is; place: where
    it stands in the archive's list.
    """

    name: str
    problem: str
    place: int


# What zipfile raises on broken bytes; NotImplementedError: on a compression or a version of ZIP that it does not know.
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, EOFError)


class Archive:
    """A ZIP in memory. `entries` are its files in its own order, at most MAX_ENTRIES; `left_out`: how many more."""

    def __init__(self, data: bytes):
        """Raises PhotoError for what is no ZIP, is damaged, or has too long a list of files."""
        check_directory(data)
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise PhotoError(DAMAGED_ARCHIVE) from error
        check_places(self._file.infolist())
        self._infos = [
            info for info in self._file.infolist() if not info.filename.endswith("/") and not is_litter(info.filename)
        ]
        self._lock = Lock()
        self.left_out = max(len(self._infos) - MAX_ENTRIES, 0)
        self.entries = self._list_entries()

    def _list_entries(self) -> tuple[ArchiveEntry, ...]:
        entries, total = [], 0
        for place, info in enumerate(self._infos[:MAX_ENTRIES]):
            problem = find_problem(info)
            if not problem:
                total += info.file_size
                problem = TOTAL if total > MAX_TOTAL else ""
            entries.append(ArchiveEntry(clean_name(info.filename), problem, place))
        return tuple(entries)

    def read(self, entry: ArchiveEntry) -> bytes:
        """The content of a file. Safe to call from several threads. Raises PhotoError, saying why it is not read."""
        if entry.problem:
            raise PhotoError(entry.problem)
        info = self._infos[entry.place]
        try:
            with self._lock, self._file.open(info) as file:
                content = file.read(MAX_BYTES + 1)
        except BROKEN as error:
            raise PhotoError(DAMAGED_ARCHIVE) from error
        except RuntimeError as error:  # a password is wanted that the directory does not speak of
            raise PhotoError(ENCRYPTED) from error
        if len(content) > MAX_BYTES:
            raise PhotoError(TOO_LARGE)
        return content


def check_directory(data: bytes) -> None:
    """Raises PhotoError unless the archive ends in a list of files that is short enough to be read.

    zipfile reads that list whole, with some 500 bytes of memory for each 46 in it.
    """
    if len(data) > MAX_ARCHIVE:
        raise PhotoError(LARGE_ARCHIVE)
    at = len(data) - END_SIZE
    if at < 0 or data[at : at + 4] != END or data[-2:] != b"\0\0":  # as zipfile looks for it
        at = data.rfind(END, max(0, len(data) - END_SIZE - MAX_COMMENT))
    if at < 0 or at + END_SIZE > len(data):
        raise PhotoError(DAMAGED_ARCHIVE)
    if data[max(0, at - LOCATOR_SIZE) : at].startswith(ZIP64_LOCATOR):
        raise PhotoError(ZIP64)
    if int.from_bytes(data[at + 12 : at + 16], "little") > MAX_DIRECTORY:
        raise PhotoError(ZIP64)


def check_places(infos: Iterable[zipfile.ZipInfo]) -> None:
    """Raises PhotoError where files of an archive share bytes: thousands of large ones could lie in a few kilobytes."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise PhotoError(DAMAGED_ARCHIVE)
        end = info.header_offset + HEADER_SIZE + info.compress_size


def find_problem(info: zipfile.ZipInfo) -> str:
    """Why a file is not read, by what the archive's list says of it; empty where it is."""
    if is_elsewhere(info.orig_filename) or is_elsewhere(info.filename):
        return ELSEWHERE
    if info.flag_bits & 1:
        return ENCRYPTED
    if stat.S_IFMT(info.external_attr >> 16) == SYMLINK:
        return LINK
    if info.filename.lower().endswith(ARCHIVES):
        return NESTED
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return METHOD
    if info.file_size > MAX_BYTES:
        return TOO_LARGE
    if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
        return RATIO
    return ""


def is_elsewhere(name: str) -> bool:
    """Whether a name is absolute, names a drive, or climbs out of its folder."""
    path = name.replace("\\", "/")
    return path.startswith("/") or path[1:2] == ":" or ".." in path.split("/")


def is_litter(name: str) -> bool:
    """Whether a system left this file beside the photos, for itself."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.startswith("._") or path.name.lower() in LITTER


def clean_name(name: str) -> str:
    """A name as it is shown: printable, on one line, no longer than MAX_NAME, of which the end says most."""
    printable = "".join(c if c.isprintable() else "�" for c in name.replace("\\", "/")) or "no name"
    return printable if len(printable) <= MAX_NAME else f"…{printable[-MAX_NAME + 1 :]}"
