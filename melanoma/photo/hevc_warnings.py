"""What the decoder of HEVC itself found wrong with a picture of a HEIC file.

libde265, which decodes HEIC inside libheif, notes where a stream does not end as it must: behind damage it is at the
wrong place when a row of blocks ends. libheif does not pass these notes on, so the same library, which comes with
pi-heif, is asked directly (de265.h). It finds what `coded_items` cannot: encoders such as x265 begin each row of blocks
anew, so that damage ends with its row. Where the library is not found, nothing is said.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

try:
    import _pi_heif
except ImportError:  # no wheel for this platform
    FOLDER = None
else:
    FOLDER = Path(_pi_heif.__file__).parent

PLACES = ("pi_heif.libs/*de265*", "pi_heif/.dylibs/*de265*")  # of wheels for Linux and Windows, and for macOS
# Notes of de265.h on streams that are not as long as their parts say: a slice ended too soon, an entry point at no
# place, a block outside the picture, a row without its end.
BROKEN = {1002, 1003, 1004, 1017}
DONE = 0  # of a call, and of the list of notes


def warns(parameters: Sequence[bytes], units: Sequence[bytes]) -> bool:
    """Whether libde265 finds the stream of one picture broken.

    parameters: its sets of parameters (VPS, SPS, PPS); units: its NAL units, in order.
    """
    library = load_library()
    if library is None:
        return False
    decoder = library.de265_new_decoder()
    try:
        for unit in (*parameters, *units):
            library.de265_push_NAL(decoder, unit, len(unit), 0, None)
        library.de265_flush_data(decoder)
        more, error = ctypes.c_int(1), DONE
        while more.value and error == DONE:
            more.value = 0
            error = library.de265_decode(decoder, ctypes.byref(more))
            library.de265_get_next_picture(decoder)  # it holds few that nobody takes
        return not BROKEN.isdisjoint(_list_notes(library, decoder))
    finally:
        library.de265_free_decoder(decoder)


def _list_notes(library: ctypes.CDLL, decoder: int) -> Iterator[int]:
    while (note := library.de265_get_warning(decoder)) != DONE:
        yield note


@cache
def load_library() -> ctypes.CDLL | None:
    """libde265 as it came with pi-heif; None where it is not found."""
    paths = [path for place in PLACES for path in (FOLDER.glob(place) if FOLDER else ())]
    try:
        library = ctypes.CDLL(str(paths[0]))
        pointer, number = ctypes.c_void_p, ctypes.c_int
        library.de265_new_decoder.restype = library.de265_get_next_picture.restype = pointer
        library.de265_push_NAL.argtypes = [pointer, ctypes.c_char_p, number, ctypes.c_int64, pointer]
        library.de265_decode.argtypes = [pointer, ctypes.POINTER(number)]
        for name in ("flush_data", "get_warning", "get_next_picture", "free_decoder"):
            getattr(library, f"de265_{name}").argtypes = [pointer]
    except (IndexError, OSError, AttributeError):
        return None
    return library
