"""The `reset` command: puts the blank stub back, or undoes that; the replaced text is always kept."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import backups
from katagrad.terminal import Terminal, command


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Make the named katas blank again, or bring back the text before."""
    if not options.names:
        sys.stderr.write(f"Name the kata to make blank: {command('reset', catalog.katas[0].name)}\n")
        return 2
    terminal, katas = Terminal(), catalog.select(options.names)
    try:
        if options.undo:
            return _undo(terminal, katas)
        begun = [kata for kata in katas if not _is_blank(kata)]
        if len(begun) > len(options.names) and not options.every:
            return _ask_for_all(terminal, options.names, begun)
        return _reset(terminal, katas)
    except OSError as error:
        sys.stderr.write(f"{backups.problem(error)}\n")
        return 1


def _is_blank(kata: Kata) -> bool:
    return kata.exercise.exists() and kata.exercise.read_bytes() == stubs.derive(kata).encode()


def _ask_for_all(terminal: Terminal, names: Sequence[str], begun: Sequence[Kata]) -> int:
    """Say what a topic's reset would make blank, and how to have that done."""
    terminal.line(f"{' '.join(names)}: this makes {len(begun)} files blank, so nothing was changed yet.")
    terminal.line(", ".join(kata.name for kata in begun), indent=2)
    terminal.line(command("reset", *names, "--all"), "dim", indent=2, label="all of them: ", wrap=False)
    terminal.line(command("reset", begun[0].name), "dim", indent=2, label="one of them: ", wrap=False)
    return 2


def _reset(terminal: Terminal, katas: Sequence[Kata]) -> int:
    for kata in katas:
        if _is_blank(kata):
            terminal.line(f"{kata.path} is blank already.")
            continue
        copy = backups.replace(kata, stubs.derive(kata).encode())
        terminal.line(f"{kata.path} is blank again.", "bold")
        _tell_kept(terminal, kata, copy)
    return 0


def _undo(terminal: Terminal, katas: Sequence[Kata]) -> int:
    missing = 0
    for kata in katas:
        undone = backups.undo(kata)
        if undone is None:
            missing += 1
            terminal.line(f"{kata.path}: no other text is kept, so nothing was changed.")
            continue
        if _is_blank(kata):
            terminal.line(f"{kata.path} is blank again, as it was before.", "bold")
        else:
            terminal.line(f"{kata.path} has the text again that was kept as {undone.source.name}.", "bold")
        _tell_kept(terminal, kata, undone.copy)
    return int(bool(missing))


def _tell_kept(terminal: Terminal, kata: Kata, copy: Path | None) -> None:
    """Say where the text is that was replaced, and how to bring it back."""
    if copy:
        where = copy.relative_to(kata.root).as_posix()
        terminal.line(where, indent=2, label="the text before is kept: ", wrap=False)
        undo = command("reset", kata.name, "--undo")
        terminal.line(undo, "dim", indent=2, label="to bring it back: ", wrap=False)
