"""The commands around grading: hint, next, review, reset, progress."""

import argparse
import random
import sys
from collections.abc import Sequence

from katagrad import report, stubs, vault
from katagrad.catalog import Catalog, Kata
from katagrad.history import History
from katagrad.terminal import Terminal, command
from katagrad.verdict import State


def one(options: argparse.Namespace, catalog: Catalog) -> Kata | None:
    """Return the one kata that a command is about; None, after a sentence, if it is not one."""
    katas = catalog.find(options.names) if options.names else ()
    if len(katas) != 1:
        sys.stderr.write(f"Name one kata: {command(options.command, catalog.katas[0].name)}\n")
        return None
    return katas[0]


def hint(options: argparse.Namespace, catalog: Catalog) -> int:
    """Show one more hint, below those shown before."""
    kata = one(options, catalog)
    if kata is None:
        return 2
    terminal, history = Terminal(), History(catalog.root)
    before = history.hints(kata.path)
    shown = min(before + 1, len(kata.hints))
    for number, text in enumerate(kata.hints[:shown], start=1):
        terminal.line(text, "bold" if number == shown > before else "", label=f"{number}. ")
    if shown == before:
        terminal.line("That was the last one.")
    else:
        history.show_hint(kata.path, shown)
        terminal.line(f"{shown} of {len(kata.hints)} hints", "dim")
    return _notices(terminal, history)


def next_kata(options: argparse.Namespace, catalog: Catalog) -> int:
    """Say what to do now: the next unsolved kata in study order, or any."""
    terminal, history = Terminal(), History(catalog.root)
    solved = history.solved()
    open_katas = [kata for kata in catalog.katas if kata.path not in solved]
    if not open_katas:
        terminal.line("All katas are solved.", "bold green")
        return _notices(terminal, history)
    kata = random.choice(open_katas) if options.random else open_katas[0]  # noqa: S311 - no secret
    begun = [attempt for attempt in history.attempts(kata.path) if attempt.state is not State.SOLVED]
    if options.hide_topic:
        terminal.line(f"{kata.name}    {kata.difficulty}, par {kata.minutes} min")
        terminal.line(command("grade", kata.name))
    else:
        report.beginning(terminal, kata, label="Go on: " if begun else "Start: ")
    missing = [path for path in kata.requires if path not in solved]
    if missing and not options.hide_topic:
        terminal.line(", ".join(missing), "dim", label="builds on: ")
    return _notices(terminal, history)


def review(options: argparse.Namespace, catalog: Catalog) -> int:
    """Ask the follow-up questions, each answer after a key where somebody is there to press one."""
    terminal = Terminal()
    asking = terminal.interactive and sys.stdin.isatty()
    for kata in catalog.select(options.names):
        terminal.line(kata.path, "bold")
        for number, followup in enumerate(kata.followups, start=1):
            terminal.line(followup.question, indent=2, label=f"{number}. ")
            if asking and input("     Enter for the answer, q to stop: ").strip().lower() == "q":
                return 0
            for point in followup.answer:
                terminal.line(point, "green", indent=5, label="- ")
            terminal.line(followup.source, "dim", indent=5, label="Source: ")
    return 0


def reset(options: argparse.Namespace, catalog: Catalog) -> int:
    """Lay the blank stub again, or bring the text before it back."""
    if not options.names:
        sys.stderr.write(f"Name what is to be blank again: {command('reset', catalog.katas[0].name)}\n")
        return 2
    terminal = Terminal()
    try:
        return (_undo if options.undo else _reset)(terminal, catalog.select(options.names))
    except OSError as error:
        sys.stderr.write(
            f"{error.filename}: {error.strerror}. Nothing was lost: a file is replaced whole or not at all.\n"
        )
        return 1


def _reset(terminal: Terminal, katas: Sequence[Kata]) -> int:
    for kata in katas:
        blank = stubs.derive(kata).encode()
        if kata.exercise.exists() and kata.exercise.read_bytes() == blank:
            terminal.line(f"{kata.path} is blank already.")
            continue
        copy = vault.lay(kata, blank)
        terminal.line(
            f"{kata.path} is blank again."
            + (f" The old text: {copy.relative_to(kata.root).as_posix()}" if copy else "")
        )
        terminal.line(command("reset", kata.name, "--undo"), "dim", label="to bring it back: ")
    return 0


def _undo(terminal: Terminal, katas: Sequence[Kata]) -> int:
    missing = 0
    for kata in katas:
        source = vault.undo(kata)
        missing += source is None
        terminal.line(
            f"{kata.path}: {'there is no other text to bring back' if source is None else 'the old text is back'}."
        )
    return int(bool(missing))


def progress(options: argparse.Namespace, catalog: Catalog) -> int:
    """Show by topic what is solved, and in how many attempts."""
    terminal, history = Terminal(), History(catalog.root)
    chosen = set(catalog.select(options.names))
    solved = history.solved()
    for topic in catalog.topics:
        katas = [kata for kata in topic.katas if kata in chosen]
        if katas:
            done = sum(kata.path in solved for kata in katas)
            terminal.line(f"{topic.name}   {done} of {len(katas)}", "bold")
            terminal.columns([_row(kata, history) for kata in katas], indent=2)
    terminal.line(f"{len(solved & {kata.path for kata in chosen})} of {len(chosen)} solved", "bold")
    return _notices(terminal, history)


def _row(kata: Kata, history: History) -> tuple[str, ...]:
    attempts = history.attempts(kata.path)
    solved = [attempt for attempt in attempts if attempt.state is State.SOLVED]
    best = max((attempt.held / attempt.total for attempt in attempts if attempt.total), default=0)
    state = "solved" if solved else f"{best:.0%} of its rules" if attempts else "not started"
    count = f"{len(attempts)} attempt{'s' * (len(attempts) != 1)}" if attempts else ""
    last = f"last {attempts[-1].at.astimezone():%Y-%m-%d}" if attempts else ""
    return kata.name, kata.difficulty, f"par {kata.minutes} min", state, count, last


def _notices(terminal: Terminal, history: History) -> int:
    for notice in history.notices:
        terminal.line(notice, "yellow")
    return 0
