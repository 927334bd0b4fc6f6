"""Free memory goes back to the system: glibc by itself keeps what photos took, for the next ones."""

from __future__ import annotations

import ctypes
import sys


def give_memory_back() -> None:
    """Costs some milliseconds. Does nothing where the C library is not glibc."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
