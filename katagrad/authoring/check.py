"""The `check` command: all that one kata must pass, in the order in which its author meets it."""

import argparse
import ast
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from katagrad.authoring import readme, stubs
from katagrad.authoring.strength import command as strength
from katagrad.katas.catalog import Catalog, Kata
from katagrad.terminal import Terminal, command

# The statement of a kata is read in an interview's first minutes.
MOST_WORDS = 400


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Check the katas that were named, and stop with a sentence at the first step that fails."""
    terminal = Terminal()
    if not options.names:
        sys.stderr.write("Name the kata to check: nox -s check -- KATA\n")
        return 2
    for kata in catalog.select(options.names):
        for name, step in STEPS.items():
            terminal.line(f"{kata.path}: {name}", "bold")
            problem = step(kata, catalog)
            if problem:
                terminal.line(f"x {problem}", "red")
                return 1
        terminal.line(f"ok {kata.path}: it passes all that CI asks of one kata.", "green")
    return 0


def _texts(kata: Kata, _: Catalog) -> str:
    """Say what the author has still to write, or to cut."""
    for path in (kata.solution, kata.table, kata.grader, oracle_of(kata)):
        where = path.relative_to(kata.root).as_posix()
        if not path.is_file():
            return f"{where} is missing. For the files of a new kata: nox -s new -- topic/kata 'signature'"
        lines = path.read_text(encoding="utf-8").splitlines()
        todo = [number for number, line in enumerate(lines, start=1) if "TODO" in line]
        if todo:
            return f"{where}:{todo[0]} still says TODO ({len(todo)} lines do)."
    words = words_of(kata.solution.read_text(encoding="utf-8"))
    if words > MOST_WORDS:
        return f"The statement has {words} words, docstrings and examples together: cut it to {MOST_WORDS}."
    return ""


def words_of(text: str) -> int:
    """Count the words of a solution's public docstrings."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return 0  # which the next step tells
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    nodes = [tree, *(node for node in public if not node.name.startswith("_") and "_via_" not in node.name)]
    return sum(len((ast.get_docstring(node) or "").split()) for node in nodes)


def _stub(kata: Kata, catalog: Catalog) -> str:
    try:
        stubs.run(Namespace(names=[kata.path], check=False, force=False), catalog)
    except SyntaxError as error:
        return f"{kata.solution.relative_to(kata.root).as_posix()}:{error.lineno} is not Python: {error.msg}."
    if stubs.run(Namespace(names=[kata.path], check=True, force=False), catalog):
        return f"The exercise is filled in. To lay the stub, your text kept: {command('stubs', kata.name, '--force')}"
    return ""


def _tests(kata: Kata, _: Catalog) -> str:
    # Without those of its texts, which strength tries all.
    arguments = ["-m", "pytest", "-q", "-n", "0", "tests/katas", "--kata", kata.path, "-m", "not texts"]
    if not find_spec("xdist"):
        arguments.remove("-n")
        arguments.remove("0")
    ended = _run([sys.executable, *arguments], kata.root)
    return "A test of katas fails: the report above says which." if ended else ""


def _lint(kata: Kata, _: Catalog) -> str:
    files = [path.relative_to(kata.root).as_posix() for path in (kata.solution, kata.grader, oracle_of(kata))]
    if _nox():
        ended = _run([_nox(), "-m", "nox", "-s", "lint", "--", *files], kata.root)
    elif find_spec("ruff"):
        ruff = [sys.executable, "-m", "ruff"]
        ended = _run([*ruff, "check", *files], kata.root) or _run([*ruff, "format", "--check", *files], kata.root)
    else:
        return "Ruff is not installed here, so the style cannot be checked. Run: nox -s check -- " + kata.name
    return "The style is not the project's: `ruff check --fix` and `ruff format` mend most of it." if ended else ""


def _strength(kata: Kata, _: Catalog) -> str:
    return (
        "The grader is not strong enough, or not fair: the lines above say where." if strength.measure([kata]) else ""
    )


def _oracle(kata: Kata, _: Catalog) -> str:
    if _nox():
        ended = _run([_nox(), "-m", "nox", "-s", "oracles", "--", kata.path], kata.root)
    else:
        ended = _run([sys.executable, "-m", "pytest", "-q", str(oracle_of(kata))], kata.root)
    return "The reference and the library differ: the report above says where." if ended else ""


def _lists(_: Kata, catalog: Catalog) -> str:
    return "The lists could not be written." if readme.run(Namespace(check=False), Catalog(catalog.root)) else ""


STEPS: dict[str, Callable[[Kata, Catalog], str]] = {
    "texts": _texts,
    "stub": _stub,
    "tests": _tests,
    "lint": _lint,
    "strength": _strength,
    "oracle": _oracle,
    "lists": _lists,
}


def oracle_of(kata: Kata) -> Path:
    """Return the test that holds a reference against the field's library."""
    return kata.root / "tests" / "oracles" / kata.topic / f"test_{kata.name}.py"


def _nox() -> str:
    """Return the Python that nox runs on, if nox has started this command: its sessions have the tools of authors."""
    return os.environ.get("KATAGRAD_NOX_PYTHON", "")


def _run(arguments: list[str], root: Path) -> int:
    """Run a tool in the checkout, its output for the author to read, and return its exit status."""
    sys.stdout.flush()
    return subprocess.run(arguments, cwd=root, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - our own
