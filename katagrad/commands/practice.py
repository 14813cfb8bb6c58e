"""The `practice` command: a blank stub, a clock, grading at every save until the kata is solved."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from katagrad.clock import SYSTEM, Clock, duration
from katagrad.grading import report
from katagrad.grading.warm import Grader
from katagrad.katas.catalog import Catalog, Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.blank import check_writable, make_blank
from katagrad.practice.keys import Keys
from katagrad.practice.sitting import Sitting
from katagrad.practice.status import Status, listing
from katagrad.practice.watcher import Saves
from katagrad.record import backups, locks, sessions
from katagrad.record.history import FOLDER, History
from katagrad.record.schedule import Schedule
from katagrad.record.sessions import Ending, Session
from katagrad.terminal import Terminal, command

OFFER = {"r": "resume", "n": "begin a new one", "q": "leave it"}


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Practise the named kata, the next one of the named topic, or whatever is due."""
    katas = catalog.select(options.names)
    terminal, grader = Terminal(), Grader()
    with locks.exclusive(catalog.root / FOLDER / "practice.lock") as free, keyboard.hanging_up():
        if not free:
            terminal.line("Practice, or an interview, is under way in another terminal.")
            return 2
        history = History(catalog.root, clock)
        with keyboard.listening() as keys:
            try:
                chosen = _choose(terminal, history, keys, _free(terminal, history, katas))
            except OSError as error:
                terminal.line(backups.problem(error), "red")
                return 1
            except keyboard.HangUp:
                return 1
            terminal.notices(history.notices)
            return Sitting(terminal, history, grader, keys, Saves(catalog), *chosen).run() if chosen else 1


def _choose(
    terminal: Terminal, history: History, keys: Keys, katas: Sequence[Kata]
) -> tuple[Kata, Session, list[str]] | None:
    """Return a kata, its session and how to introduce it: the open session, if the person resumes it, or a new one.

    None if the person leaves the open session as it is, or there is no kata.
    """
    if not katas:
        return None
    by_path = {kata.path: kata for kata in katas}
    left = [one for one in sessions.sessions(history) if one.outcome is Ending.OPEN and one.kata in by_path]
    if left:
        choice = _offer(terminal, keys, left[-1])
        if choice == "r":
            check_writable(by_path[left[-1].kata])
            return by_path[left[-1].kata], left[-1], []
        if choice != "n":
            return None
        sessions.finish(history, replace(left[-1], outcome=Ending.DROPPED), mark=None)
    kata = Schedule(history).choose(katas, history.solved())[0]
    # The stub first: were the process killed in between, no session would count the old text as solved.
    copy = make_blank(kata)
    return kata, sessions.begin(history, kata), introduction(history, kata, copy)


def _free(terminal: Terminal, history: History, katas: Sequence[Kata]) -> list[Kata]:
    """Return the katas without that of an interview under way, and say so if it was named."""
    taken = {one.kata for one in sessions.sessions(history) if one.outcome is Ending.OPEN and one.interview}
    free = [kata for kata in katas if kata.path not in taken]
    if not free:
        kata = katas[0].path
        terminal.line(f"{kata} is in the interview that is under way. To go on with that: {command('interview')}")
    return free


def _offer(terminal: Terminal, keys: Keys, left: Session) -> str:
    """Ask what to do with an open session; without keys, resume it."""
    terminal.line(f"{left.kata} is under way: {duration(left.seconds)} on the clock, par {duration(left.par)}", "bold")
    if not keys.available:
        return "r"
    status = Status(terminal)
    status.ask(listing(OFFER))
    choice = keys.wait_for((*OFFER, *keyboard.QUIT))
    status.clear()
    return choice


def introduction(history: History, kata: Kata, copy: Path | None) -> list[str]:
    """Return the first lines: the kata, its par, the person's best time, and where the old text is kept."""
    best = sessions.best(history, kata.path)
    record = f", your best {duration(best)}" if best is not None else ""
    return [
        f"{kata.path}   {kata.difficulty}, par {duration(60 * kata.minutes)}{record}",
        f"  {report.start_of(kata)}",
        *([f"  your text before is kept: {copy.relative_to(kata.root).as_posix()}"] if copy else []),
    ]
