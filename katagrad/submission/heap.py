"""The C library's heap of a process whose calls are timed."""

import ctypes
import sys

# Of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def keep_what_is_freed() -> None:
    """Have freed memory stay with this process, where the C library can be told to.

    A large array is else given back to the system and asked for anew at each call, page by page. What that takes is the
    system's affair and differs from process to process, by as much as the work on the array itself.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, -1)
