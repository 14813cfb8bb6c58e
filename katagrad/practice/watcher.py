"""Tells which of the learner's files were saved: by file events, and by a look now and then where none arrive."""

import contextlib
import os
import queue
import threading
from pathlib import Path
from typing import Self

from watchfiles import watch

from katagrad.katas.catalog import Catalog, Kata

# Milliseconds: events closer than a step are one save, and a stream of them is cut off after the longest wait.
STEP, LONGEST = 15, 200
LOOK = 500
POLL = 100

Stamp = tuple[int, int, int]


class Saves:
    """Watches the files of all katas from the moment it is entered."""

    def __init__(self, catalog: Catalog, *, poll: bool = False) -> None:
        # Events name real paths.
        self.folder, self.poll = Path(os.path.realpath(catalog.root / "exercises")), poll
        self.katas = {self.folder / kata.topic / kata.exercise.name: kata for kata in catalog.katas}
        # Not a SimpleQueue: when a signal comes after its time-out, as SIGCONT does, it waits for ever (CPython 3.12).
        self._found: queue.Queue[Kata] = queue.Queue()
        self._stop = threading.Event()
        self._stamps: dict[Path, Stamp] = {}

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._stamps = self._look()
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._stop.set()

    def get(self, timeout: float) -> set[Kata]:
        """Return the katas whose files were saved since the last call; wait for the first so many seconds."""
        found = set()
        with contextlib.suppress(queue.Empty):
            found.add(self._found.get(timeout=timeout))
            while True:
                found.add(self._found.get_nowait())
        return found

    def _run(self) -> None:
        try:
            self._watch(poll=self.poll)
        except (OSError, RuntimeError):
            self._watch(poll=True)  # the system has no more watches to give

    def _watch(self, *, poll: bool) -> None:
        changes = watch(
            self.folder,
            watch_filter=None,
            step=STEP,
            debounce=LONGEST,
            rust_timeout=POLL if poll else LOOK,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            force_polling=poll or None,  # None leaves it to WATCHFILES_FORCE_POLLING
            poll_delay_ms=POLL,
            ignore_permission_denied=True,
        )
        for changed in changes:
            # The look finds, after a silence too, what a network share or a container's mount never tells.
            named = {Path(path) for _, path in changed}
            looked = self._look()
            for path, stamp in looked.items():
                if path in named or self._stamps.get(path) != stamp:
                    self._found.put(self.katas[path])
            self._stamps = looked

    def _look(self) -> dict[Path, Stamp]:
        """Return every file there is, with what changes when it is written."""
        found = {}
        for path in self.katas:
            with contextlib.suppress(OSError):  # gone, or between the two halves of a rename
                stat = path.stat()
                found[path] = stat.st_mtime_ns, stat.st_size, stat.st_ino
        return found
