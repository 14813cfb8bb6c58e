"""The `watch` command: grades a kata at every save, from a process that stays warm."""

import argparse
from dataclasses import dataclass, field

from katagrad.clock import SYSTEM, Clock
from katagrad.commands.study import one
from katagrad.grading import report
from katagrad.grading.grading import GraderError
from katagrad.grading.warm import Grader, Text
from katagrad.katas.catalog import Catalog, Kata
from katagrad.practice import keys as keyboard
from katagrad.practice import status as live
from katagrad.practice.keys import Keys
from katagrad.practice.status import Event, Status, events, listing
from katagrad.practice.watcher import Saves
from katagrad.record.history import History
from katagrad.record.schedule import Schedule
from katagrad.terminal import Terminal
from katagrad.verdict import State, Verdict

COMMANDS = {"h": "hint", "c": "compare", "r": "review"}
KEYS = {**COMMANDS, "n": "next", "p": "pause", "q": "quit"}
PAUSED_KEYS = {"p": "go on", "q": "quit"}


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Grade the kata that was named, or the one that was saved last, at every save until somebody ends it."""
    kata = one(options, catalog) if options.names else None
    if options.names and kata is None:
        return 2
    terminal, grader = Terminal(), Grader()
    history = History(catalog.root, clock)
    saves = Saves(catalog, poll=options.poll)
    try:
        with keyboard.hanging_up(), keyboard.listening() as keys, saves:
            watch = Watch(catalog, terminal, history, grader, keys, only=kata)
            watch.start()
            for event in events(keys, saves):
                if not watch.take(event):
                    return 0
    except keyboard.HangUp:
        return 0
    except KeyboardInterrupt:
        Status(terminal).clear()
        terminal.line()
        return 0


@dataclass
class Watch:
    """What is watched, and what becomes of what happens to it."""

    catalog: Catalog
    terminal: Terminal
    history: History
    grader: Grader
    keys: Keys
    only: Kata | None
    paused: bool = False
    kata: Kata = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the kata that was named, else with the one that somebody works on."""
        self.status = Status(self.terminal)
        self.kata = self.only or self._worked_on()

    def start(self) -> None:
        """Say what is watched, and grade what is there already."""
        what = self.kata.path if self.only else "every kata"
        ends = "" if self.keys.available else " Ctrl-C ends."
        self.terminal.line(f"Watching {what}: every save is graded.{ends}", "bold")
        self.look()
        self.status.show("getting ready ...")
        self.grader.get_ready(self.kata)
        self.foot()

    def take(self, event: Event) -> bool:
        """Carry out what an event asks for; return False at the end."""
        if event.key in keyboard.QUIT:
            self.status.clear()
            return False
        if event.key == "p":
            self.paused = not self.paused
        elif event.key and not self.paused:
            self.press(event.key)
        if event.saved and not self.only:
            self.kata = max(event.saved, key=_written)
        if (event.saved or event.key == "p") and not self.paused:
            self.look()
        self.foot()
        return True

    def press(self, key: str) -> None:
        """Carry out what a key stands for."""
        if key == "n":
            self.turn_to_next()
        elif key in COMMANDS:
            self.status.clear()
            from katagrad.cli import main  # noqa: PLC0415 - it imports this module

            main([COMMANDS[key], self.kata.path])

    def turn_to_next(self) -> None:
        """Turn to the next kata that is not solved."""
        solved = self.history.solved()
        ahead = [kata for kata in self.catalog.katas if kata.path not in solved and kata != self.kata]
        chosen = Schedule(self.history).choose(ahead or self.catalog.katas, solved)[0]
        self.kata, self.only = chosen, chosen if self.only else None
        self.grader.forget(chosen)
        self.look()

    def look(self) -> None:
        """Grade the file if its text is not the one graded last, and tell what came of it."""
        text = self.grader.changed(self.kata)
        if text is None:
            return
        self.status.show(f"grading {self.kata.path} ...")
        try:
            verdict = self.grader.grade(self.kata, text)
        except GraderError as error:
            self.status.clear()
            live.grader_failed(self.terminal, error)
            return
        self.status.clear()
        self.tell(text, verdict)

    def tell(self, text: Text, verdict: Verdict) -> None:
        """Print a verdict and take the attempt down."""
        graded = verdict.state is not State.NOT_STARTED and text.source
        attempt = self.history.record(verdict, text.source.text) if graded else 0
        live.stamp(self.terminal, self.history)
        report.in_full(self.terminal, self.kata, verdict, attempt, self.history.hints(self.kata.path))
        self.terminal.notices(self.history.notices)

    def foot(self) -> None:
        """Show where the watch stands, and the keys there are."""
        state = f"paused: {self.kata.name}" if self.paused else self.kata.name
        self.status.show(state, listing(PAUSED_KEYS if self.paused else KEYS) if self.keys.available else "")

    def _worked_on(self) -> Kata:
        """Return the kata whose file was written last of those begun, else the next one."""
        begun = [kata for kata in self.catalog.katas if kata.exercise.exists() and self.history.attempts(kata.path)]
        if begun:
            return max(begun, key=_written)
        return Schedule(self.history).choose(self.catalog.katas, self.history.solved())[0]


def _written(kata: Kata) -> int:
    return kata.exercise.stat().st_mtime_ns if kata.exercise.exists() else 0
