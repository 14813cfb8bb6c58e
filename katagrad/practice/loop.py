"""The loop of `watch` and `practice`: wait for keys and saves, grade what was saved, keep one line of status."""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

from katagrad.grading.grading import GraderError
from katagrad.grading.warm import FileText, Grader
from katagrad.katas.catalog import Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.keys import Keys
from katagrad.practice.status import Status
from katagrad.practice.watcher import STEP, Saves
from katagrad.record.history import History
from katagrad.submission.proxy import Interrupted
from katagrad.terminal import Terminal
from katagrad.verdict import Verdict

STOOD_STILL = 3.0


class Event(NamedTuple):
    """What happened in one moment; `still` are the seconds in which the process stood still, as after Ctrl-Z."""

    key: str = ""
    saved: frozenset[Kata] = frozenset()
    still: float = 0.0


@dataclass
class Loop(ABC):
    """A kata whose saves are graded until there is a `result`, the exit status."""

    terminal: Terminal
    history: History
    grader: Grader
    keys: Keys
    saves: Saves
    kata: Kata

    def __post_init__(self) -> None:
        """Begin with an empty status line."""
        self.status = Status(self.terminal)
        self.result: int | None = None
        self.at_work = time.monotonic()

    def run(self) -> int:
        """Take events until there is a result, and return it."""
        try:
            self.begin()
            while self.result is None:
                self.foot()
                self.take(self.next_event())
        except keyboard.HangUp:
            return self.hung_up()
        except KeyboardInterrupt:
            return self.interrupted()
        return self.result

    def begin(self) -> None:
        """Introduce the kata, grade what is there, and load what the next grading needs."""
        self.introduce()
        self.look()
        if self.result is None:
            self.status.show("getting ready ...")
            self.grader.get_ready(self.kata)
        self.at_work = time.monotonic()

    def next_event(self) -> Event:
        """Wait for a save for a twentieth of a second; return it and the next key, if any."""
        saved, key = self.saves.get(STEP), self.keys.get()
        gap = time.monotonic() - self.at_work
        self.at_work += gap
        # Stopped by Ctrl-Z, or asleep with the machine: nothing but a grading takes that long by itself.
        return Event(key, saved, gap if gap > STOOD_STILL else 0.0)

    def look(self) -> None:
        """Grade the file if its text differs from the one graded last; stop once a newer text is saved."""
        text = self.grader.changed(self.kata)
        if text is None or self.skips(text):
            return
        self.status.show(f"{self.grading()} ...")
        verdict = self._grade(text)
        self.at_work = time.monotonic()
        if verdict:
            self.status.clear()
            self.judged(text, verdict)

    def _grade(self, text: FileText) -> Verdict | None:
        """Return the verdict on a text; None if something ended the grading, which is the next event then."""
        try:
            return self.grader.grade(self.kata, text, Overtaken(self))
        except Interrupted:
            return None
        except GraderError as error:
            self.status.clear()
            self.terminal.line("A grader failed to run, which is not your solution's fault. Please report it.", "red")
            self.terminal.line(str(error))
            return None

    def tick(self) -> None:  # noqa: B027 - for those who do something
        """Do what is done all the time, also while a text is graded."""

    @abstractmethod
    def heeds(self, kata: Kata) -> bool:
        """Return whether a save of a kata is to be graded."""

    def skips(self, text: FileText) -> bool:  # noqa: ARG002 - for those who skip some
        """Return whether a text is not worth grading."""
        return False

    @abstractmethod
    def introduce(self) -> None:
        """Print what there is to know before it begins."""

    @abstractmethod
    def take(self, event: Event) -> None:
        """Carry out what an event asks for."""

    @abstractmethod
    def foot(self) -> None:
        """Show the state and the keys there are."""

    @abstractmethod
    def grading(self) -> str:
        """Return the status while a text is graded."""

    @abstractmethod
    def judged(self, text: FileText, verdict: Verdict) -> None:
        """Record and print a verdict."""

    @abstractmethod
    def hung_up(self) -> int:
        """Store what has to last once the terminal is gone; return the exit status."""

    @abstractmethod
    def interrupted(self) -> int:
        """End on Ctrl-C; return the exit status."""


class Overtaken:
    """Says, when asked while a text is graded, whether a newer one was saved or the person quits; that remains so."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.found = loop, False

    def __call__(self) -> bool:
        """Return whether to end the grading."""
        self.loop.tick()
        self.found = self.found or self.loop.keys.wants_to_quit() or any(map(self._is_newer, self.loop.saves.waiting()))
        return self.found

    def _is_newer(self, kata: Kata) -> bool:
        """Return whether a save is of another text; forget it if not, so that the file is not read at each call."""
        if not self.loop.heeds(kata):
            return False
        newer = self.loop.grader.changed(kata) is not None
        if not newer:
            self.loop.saves.dismiss(kata)
        return newer
