"""Landlock: the Linux kernel's own way for a process to give up rights for good. Elsewhere nothing happens here.

Source: the kernel's documentation, userspace-api/landlock.
"""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
# How many file rights each version of the interface knows; asking for more is an error.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_SINCE, _SCOPE_SINCE = 4, 6

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def version() -> int:
    """Return the version of the kernel's interface; 0 where there is none."""
    if _libc is None:
        return 0
    return max(0, _libc.syscall(_CREATE_RULESET, None, 0, 1))


def restrict(readable: Iterable[str], writable: Iterable[str]) -> bool:
    """Give up all files but those below the paths given, the network, and signals to other processes.

    Returns
    -------
    bool
        Whether the kernel took it; False leaves the process as it was.
    """
    known = version()
    if not known:
        return False
    rights = (1 << _FILE_RIGHTS[min(known, max(_FILE_RIGHTS))]) - 1
    network = 0b11 if known >= _NETWORK_SINCE else 0
    scope = 0b11 if known >= _SCOPE_SINCE else 0
    # The kernel knows an older, shorter form by its size.
    form = struct.pack("<QQQ", rights, network, scope)[: 24 if scope else 16 if network else 8]
    ruleset = _libc.syscall(_CREATE_RULESET, form, len(form), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
    for path in writable:
        _allow(ruleset, path, rights)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    taken = _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return taken


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE
    form = struct.pack("<Qi", rights, place)
    _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, form, 0)
    os.close(place)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it ends."""
    if _libc is not None:
        _libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that they can be found and ended."""
    if _libc is not None:
        _libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
