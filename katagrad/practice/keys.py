"""Single keys of a person at a terminal, on POSIX and on Windows; none where standard input is something else."""

import codecs
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from types import ModuleType

POLL = 0.05
QUIT = ("q", "\x04")  # Ctrl-D
# Arrows and other keys that arrive as several characters.
_SEQUENCE = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)


class HangUp(KeyboardInterrupt):
    """The terminal was closed, the process was asked to end, or the nox that started it is gone."""


class Keys:
    """Keys one at a time. Null object as it stands: stdin is not a terminal, so no key ever comes."""

    available = False

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.nox = os.getppid() if os.environ.get("KATAGRAD_NOX") else None

    def get(self) -> str:
        """Return the next key pressed, in small letters, or an empty string; never wait.

        Raises
        ------
        HangUp
            If the terminal is gone, or the nox that started this.
        """
        return self.get_character().lower()

    def get_character(self) -> str:
        """Return the next character as it was typed, or an empty string; never wait."""
        if self.nox and os.getppid() != self.nox:
            raise HangUp  # killed outright, it could not pass that on
        if not self.typed:
            self.typed += self._read()
        return self.typed.pop(0) if self.typed else ""

    def wants_to_quit(self) -> bool:
        """Return whether a key to quit has been pressed; it stays the next one to `get`, after those before it."""
        self.typed += self._read()
        return any(key.lower() in QUIT for key in self.typed)

    def discard(self) -> None:
        """Forget what was typed ahead."""
        self._read()
        self.typed.clear()

    def wait_for(self, wanted: str | tuple[str, ...]) -> str:
        """Wait for one of the wanted keys and return it; other keys are ignored."""
        while not (key := self.get()) or key not in wanted:
            if not key:
                time.sleep(POLL)
        return key

    def _read(self) -> list[str]:
        return []


class PosixKeys(Keys):
    """Keys from a terminal in cbreak mode, in which Ctrl-C still interrupts."""

    available = True

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.decoder = codecs.getincrementaldecoder("utf-8")("ignore")

    def _read(self) -> list[str]:
        import select  # noqa: PLC0415 - Windows has none for terminals

        if not select.select([self.descriptor], [], [], 0)[0]:
            return []
        try:
            typed = os.read(self.descriptor, 1024)
        except OSError:
            raise HangUp from None
        if not typed:
            raise HangUp
        return list(self.decoder.decode(_SEQUENCE.sub(b"", typed)))


class WindowsKeys(Keys):
    """Keys from a Windows console."""

    available = True

    def __init__(self, console: ModuleType) -> None:
        super().__init__()
        self.console = console

    def _read(self) -> list[str]:
        typed = []
        while self.console.kbhit():
            key = self.console.getwch()
            if key in {"\x00", "\xe0"}:
                self.console.getwch()  # the second part of an arrow or function key
            elif key == "\x03":
                raise KeyboardInterrupt
            else:
                typed.append("\x04" if key == "\x1a" else key)
        return typed


@contextlib.contextmanager
def listening() -> Iterator[Keys]:
    """Yield the keys of standard input; afterwards the terminal is in the mode it was in before."""
    if not sys.stdin or not sys.stdin.isatty():
        yield Keys()
    elif sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        yield WindowsKeys(msvcrt)
    else:
        descriptor = sys.stdin.fileno()
        with _cbreak(descriptor) as usable:
            yield PosixKeys(descriptor) if usable else Keys()


@contextlib.contextmanager
def _cbreak(descriptor: int) -> Iterator[bool]:
    """Put the terminal in cbreak mode, again after Ctrl-Z and fg; yield False if that is not possible."""
    import termios  # noqa: PLC0415 - not on Windows
    import tty  # noqa: PLC0415

    if _in_background(descriptor):
        yield False
        return
    found = termios.tcgetattr(descriptor)

    def enter(*_: object) -> None:
        with contextlib.suppress(termios.error):
            tty.setcbreak(descriptor, termios.TCSANOW)

    before = signal.signal(signal.SIGCONT, enter)
    try:
        enter()
        yield True
    finally:
        signal.signal(signal.SIGCONT, before)
        with contextlib.suppress(termios.error):  # a terminal that was closed
            termios.tcsetattr(descriptor, termios.TCSANOW, found)


def _in_background(descriptor: int) -> bool:
    """Return whether the shell runs this as a background job, which is stopped if it touches the terminal."""
    try:
        return os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        return False  # a terminal without job control


@contextlib.contextmanager
def hanging_up() -> Iterator[None]:
    """Raise HangUp when the terminal is closed or the process is asked to end, so that data is still written."""

    def hang_up(*_: object) -> None:
        raise HangUp

    signals = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]
    # What is ignored stays so: that is what nohup is for.
    before = {
        number: signal.signal(number, hang_up) for number in signals if signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
