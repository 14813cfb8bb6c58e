"""Somebody who sits at a real terminal: reads what is printed, presses keys, and leaves in one way or another."""

import codecs
import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest

from tests.runner.conftest import heed_interrupts

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals to drive", allow_module_level=True)

import fcntl
import pty
import struct
import termios

COLUMNS = 80
# Seconds within which something is printed, on a machine that does much else.
PATIENCE = 60
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# A mistake in vif, as an edit of its solution.
WRONG = ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained")
# What the last line says while saves and keys are taken.
PRACTISING = "p pause  g give up  q stop"
WATCHING = "p pause  q quit"
SHIFTED = Path(__file__).with_name("shifted.py")


def _sit_down() -> None:
    """Make the terminal the one that Ctrl-C and hanging up come from."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    heed_interrupts()


class Clock:
    """The clocks of a person's machine, which a test moves: the date by `days`, what passes by `seconds`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.move()

    def move(self, *, days: float = 0, seconds: float = 0) -> None:
        """Set the date and the passing time off by so much in all, from one moment to the next."""
        known = json.loads(self.path.read_text()) if self.path.exists() else {"days": 0, "seconds": 0}
        moved = {"days": known["days"] + days, "seconds": known["seconds"] + seconds}
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(moved))
        written.replace(self.path)

    @property
    def today(self) -> date:
        """Return the date that people see."""
        return (datetime.now(UTC) + self.days).astimezone().date()

    @property
    def days(self) -> timedelta:
        """Return how far off the date is."""
        return timedelta(days=json.loads(self.path.read_text())["days"])


class Person:
    """A command that runs in a terminal of its own."""

    def __init__(self, checkout, *arguments: str, clock: Clock | None = None, **environment: str) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self.found = termios.tcgetattr(theirs)
        started = [str(SHIFTED), str(checkout.root), str(clock.path)] if clock else [str(checkout.root / "katagrad")]
        self.process = subprocess.Popen(
            [sys.executable, "-I", *started, *arguments],
            cwd=checkout.root,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", **environment},
            preexec_fn=_sit_down,  # noqa: PLW1509 - no threads here
        )
        # Kept open, so that how the terminal was left can be looked at.
        self.theirs = theirs
        # A character may come in two pieces.
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.printed = ""
        self.read = 0

    def sees(self, text: str) -> str:
        """Wait until something is printed after what was seen last; return all up to it, as plain lines."""
        until = time.monotonic() + PATIENCE
        while text not in self.plain()[self.read :]:
            goes_on = (self._take() or self.process.poll() is None) and time.monotonic() < until
            assert goes_on, f"{text!r} was not printed:\n{self.plain()[self.read :]}"
        end = self.plain().index(text, self.read) + len(text)
        seen, self.read = self.plain()[self.read : end], end
        return seen

    def waits_until(self, true: Callable[[], bool]) -> None:
        """Wait for something that is not printed."""
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until, self.plain()[-2000:]
            self._take()

    def types(self, keys: str) -> None:
        """Press keys."""
        os.write(self.ours, keys.encode())

    def interrupts(self) -> None:
        """Press Ctrl-C."""
        self.types("\x03")

    def closes_terminal(self) -> None:
        """Close the window."""
        os.close(self.theirs)
        os.close(self.ours)
        self.ours = self.theirs = -1

    def ends(self) -> int:
        """Wait for the end of the command and return its exit status."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it does not end:\n{self.plain()[-2000:]}"
            if self.ours >= 0:
                self._take()
            else:
                time.sleep(0.02)
        while self.ours >= 0 and self._take():
            pass
        return self.process.returncode

    def kills(self) -> None:
        """End the command as nothing can be ended worse."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def left_as_found(self) -> bool:
        """Say whether the terminal is in the mode that it was found in."""
        return termios.tcgetattr(self.theirs) == self.found

    def plain(self) -> str:
        """Return all that was printed as plain lines; what was written over is a line of its own."""
        return _CONTROL.sub("", self.printed.replace("\r\n", "\n").replace("\r\x1b[2K", "\n"))

    def too_long(self) -> list[str]:
        """Return the lines that are longer than the terminal is wide."""
        return [line for line in self.plain().splitlines() if len(line) > COLUMNS]

    def _take(self) -> bool:
        if not select.select([self.ours], [], [], 0.05)[0]:
            return False
        with contextlib.suppress(OSError):  # the other side is gone
            self.printed += self.decoder.decode(os.read(self.ours, 65536))
            return True
        return False

    def __enter__(self) -> Self:
        """Sit down."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running."""
        if self.process.poll() is None:
            self.kills()
        for descriptor in {self.ours, self.theirs} - {-1}:
            os.close(descriptor)


def practising(person: Person) -> Person:
    """Wait until a session takes saves and keys."""
    person.sees(PRACTISING)
    return person


def watching(person: Person) -> Person:
    """Wait until a watch takes saves and keys."""
    person.sees(WATCHING)
    return person


def on_the_clock(shown: str) -> int:
    """Return the time that was shown last, in seconds."""
    minutes, seconds = re.findall(r"(\d+):(\d\d) of 15:00", shown)[-1]
    return 60 * int(minutes) + int(seconds)


def verdicts(person: Person, name: str = "diagnostics/vif") -> int:
    """Count the verdicts on a kata that were printed so far."""
    return sum(line.startswith((f"x {name}", f"ok {name}")) for line in person.plain().splitlines())


def text_of(checkout, name: str = "vif", *edits: tuple[str, str]) -> str:
    """Return the text of a solution, edited."""
    text = checkout.kata(name).solution.read_text(encoding="utf-8")
    for before, after in edits:
        text = text.replace(before, after)
    return text
