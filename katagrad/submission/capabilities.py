"""Linux: what root may do beyond other users, and a submission need not. Elsewhere nothing happens here.

Without it a submission that runs as root raises its own limits again. Source: capabilities(7).
"""

import ctypes
import struct
import sys

_VERSION = 0x20080522
# Reading what belongs to others stays: the libraries may.
_READING = 1 << 1 | 1 << 2


def drop() -> bool:
    """Give up all capabilities but those of reading files; return whether the kernel took it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("<Ii", _VERSION, 0)
    data = ctypes.create_string_buffer(24)
    if libc.capget(header, data) != 0:
        return False
    # Effective, permitted and inheritable ones: the lower halves, then the upper ones.
    effective, permitted, *_ = struct.unpack("<6I", data.raw)
    return libc.capset(header, struct.pack("<6I", effective & _READING, permitted & _READING, 0, 0, 0, 0)) == 0
