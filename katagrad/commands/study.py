"""The small commands around grading: hint and reset."""

import argparse
import sys
from collections.abc import Sequence

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import backups as vault
from katagrad.record import sessions
from katagrad.record.history import History
from katagrad.terminal import Terminal, command


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
    show_hint(terminal, history, kata)
    terminal.notices(history.notices)
    return 0


def show_hint(terminal: Terminal, history: History, kata: Kata) -> None:
    """Show one more hint of a kata; in a practice session they begin anew, and are counted."""
    session = sessions.open_session(history, kata.path)
    before = session.hints if session else history.hints(kata.path)
    shown = min(before + 1, len(kata.hints))
    for number, text in enumerate(kata.hints[:shown], start=1):
        terminal.line(text, "bold" if number == shown > before else "", label=f"{number}. ")
    if shown == before:
        terminal.line("That was the last one.")
        return
    history.show_hint(kata.path, shown)
    if session:
        sessions.keep_hint(history, session)
    terminal.line(f"{shown} of {len(kata.hints)} hints", "dim")


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
