"""A small kata as its author writes it, by the name of the file."""

SOLUTION = '''"""The energy of a signal.

The energy is the sum of squares, times a scale:

    energy = scale * sum_i x_i**2

Source: Oppenheim and Schafer, Discrete-Time Signal Processing (2010), section 2.2.
"""

import numpy as np


def energy(x: np.ndarray, scale: float = 1.0) -> float:
    """Return the energy.

    Parameters
    ----------
    x : array of shape (n,)
    scale : float

    Raises
    ------
    ValueError
        If x is empty.

    Strict
    ------
    - x may hold integers of any type.

    Examples
    --------
    >>> energy(np.array([1.0, 2.0]), scale=3.0)
    15.0
    """
    if len(x) == 0:
        raise ValueError("x is empty")
    return scale * float((x.astype(float) ** 2).sum())


def energy_via_dot(x: np.ndarray, scale: float = 1.0) -> float:
    """Multiply x by itself."""
    if len(x) == 0:
        raise ValueError("x is empty")
    return scale * float(x.astype(float) @ x)


def energy_via_loop(x: np.ndarray, scale: float = 1.0) -> float:
    """Add one by one."""
    if len(x) == 0:
        raise ValueError("x is empty")
    total = 0.0
    for value in x:
        total += float(value) * float(value)
    return scale * total
'''

TABLE = """about = "The sum of squares of a signal"
aliases = ["power"]
minutes = 5
difficulty = "easy"
requires = ["regression/least_squares"]
hints = ["What is squared, and what is added up?", "Where does the scale stand?"]

[[followups]]
question = "What does the energy of a sum of two signals come to?"
answer = ["Both energies.", "Twice their product.", "Run it: energy(x + y)."]
source = "Oppenheim and Schafer (2010), section 2.2"

[[followups]]
question = "And of a shifted one?"
answer = ["The same.", "Parseval.", "Run it: energy(np.roll(x, 1))."]
source = "Oppenheim and Schafer (2010), section 2.9"

[[followups]]
question = "And of a constant one?"
answer = ["n times the square.", "It grows with n.", "Power does not."]
source = "Oppenheim and Schafer (2010), section 2.2"
"""

GRADER = '''import numpy as np
import pytest

from katagrad.testing import assert_close, strict


def test_by_hand(kata):
    """The squares are added up."""
    assert_close(kata.energy(np.array([3.0, -4.0])), 25.0)


def test_definition(kata, rng):
    """Each value counts by its square, whatever its sign."""
    x = rng.normal(size=7)
    assert_close(kata.energy(x), sum(value * value for value in x.tolist()))


def test_scale(kata, rng):
    """The sum is multiplied by the scale."""
    x = rng.normal(size=3)
    assert_close(kata.energy(x, scale=3.0), 3.0 * sum(value * value for value in x.tolist()))
    assert_close(kata.energy(x, scale=0.0), 0.0)


def test_one_value(kata):
    """One value is a signal, too."""
    assert_close(kata.energy(np.array([-2.0])), 4.0)


def test_empty(kata):
    """An empty signal raises ValueError."""
    with pytest.raises(ValueError):
        kata.energy(np.array([]))


@strict
def test_small_types(kata):
    """Eight bits do not wrap around."""
    assert_close(kata.energy(np.array([200, 100], dtype=np.uint8)), 50_000.0)


def workload(kata, rng, n):
    return (kata.energy(rng.normal(size=n), scale=2.0),)


MISTAKES = {
    "the root of it": ("** 2).sum()", "** 2).sum() ** 0.5"),
    "a mean": ("** 2).sum()", "** 2).mean()"),
    "values for squares": ("(x.astype(float) ** 2).sum()", "x.astype(float).sum()"),
    "no scale": ("return scale * float((x", "return float((x"),
    "an empty signal has energy 0": ('raise ValueError("x is empty")', "return 0.0"),
}

STRICT_MISTAKES = {
    "eight bits": ("x.astype(float) ** 2", "x**2"),
}
'''

ORACLE = '''"""`energy` beside NumPy's norm."""

import numpy as np


def test_random(reference, rng):
    for _ in range(50):
        x = rng.normal(size=int(rng.integers(1, 80)))
        np.testing.assert_allclose(reference.energy(x), np.linalg.norm(x) ** 2, rtol=1e-9)
'''

FILES = {
    "solutions/signals/energy.py": SOLUTION,
    "solutions/signals/energy.toml": TABLE,
    "tests/graders/signals/test_energy.py": GRADER,
    "tests/oracles/signals/test_energy.py": ORACLE,
}
