"""What graders assert with: numbers close, values equal, gradients by finite differences.

A failed assertion raises `MismatchError`, which carries the two values, so that the runner can say what was expected
and what came without reading the grader's source to the learner.
"""

from collections.abc import Callable

import numpy as np


class MismatchError(AssertionError):
    """What came is not what was expected.

    Parameters
    ----------
    actual, expected : the two values
    problem : what is wrong, where the values do not show it
    what : what the values are, where they are not what the submission returned
    """

    def __init__(self, actual: object, expected: object, problem: str = "", what: str = "") -> None:
        named = f"{what}: " if what else ""
        super().__init__(f"{named}expected {expected!r}, got {actual!r}" + (f": {problem}" if problem else ""))
        self.actual, self.expected, self.problem, self.what = actual, expected, problem, what


def assert_close(actual: object, expected: object, rtol: float = 1e-9, atol: float = 1e-12, what: str = "") -> None:
    """Check that numbers agree: same shape, and |actual - expected| <= atol + rtol * |expected| everywhere.

    NaN agrees only with NaN, and an infinity only with the same infinity.

    Parameters
    ----------
    actual, expected : numbers or arrays
    rtol, atol : the tolerance
    what : names a quantity that the rule derives, for the learner: "the condition at 0 is missed by"
    """
    want = np.asarray(expected)
    try:
        have = np.asarray(actual)
    except ValueError:
        problem = "it is not an array of numbers: its rows differ in length"
        raise MismatchError(actual, expected, problem, what) from None
    if have.dtype.kind not in "biuf":
        kind = "complex numbers" if have.dtype.kind == "c" else type(actual).__name__
        raise MismatchError(actual, expected, f"real numbers are expected, not {kind}", what)
    if have.shape != want.shape:
        raise MismatchError(actual, expected, f"the shape is {have.shape}, expected {want.shape}", what)
    with np.errstate(invalid="ignore", over="ignore"):
        have, want = have.astype(np.float64), want.astype(np.float64)
        close = np.abs(have - want) <= atol + rtol * np.abs(want)
    same = (have == want) | (np.isnan(have) & np.isnan(want)) | (close & np.isfinite(want))
    if not same.all():
        raise MismatchError(actual, expected, what=what)


def assert_equal(actual: object, expected: object, what: str = "") -> None:
    """Check that values are the same: numbers and arrays exactly, sequences element by element, None as None.

    Parameters
    ----------
    actual, expected : the two values
    what : names a quantity that the rule derives, for the learner
    """
    if not _equal(actual, expected):
        raise MismatchError(actual, expected, what=what)


def _equal(actual: object, expected: object) -> bool:
    if expected is None or isinstance(expected, str):
        return type(actual) is type(expected) and actual == expected
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and actual.keys() == expected.keys()
            and all(_equal(actual[key], value) for key, value in expected.items())
        )
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple):
        return len(actual) == len(expected) and all(map(_equal, actual, expected))
    try:
        have, want = np.asarray(actual), np.asarray(expected)
    except ValueError:
        return False
    if (
        have.dtype.kind not in "biufU"
        or have.shape != want.shape
        or (have.dtype.kind == "U") != (want.dtype.kind == "U")
    ):
        return False
    return np.array_equal(have, want, equal_nan=have.dtype.kind == want.dtype.kind == "f")


def strict(rule: Callable) -> Callable:
    """Mark a rule as stricter than an interview: a kata can be solved without it.

    It holds for all parameters of the rule, whether it stands above or below `pytest.mark.parametrize`.
    """
    rule.strict = True
    return rule


def numerical_gradient(loss: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Differentiate a scalar function of an array by central differences, one element at a time."""
    gradient = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.astype(np.float64)
            moved[place] += sign * step
            ends.append(float(loss(moved)))
        gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradient


def stacked_gradient(losses: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Return the numerical gradient by two calls of a function that takes a stack of arrays: a loss for each."""
    moves = step * np.eye(x.size).reshape(-1, *x.shape)
    return ((losses(x + moves) - losses(x - moves)) / (2 * step)).reshape(x.shape)
