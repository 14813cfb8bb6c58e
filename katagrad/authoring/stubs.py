"""The `stubs` command: writes the learner's blank files, or checks that they are what the solutions say."""

import argparse

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog
from katagrad.katas.stubs import Found
from katagrad.record import backups
from katagrad.terminal import Terminal, command


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Derive the stubs of what was named, all for no names."""
    terminal = Terminal()
    found = {kata: stubs.look(kata) for kata in catalog.select(options.names)}
    wrong = [kata for kata, what in found.items() if what is not Found.CURRENT]
    if options.check:
        for kata in wrong:
            terminal.line(f"{kata.path} is not what its solution derives to: {command('stubs', kata.name)}", "red")
        return int(bool(wrong))
    for kata in wrong:
        if not options.force and found[kata] not in (Found.MISSING, Found.OLD_BLANK):
            terminal.line(
                f"{kata.path} has been filled in: left as it is (--force overwrites, the old text is kept)", "yellow"
            )
            continue
        backups.replace(kata, stubs.derive(kata).encode())
        terminal.line(f"written: {kata.exercise.relative_to(kata.root).as_posix()}")
    return 0
