"""Keeps the program's memory flat."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h of the GNU C library


def use_one_heap() -> None:
    """Have all threads of the process allocate from one heap, where the system's C library can be asked to.

    Pictures that one thread allocates and another frees leave holes in the heaps that the GNU C library makes for each
    thread, and the process grows with the length of a clip; see mallopt(3), M_ARENA_MAX. `benchmarks/memory.py`
    measures it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library or another system
        return
    mallopt(_M_ARENA_MAX, 1)
