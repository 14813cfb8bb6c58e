"""A copy of the repository to run commands in, as a person would."""

import contextlib
import functools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from katagrad.katas import stubs
from katagrad.katas.catalog import ROOT, Catalog, Kata

PARTS = ("katagrad", "solutions", "tests/graders", "noxfile.py", "pyproject.toml")


@functools.cache
def _stubs() -> dict[str, str]:
    """Return every kata's stub, derived once for all tests."""
    return {kata.path: stubs.derive(kata) for kata in Catalog(ROOT).katas}


def slowly(*values: object) -> list:
    """Return parameters of a test that are tried with --all alone."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


class Checkout:
    """A fresh clone in a directory of its own, its stubs blank."""

    def __init__(self, root: Path) -> None:
        self.root = root
        leave_out = shutil.ignore_patterns("__pycache__")
        for part in PARTS:
            target = root / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, target, ignore=leave_out)
            else:
                shutil.copy(ROOT / part, target)
        self.catalog = Catalog(root)
        for kata in self.catalog.katas:
            kata.exercise.parent.mkdir(parents=True, exist_ok=True)
            kata.exercise.write_text(_stubs()[kata.path], encoding="utf-8")

    def kata(self, name: str) -> Kata:
        """Return a kata of this copy."""
        return self.catalog.find(name)[0]

    def solve(self, name: str, *edits: tuple[str, str]) -> Path:
        """Write the reference into the learner's file, edited, and return the file."""
        kata = self.kata(name)
        text = kata.solution.read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        kata.exercise.write_text(text, encoding="utf-8")
        return kata.exercise

    def run(
        self, *arguments: str, columns: int = 80, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess:
        """Run a command as `python -I katagrad ...` does from this copy, its output captured as text."""
        return subprocess.run(
            [sys.executable, "-I", str(self.root / "katagrad"), *arguments],
            cwd=self.root,
            env={**os.environ, "COLUMNS": str(columns), "PYTHONUTF8": "1", **environment},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a command that goes on until it is interrupted, away from any terminal."""
        return subprocess.Popen(
            [sys.executable, "-I", str(self.root / "katagrad"), *arguments],
            cwd=self.root,
            env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            preexec_fn=heed_interrupts if os.name == "posix" else None,  # noqa: PLW1509 - no threads here
        )

    def rows(self, query: str) -> list[tuple]:
        """Return what a query finds in the history."""
        with contextlib.closing(sqlite3.connect(self.root / ".katagrad" / "history.db")) as database:
            return database.execute(query).fetchall()


def heed_interrupts() -> None:
    """Have a command stop on Ctrl-C although these tests run in the background, where a shell has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Give a test a fresh copy of the repository."""
    return Checkout(tmp_path / "katagrad checkout")


@pytest.fixture
def clock(tmp_path: Path) -> object:
    """Give a test the clocks of the machine on which a person's command runs."""
    from tests.runner.person import Clock  # noqa: PLC0415 - skips where there is no terminal

    return Clock(tmp_path / "clock.json")
