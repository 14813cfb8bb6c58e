"""The `stubs` command: writes the learner's blank files, or checks that they are what the solutions say."""

import argparse

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import backups
from katagrad.terminal import Terminal, command


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Derive the stubs of what was named, all for no names."""
    terminal = Terminal()
    wrong = [kata for kata in catalog.select(options.names) if not _is_derived(kata)]
    if options.check:
        for kata in wrong:
            terminal.line(f"{kata.path} is not what its solution derives to: {command('stubs', kata.name)}", "red")
        return int(bool(wrong))
    for kata in wrong:
        if not options.force and _is_filled_in(kata):
            terminal.line(
                f"{kata.path} has been filled in: left as it is (--force overwrites, the old text is kept)", "yellow"
            )
            continue
        backups.replace(kata, stubs.derive(kata).encode())
        terminal.line(f"written: {kata.exercise.relative_to(kata.root).as_posix()}")
    return 0


def _is_derived(kata: Kata) -> bool:
    return kata.exercise.is_file() and kata.exercise.read_bytes().replace(b"\r\n", b"\n") == stubs.derive(kata).encode()


def _is_filled_in(kata: Kata) -> bool:
    try:
        return kata.exercise.exists() and not stubs.is_blank(kata.exercise.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return True
