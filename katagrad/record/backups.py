"""Writes the learner's files, and never loses a text: what is replaced is kept first."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from katagrad.katas.catalog import Kata
from katagrad.record.history import FOLDER

# Seconds after which a half-written file was left by a process that was killed.
_OLD = 60


def kept(kata: Kata) -> list[Path]:
    """Return the kept texts of a kata, oldest first."""
    numbered = (path for path in _folder(kata).glob("*.py") if path.stem.isdecimal())
    return sorted(numbered, key=lambda path: int(path.stem))


def keep(kata: Kata) -> Path | None:
    """Keep a copy of the learner's file, byte for byte, and return its path; None if there is no file."""
    try:
        data = kata.exercise.read_bytes()
    except FileNotFoundError:
        return None
    known = kept(kata)
    if known and known[-1].read_bytes() == data:
        return known[-1]
    return _add(_folder(kata), int(known[-1].stem) + 1 if known else 1, data)


def replace(kata: Kata, data: bytes) -> Path | None:
    """Replace the text of the learner's file, after keeping the old one; return where that is kept.

    The file holds the old text or the new one at every moment, whenever the process dies.
    """
    copy = keep(kata)
    mode = kata.exercise.stat().st_mode if copy else 0o644
    with _whole(kata.exercise.parent, kata.name, data) as written:
        written.chmod(mode)
        written.replace(kata.exercise)
    return copy


def problem(error: OSError) -> str:
    """Return the sentences for a text that could not be kept or replaced."""
    return f"{error.filename}: {error.strerror}. Nothing was lost: a file is replaced whole or not at all."


class Undone(NamedTuple):
    """What an undo did: the kept text that it brought back, and where the text that it replaced is kept."""

    source: Path
    copy: Path | None


def undo(kata: Kata) -> Undone | None:
    """Bring back the newest kept text that differs from the present one; None where there is none.

    The present text is kept in its turn, so that a second undo undoes the first.
    """
    present = kata.exercise.read_bytes() if kata.exercise.exists() else b""
    for path in reversed(kept(kata)):
        data = path.read_bytes()
        if data != present:
            return Undone(path, replace(kata, data))
    return None


def _folder(kata: Kata) -> Path:
    return kata.root / FOLDER / "kept" / kata.topic / kata.name


def _add(folder: Path, number: int, data: bytes) -> Path:
    """Write a text under the first free number, without overwriting one that another process keeps meanwhile."""
    with _whole(folder, f"{number:04}", data) as written:
        while True:
            path = folder / f"{number:04}.py"
            try:
                os.link(written, path)
            except FileExistsError:
                number += 1
            except OSError:  # a file system without links
                return written.replace(path)
            else:
                return path


@contextlib.contextmanager
def _whole(folder: Path, name: str, data: bytes) -> Iterator[Path]:
    """Yield a temporary file that holds all of the data, to be moved to its place in the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f".{name}-*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _OLD:
                path.unlink()
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}-", suffix=".tmp")
    try:
        _write(handle, data, folder / name)
        yield Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _write(handle: int, data: bytes, path: Path) -> None:
    """Write all data down to the disk; an error names the path, since that of a write names none."""
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
