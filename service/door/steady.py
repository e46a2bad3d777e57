"""Keeps the memory of a process that handles camera frames for weeks from creeping up."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's numbers, from malloc.h."""
LARGE: Final = 2**20
"""Bytes from which a block is mapped by itself, and given back whole; a frame of 1280x720 has 2.6 times as many."""
ARENAS: Final = 2


def steady_memory() -> bool:
    """Tells glibc's allocator to give frames back to the system when they are let go; whether it could be told.

    By itself it raises its limit for mapped blocks to the largest block that was ever freed, so that frames are cut out
    of heaps, one for each thread and core, and the small things that are allocated in between keep holes open.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return False
    options = ((M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, 2 * LARGE), (M_ARENA_MAX, ARENAS))
    told = [mallopt(option, value) for option, value in options]  # each of them, also after one that is refused
    return all(answer == 1 for answer in told)
