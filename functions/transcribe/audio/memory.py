"""Returns freed memory to the system, so that a long recording needs no more than a short one.

glibc keeps arrays of up to 32 MB that are freed, for later ones. Those are of other lengths, and
what lies between grows: cutting three hours came to take a tenth more than cutting ten minutes.
"""

import ctypes
from functools import cache

_M_MMAP_THRESHOLD = -3
"""malloc.h: from this size on, allocations are returned as soon as they are freed."""

_LARGE_BYTES = 300_000
"""Ten seconds of samples. Setting it also keeps glibc from raising it."""


@cache
def return_large_arrays() -> None:
    """Have this process do so from now on; with another C library than glibc nothing changes."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
