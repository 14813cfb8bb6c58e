"""Tells which of the learner's files were saved, by looking at all of them.

A look at 190 files takes a third of a millisecond. Unlike the events of a file system, it also finds what is saved on a
network share or in a container's mount.
"""

import contextlib
import time
from pathlib import Path

from katagrad.katas.catalog import Catalog, Kata

# Seconds between two looks.
STEP = 0.05

Stamp = tuple[int, int, int]


class Saves:
    """The files of all katas, watched from the first look on."""

    def __init__(self, catalog: Catalog) -> None:
        self._katas = {kata.exercise: kata for kata in catalog.katas}
        self._stamps = self._stamps_now()
        self._looked = time.monotonic()
        self._again: set[Path] = set()
        self._waiting: set[Path] = set()

    def get(self, timeout: float = 0.0) -> frozenset[Kata]:
        """Return the katas whose files were saved since the last call; wait up to `timeout` seconds for the first."""
        end = time.monotonic() + timeout
        self._look()
        while not self._waiting and (left := end - time.monotonic()) > 0:
            time.sleep(min(STEP, left))
            self._look()
        saved, self._waiting = self._waiting, set()
        return frozenset(self._katas[path] for path in saved)

    def waiting(self) -> frozenset[Kata]:
        """Return what `get` would return at once; cheap enough to be called all the time."""
        if time.monotonic() - self._looked >= STEP:
            self._look()
        return frozenset(self._katas[path] for path in self._waiting)

    def dismiss(self, kata: Kata) -> None:
        """Forget a save that waits, since the text is known."""
        self._waiting.discard(kata.exercise)

    def _look(self) -> None:
        self._looked, stamps = time.monotonic(), self._stamps_now()
        changed = {path for path, stamp in stamps.items() if self._stamps.get(path) != stamp}
        # Two saves of equal length within one tick of the file system's clock look like one: what changed is told once
        # more. Who grades compares the texts.
        self._waiting |= changed | self._again
        self._again, self._stamps = changed, stamps

    def _stamps_now(self) -> dict[Path, Stamp]:
        """Return every file there is, with what changes when it is written."""
        found = {}
        for path in self._katas:
            with contextlib.suppress(OSError):  # gone, or between the two halves of a rename
                stat = path.stat()
                found[path] = stat.st_mtime_ns, stat.st_size, stat.st_ino
        return found
