"""Writes the learner's files, and never loses a text: what is replaced is kept first."""

import os
import tempfile
from pathlib import Path

from katagrad.catalog import Kata
from katagrad.history import FOLDER


def kept(kata: Kata) -> list[Path]:
    """Return the kept texts of a kata, oldest first."""
    return sorted(_folder(kata).glob("[0-9]*.py"))


def keep(kata: Kata) -> Path | None:
    """Keep a copy of the learner's file as it is, byte for byte; None where there is nothing to keep."""
    try:
        data = kata.exercise.read_bytes()
    except FileNotFoundError:
        return None
    known = kept(kata)
    if known and known[-1].read_bytes() == data:
        return known[-1]
    number = int(known[-1].stem) + 1 if known else 1
    path = _folder(kata) / f"{number:04}.py"
    _replace(path, data)
    return path


def lay(kata: Kata, data: bytes) -> Path | None:
    """Put a text in the learner's file, the old one kept first; return where it is kept.

    The file holds the old text or the new one at every moment, whenever the process dies.
    """
    copy = keep(kata)
    _replace(kata.exercise, data)
    return copy


def undo(kata: Kata) -> Path | None:
    """Bring back the newest kept text that differs from the present one; None where there is none."""
    present = kata.exercise.read_bytes() if kata.exercise.exists() else b""
    for path in reversed(kept(kata)):
        data = path.read_bytes()
        if data != present:
            lay(kata, data)
            return path
    return None


def _folder(kata: Kata) -> Path:
    return kata.root / FOLDER / "kept" / kata.topic / kata.name


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename within one file system.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
