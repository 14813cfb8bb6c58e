"""Puts the blank stub of a kata in place before a sitting; the text before is kept."""

import errno
import os
from pathlib import Path

from katagrad.katas import stubs
from katagrad.katas.catalog import Kata
from katagrad.record import backups


def make_blank(kata: Kata) -> Path | None:
    """Put the blank stub in place and return where the text before it is kept, if there was one."""
    blank = stubs.derive(kata).encode()
    if kata.exercise.is_file() and kata.exercise.read_bytes() == blank:
        check_writable(kata)
        return None
    return backups.replace(kata, blank)


def check_writable(kata: Kata) -> None:
    """Raise OSError if nobody could save an answer."""
    if kata.exercise.exists() and not os.access(kata.exercise, os.W_OK):
        raise PermissionError(errno.EACCES, "the file cannot be written", str(kata.exercise))
