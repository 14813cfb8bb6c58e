"""A made-up kata in a checkout of its own, and a run of `strength` over it."""

import io

import pytest
from rich.console import Console

from katagrad.authoring.strength import command
from katagrad.katas.catalog import Kata
from katagrad.terminal import Terminal

SOLUTION = '''"""Sums of squares."""

import numpy as np


def energy(x: np.ndarray, scale: float = 1.0) -> float:
    """Return the sum of squares, times scale."""
    return scale * float((x**2).sum())


def energy_via_dot(x: np.ndarray, scale: float = 1.0) -> float:
    """Multiply by itself."""
    return scale * float(x @ x)


def energy_via_loop(x: np.ndarray, scale: float = 1.0) -> float:
    """Add one by one."""
    total = 0.0
    for value in x:
        total += float(value) * float(value)
    return scale * total
'''

GRADER = '''import numpy as np

from katagrad.testing import assert_close


def test_sum(kata, rng):
    """The squares are added up."""
    x = rng.normal(size=3)
    assert_close(kata.energy(x, scale=3.0), 3.0 * sum(value * value for value in x))
    assert_close(kata.energy(x), sum(value * value for value in x))


def workload(kata, rng, n):
    return (kata.energy(rng.normal(size=n), scale=2.0),)


MISTAKES = {
    "the root of it": ("(x**2).sum()", "(x**2).sum() ** 0.5"),
    "a mean": ("(x**2).sum()", "(x**2).mean()"),
}
'''


class Checkout:
    """A checkout with one kata."""

    SOLUTION, GRADER = SOLUTION, GRADER

    def __init__(self, root):
        self.root = root
        self.kata = Kata("sums", "energy", root)
        self.write("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n')
        self.write("tests/graders/conftest.py", "from katagrad.grading.plugin import *\n")
        self.write("solutions/sums/energy.py", SOLUTION)
        self.write("tests/graders/sums/test_energy.py", GRADER)

    def write(self, path, text):
        """Write one of its files."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def sign(self, text):
        """Write its table of equivalents."""
        self.write("tests/strength/sums/energy.toml", text)

    def attempt(self, path, text):
        """Write an attempt at it."""
        self.write(f"tests/attempts/sums/energy/{path}.py", text)

    def measure(self, seeds=2, **options):
        """Return the exit status of a run and what it printed."""
        return self._told(command.measure, seeds=seeds, **options)

    def measure_added(self):
        """Return the exit status of a run over new attempts and what it printed."""
        return self._told(command.measure_added)

    def _told(self, measure, **options):
        console = Console(file=io.StringIO(), width=200)
        status = measure([self.kata], workers=2, terminal=Terminal(console), **options)
        return status, console.file.getvalue()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Give a test the made-up kata, measured under few seeds."""
    monkeypatch.setattr(command, "WRONG_SEEDS", (0, 1))
    return Checkout(tmp_path)
