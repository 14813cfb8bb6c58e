"""What `watch` and `practice` share: one line at the foot of the screen, and the events to wait for."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from katagrad.katas.catalog import Kata
from katagrad.practice.keys import Keys
from katagrad.practice.watcher import Saves
from katagrad.record.history import History
from katagrad.terminal import Terminal

WAIT = 0.05
STOOD_STILL = 3.0


class Event(NamedTuple):
    """What happened in a moment: a key, katas that were saved, or nothing; `still`: the process itself stood still."""

    key: str = ""
    saved: frozenset[Kata] = frozenset()
    still: bool = False


def events(keys: Keys, saves: Saves) -> Iterator[Event]:
    """Yield what happens, and at least twenty times a second that nothing did."""
    while True:
        before = time.monotonic()
        saved = frozenset(saves.get(WAIT))
        # Stopped by Ctrl-Z, or asleep with the machine: no wait takes that long by itself.
        still = time.monotonic() - before > STOOD_STILL
        yield Event(keys.get(), saved, still)


class Status:
    """One line that is rewritten in place, where somebody watches a terminal that can do that."""

    def __init__(self, terminal: Terminal) -> None:
        console = terminal.console
        self.terminal = terminal
        self.usable = console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows
        self.shown = ""

    def show(self, state: str, keys: str = "") -> None:
        """Show a state and the keys that do something; where there is no room for both, the keys alone."""
        room = self.terminal.width - 1
        text = "   ".join(filter(None, (state, keys)))
        text = (text if len(text) <= room or not keys else keys)[:room]
        if self.usable and text != self.shown:
            dim, plain = ("", "") if self.terminal.console.no_color else ("\x1b[2m", "\x1b[0m")
            self._write(f"\r\x1b[2K{dim}{text}{plain}")
            self.shown = text

    def ask(self, text: str) -> None:
        """Show what to answer; on a terminal that rewrites nothing, as a line of its own."""
        self.show("", text)
        if not self.usable:
            self.terminal.line(text)

    def clear(self) -> None:
        """Make room for other output."""
        if self.shown:
            self._write("\r\x1b[2K")
            self.shown = ""

    def _write(self, text: str) -> None:
        self.terminal.console.file.write(text)
        self.terminal.console.file.flush()


def listing(keys: dict[str, str]) -> str:
    """Return the line that says which keys do what."""
    return "  ".join(f"{key} {does}" for key, does in keys.items())


def stamp(terminal: Terminal, history: History) -> None:
    """Print the time of day, which tells one verdict from the one before."""
    terminal.line(f"{history.clock.now().astimezone():%H:%M:%S}", "dim")


def grader_failed(terminal: Terminal, error: Exception) -> None:
    """Say that a grader is at fault."""
    terminal.line("A grader failed to run, which is not your solution's fault. Please report it.", "red")
    terminal.line(str(error))
