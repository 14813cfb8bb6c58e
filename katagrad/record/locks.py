"""A lock between processes, which the system itself gives up when its holder dies, however that comes about."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Say whether no other process is in here with the same path; where nothing can be locked, trust that none is."""
    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(exist_ok=True)
            _lock(stack.enter_context(path.open("a")).fileno())
            free = True
        except OSError as error:
            free = error.errno not in _HELD
        yield free


def _lock(descriptor: int) -> None:
    """Take the lock, which lasts until the file is closed, or raise OSError at once."""
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415 - only there

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
