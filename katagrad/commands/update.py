"""The `update` command: after a pull, lays new and changed stubs and leaves what has been filled in."""

import argparse
import sys
from collections.abc import Sequence

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.stubs import Found
from katagrad.record import backups
from katagrad.terminal import Terminal, command


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Lay the stubs that are missing or blank and old; tell of those whose statement has changed under an answer."""
    terminal = Terminal()
    found: dict[Found, list[Kata]] = {each: [] for each in Found}
    for kata in catalog.select(options.names):
        found[stubs.look(kata)].append(kata)
    try:
        for kata in found[Found.MISSING] + found[Found.OLD_BLANK]:
            backups.replace(kata, stubs.derive(kata).encode())
    except OSError as error:
        sys.stderr.write(f"{backups.problem(error)}\n")
        return 1
    _tell(terminal, found[Found.MISSING], "new", "green")
    _tell(terminal, found[Found.OLD_BLANK], "changed, still blank, laid afresh", "green")
    kept = found[Found.FILLED_IN] + found[Found.OTHER_STATEMENT]
    if kept:
        terminal.line(f"{len(kept)} that you have filled in: left as they are")
    _tell(terminal, found[Found.OTHER_STATEMENT], "of them have another statement now", "yellow")
    if found[Found.OTHER_STATEMENT]:
        again = command("reset", found[Found.OTHER_STATEMENT][0].name)
        terminal.line(again, "dim", indent=2, label="the new statement, your text kept: ", wrap=False)
    _tell(terminal, found[Found.IN_CONFLICT], "with marks of a merge: choose one side in each", "red")
    if not any(found[each] for each in (Found.MISSING, Found.OLD_BLANK, Found.OTHER_STATEMENT, Found.IN_CONFLICT)):
        terminal.line("All stubs are up to date.")
    return int(bool(found[Found.IN_CONFLICT]))


def _tell(terminal: Terminal, katas: Sequence[Kata], what: str, style: str) -> None:
    if katas:
        terminal.line(f"{len(katas)} {what}", style)
        terminal.line(", ".join(kata.path for kata in katas), indent=2)
