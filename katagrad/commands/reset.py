"""The `reset` command: puts the blank stub back, or undoes that; the replaced text is always kept."""

import argparse
import sys
from collections.abc import Sequence

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import backups
from katagrad.terminal import Terminal, command


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Make the named katas blank again, or bring back the text before."""
    if not options.names:
        sys.stderr.write(f"Name the kata to make blank: {command('reset', catalog.katas[0].name)}\n")
        return 2
    terminal = Terminal()
    try:
        return (_undo if options.undo else _reset)(terminal, catalog.select(options.names))
    except OSError as error:
        sys.stderr.write(f"{backups.problem(error)}\n")
        return 1


def _reset(terminal: Terminal, katas: Sequence[Kata]) -> int:
    for kata in katas:
        blank = stubs.derive(kata).encode()
        if kata.exercise.exists() and kata.exercise.read_bytes() == blank:
            terminal.line(f"{kata.path} is blank already.")
            continue
        copy = backups.replace(kata, blank)
        terminal.line(
            f"{kata.path} is blank again."
            + (f" The old text: {copy.relative_to(kata.root).as_posix()}" if copy else "")
        )
        terminal.line(command("reset", kata.name, "--undo"), "dim", label="to bring it back: ")
    return 0


def _undo(terminal: Terminal, katas: Sequence[Kata]) -> int:
    missing = 0
    for kata in katas:
        source = backups.undo(kata)
        missing += source is None
        terminal.line(
            f"{kata.path}: {'there is no other text to bring back' if source is None else 'the old text is back'}."
        )
    return int(bool(missing))
