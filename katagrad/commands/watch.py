"""The `watch` command: grades a kata again at each save, in a process that stays warm."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from katagrad.clock import SYSTEM, Clock
from katagrad.commands.named import resolve_kata
from katagrad.grading import report
from katagrad.grading.warm import FileText, Grader
from katagrad.katas.catalog import Catalog, Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.loop import Event, Loop
from katagrad.practice.status import listing
from katagrad.practice.watcher import Saves
from katagrad.record.history import History
from katagrad.record.schedule import Schedule
from katagrad.terminal import Terminal
from katagrad.verdict import State, Verdict

COMMANDS = {"h": "hint", "c": "compare", "r": "review"}
KEYS = {**COMMANDS, "n": "next", "p": "pause", "q": "quit"}
# What a solved kata opens, by key.
OPENED = {
    "c": "your solution beside the reference",
    "r": "what an interviewer asks next",
    "n": "the next kata",
}
PAUSED_KEYS = {"p": "go on", "q": "quit"}


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Grade the named kata at each save, or whichever kata was saved last, until somebody ends it."""
    only = resolve_kata(options, catalog) if options.names else None
    terminal, grader, history = Terminal(), Grader(), History(catalog.root, clock)
    with keyboard.hanging_up(), keyboard.listening() as keys:
        kata = only or _worked_on(catalog, history)
        saves, run_command = Saves(catalog), options.run_command
        return Watch(terminal, history, grader, keys, saves, kata, catalog, run_command, one_kata=bool(only)).run()


@dataclass
class Watch(Loop):
    """Grades at each save; `run_command` carries out the commands that keys stand for.

    With `one_kata` the saves of other katas are ignored; otherwise the watch turns to the kata saved last.
    """

    catalog: Catalog
    run_command: Callable[[Sequence[str]], int]
    one_kata: bool
    paused: bool = False

    def introduce(self) -> None:
        """Say what is watched."""
        what = self.kata.path if self.one_kata else "every kata"
        ends = "" if self.keys.available else " Ctrl-C ends."
        self.terminal.line(f"Watching {what}: every save is graded.{ends}", "bold")

    def take(self, event: Event) -> None:
        """Carry out a key; grade what was saved, or was saved while paused."""
        if event.key in keyboard.QUIT:
            self.status.clear()
            self.result = 0
            return
        if event.key == "p":
            self.paused = not self.paused
        elif event.key and not self.paused:
            self.press(event.key)
        saved = list(filter(self.heeds, event.saved))
        if saved:
            self.kata = max(saved, key=_written)
        if (saved or event.key == "p") and not self.paused:
            self.look()

    def heeds(self, kata: Kata) -> bool:
        """Return whether it is a kata that is watched."""
        return kata == self.kata or not self.one_kata

    def press(self, key: str) -> None:
        """Carry out what a key stands for."""
        if key == "n":
            self.turn_to_next()
        elif key in COMMANDS:
            self.status.clear()
            self.run_command([COMMANDS[key], self.kata.path])

    def turn_to_next(self) -> None:
        """Turn to the next kata that is not solved."""
        solved = self.history.solved()
        ahead = [kata for kata in self.catalog.katas if kata.path not in solved and kata != self.kata]
        self.kata = Schedule(self.history).choose(ahead or self.catalog.katas, solved)[0]
        self.grader.forget(self.kata)
        self.look()

    def grading(self) -> str:
        """Name the kata that is graded."""
        return f"grading {self.kata.path}"

    def judged(self, text: FileText, verdict: Verdict) -> None:
        """Record and print a verdict, below the time of day that tells it from the one before."""
        graded = verdict.state is not State.NOT_STARTED and text.source
        attempt = self.history.record(verdict, text.source.text) if graded else 0
        self.terminal.line(f"{self.history.clock.now().astimezone():%H:%M:%S}", "dim")
        opened = OPENED if self.keys.available else None
        report.in_full(self.terminal, self.kata, verdict, attempt, self.history.hints(self.kata.path), opened=opened)
        self.terminal.notices(self.history.notices)

    def foot(self) -> None:
        """Show which kata is watched, and the keys there are."""
        state = f"paused: {self.kata.name}" if self.paused else self.kata.name
        self.status.show(state, listing(PAUSED_KEYS if self.paused else KEYS) if self.keys.available else "")

    def hung_up(self) -> int:
        """Leave nothing behind: each attempt is recorded at once."""
        return 0

    def interrupted(self) -> int:
        """End as Ctrl-C is meant to end a watch."""
        self.status.clear()
        self.terminal.line()
        return 0


def _worked_on(catalog: Catalog, history: History) -> Kata:
    """Return the kata begun whose file was written last; the next one if none was begun."""
    begun = [kata for kata in catalog.katas if kata.exercise.exists() and history.count(kata.path)]
    if begun:
        return max(begun, key=_written)
    return Schedule(history).choose(catalog.katas, history.solved())[0]


def _written(kata: Kata) -> int:
    return kata.exercise.stat().st_mtime_ns if kata.exercise.exists() else 0
