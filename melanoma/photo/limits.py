"""What a file may cost, found out before anything is decoded: its kind, bytes, pixels and scans."""

from __future__ import annotations

import stat
from pathlib import Path

MAX_BYTES = 50 * 1024**2
MAX_PIXELS = 80_000_000  # of the header's width x height
MIN_SIDE = 32  # pixels
MAX_SCANS = 100  # of a progressive JPEG, which is decoded anew for each; cameras and editors write about ten
# A photo holds some detail: less than a bit for every so many pixels is an empty canvas made to fill the memory.
PIXELS_A_BYTE = 4000
LARGE = 1_000_000  # pixels, below which an empty canvas costs nothing

TOO_MANY_PIXELS = (
    f"This photo has more than {MAX_PIXELS // 10**6} megapixels, which is more than is read here: "
    "export it at a smaller size and use that file."
)
TOO_LARGE = f"This file is larger than {MAX_BYTES // 1024**2} MB: export the photo as JPEG or at a smaller size."
EMPTY_CANVAS = "This file claims a large picture and holds next to nothing: use the original photo."
TOO_MANY_SCANS = (
    f"This JPEG is stored in more than {MAX_SCANS} passes, which no camera writes: export it again as JPEG or PNG."
)
DAMAGED = (
    "This photo is incomplete or damaged and cannot be read: "
    "copy or export it again from where it came from, as JPEG or PNG, and use that file."
)


class PhotoError(ValueError):
    """A file that cannot be used; the message is one plain sentence: what was wrong, and what to do."""


def read_file(path: Path) -> bytes:
    """The bytes of a regular file, its size checked before it is read. Raises PhotoError, or OSError."""
    status = Path(path).stat()  # raises for a link to itself and for what is not there
    if stat.S_ISDIR(status.st_mode):
        raise PhotoError("This is a folder, not a photo: name the photos in it, or the folder itself.")
    if not stat.S_ISREG(status.st_mode):
        raise PhotoError("This is not a regular file: copy the photo to a file and use that.")
    if status.st_size > MAX_BYTES:
        raise PhotoError(TOO_LARGE)
    with Path(path).open("rb") as file:
        content = file.read(MAX_BYTES + 1)  # it may have grown since
    if len(content) > MAX_BYTES:
        raise PhotoError(TOO_LARGE)
    return content


def check_bytes(data: bytes) -> None:
    """Raises PhotoError for content that is empty, or larger than MAX_BYTES, or costly by its header."""
    if not data:
        raise PhotoError("This file is empty: copy or export the photo again and use that file.")
    if len(data) > MAX_BYTES:
        raise PhotoError(TOO_LARGE)
    if data[:4] == b"RIFF":
        check_size(*_webp_size(data), len(data))  # its decoder makes the canvas on opening
    if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > MAX_SCANS:  # within a scan 0xff is followed by 0
        raise PhotoError(TOO_MANY_SCANS)


def check_size(width: int, height: int, file_size: int) -> None:
    """Raises PhotoError for a picture that is too large or too small, or too large for a file of so many bytes."""
    if width * height > MAX_PIXELS:
        raise PhotoError(TOO_MANY_PIXELS)
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"This photo is only {width} x {height} pixels, too small to show a lesion (at least {MIN_SIDE} each way): "
            "use the original photo."
        )
    if width * height > max(LARGE, PIXELS_A_BYTE * file_size):
        raise PhotoError(EMPTY_CANVAS)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Canvas (width, height) that a WebP file's first chunk declares; the smallest size allowed if none is known."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return MIN_SIDE, MIN_SIDE
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return MIN_SIDE, MIN_SIDE
