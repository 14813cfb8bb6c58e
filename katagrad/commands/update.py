"""The `update` command: after a pull, lays new and changed stubs and leaves what has been filled in."""

import argparse
import ast
import sys
from collections.abc import Sequence
from enum import Enum, auto

from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import backups
from katagrad.terminal import Terminal, command

# Git writes this where it could not merge.
CONFLICT = "<<<<<<< "


class Found(Enum):
    """What there is in the place of a stub."""

    CURRENT = auto()
    MISSING = auto()
    OLD_BLANK = auto()
    FILLED_IN = auto()
    OTHER_STATEMENT = auto()
    IN_CONFLICT = auto()


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Lay the stubs that are missing or blank and old; tell of those whose statement has changed under an answer."""
    terminal = Terminal()
    found: dict[Found, list[Kata]] = {each: [] for each in Found}
    for kata in catalog.select(options.names):
        found[_look(kata)].append(kata)
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


def _look(kata: Kata) -> Found:
    """Compare the learner's file with the stub."""
    try:
        text = kata.exercise.read_bytes().replace(b"\r\n", b"\n").decode()
    except FileNotFoundError:
        return Found.MISSING
    except UnicodeDecodeError:
        return Found.FILLED_IN
    stub = stubs.derive(kata)
    return Found.CURRENT if text == stub else _compared(text, stub)


def _compared(text: str, stub: str) -> Found:
    """Say what a text is that differs from the stub."""
    if any(line.startswith(CONFLICT) for line in text.splitlines()):
        return Found.IN_CONFLICT
    if not stubs.is_tame(text):
        return Found.FILLED_IN
    try:
        if stubs.may_be_blank(text) and stubs.is_blank(text):
            return Found.OLD_BLANK
        return Found.FILLED_IN if _statement(stub) <= _statement(text) else Found.OTHER_STATEMENT
    except (SyntaxError, ValueError):  # what somebody is at work on
        return Found.FILLED_IN


def _statement(text: str) -> set[tuple[str, str, str]]:
    """Return the functions of a text with their parameters and docstrings, and the docstring of the whole."""
    tree = ast.parse(text)
    functions = {
        (node.name, ast.unparse(node.args), ast.get_docstring(node) or "")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    return functions | {("", "", ast.get_docstring(tree) or "")}


def _tell(terminal: Terminal, katas: Sequence[Kata], what: str, style: str) -> None:
    if katas:
        terminal.line(f"{len(katas)} {what}", style)
        terminal.line(", ".join(kata.path for kata in katas), indent=2)
