"""In a process of its own: what it changes is the process."""

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys
import numpy as np
from functions.transcribe.audio.memory import return_large_arrays

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Info
if "returned" in sys.argv:
    return_large_arrays()
del (large := [np.ones(4_000_000, np.uint8)])[:]  # after it glibc keeps arrays of this size
before = library.mallinfo2().hblks
another = np.ones(2_000_000, np.uint8)
print(library.mallinfo2().hblks - before)
"""


def _mapped(*arguments: str) -> int:
    """How many arrays of 2 MB lie outside the heap, of one, after a larger one was freed."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="asks glibc, 2.33 or newer, for its arrays"
)
def test_large_arrays_stay_out_of_the_heap_that_keeps_them() -> None:
    assert _mapped() == 0
    assert _mapped("returned") == 1
