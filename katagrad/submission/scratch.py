"""The directories in which submissions run: one each, removed with whatever they left in it."""

import contextlib
import functools
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

_PREFIX = "katagrad-scratch-"
_NAME = re.compile(rf"{_PREFIX}\w{{8}}")
# Seconds after which a directory belongs to a runner that was killed: no grading takes that long.
_OLD = 3600
_PATIENCE = 2.0


def make() -> Path:
    """Return a new, empty directory."""
    _remove_old(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=_PREFIX))


def remove(folder: Path) -> None:
    """Remove a directory, also where a submission has locked a part of it, and follow no link out of it."""
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
        return
    end = time.monotonic() + _PATIENCE
    _remove(folder)
    # Windows lets go of what a process had open some time after its end.
    while sys.platform == "win32" and folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
        _remove(folder)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
    with contextlib.suppress(OSError, RecursionError):
        for parent, names, _ in os.walk(folder):
            for path in (Path(parent, name) for name in names):
                if not path.is_symlink():
                    path.chmod(0o700)
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _remove_old(temporary: str) -> None:
    """Remove what runners that were killed have left, once a process."""
    for path in Path(temporary).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if _NAME.fullmatch(path.name) and time.time() - path.lstat().st_mtime > _OLD:
                remove(path)
