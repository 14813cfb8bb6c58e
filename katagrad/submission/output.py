"""What a submission prints, as the runner keeps it."""

import contextlib
import select
import sys
import threading
import time
from typing import BinaryIO

KEPT_OUTPUT = 2000
_POLL = 0.02


class Output:
    """What a submission prints: the first and the last part, since it may be megabytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.clear()
        threading.Thread(target=self._drain, daemon=True).start()

    def clear(self) -> None:
        """Forget what was printed so far."""
        self.head, self.tail, self.dropped = b"", b"", 0

    def _drain(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self.stream.read1(65536):
                room = KEPT_OUTPUT - len(self.head)
                self.head += data[:room]
                tail = self.tail + data[max(room, 0) :]
                self.dropped += max(0, len(tail) - KEPT_OUTPUT)
                self.tail = tail[-KEPT_OUTPUT:]

    def text(self) -> str:
        """Return what was printed since `clear`."""
        self._catch_up()
        middle = f"\n... {self.dropped:,} bytes more ...\n".encode() if self.dropped else b""
        return (self.head + middle + self.tail).decode(errors="replace")

    def take_from(self, mark: bytes) -> str:
        """Return what was printed from the last place on that begins with a mark, and forget it."""
        self._catch_up()
        place = self.head.rfind(mark)
        if place >= 0:
            taken, self.head, self.tail = self.head[place:] + self.tail, self.head[:place], b""
        else:
            place = self.tail.rfind(mark)
            taken, self.tail = (self.tail[place:], self.tail[:place]) if place >= 0 else (b"", self.tail)
        return taken.decode(errors="replace")

    def _catch_up(self) -> None:
        """Give the thread that drains the pipe a moment, as long as something is in it."""
        end = time.monotonic() + _POLL
        if sys.platform == "win32":
            time.sleep(_POLL)
            return
        with contextlib.suppress(OSError, ValueError):
            while select.select([self.stream], [], [], 0)[0] and time.monotonic() < end:
                time.sleep(_POLL / 20)
        time.sleep(_POLL / 20)
