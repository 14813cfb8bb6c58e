"""What no answer may depend on: memory layout, an earlier call, what became of its result; and arguments that stay.

Every grader with a `workload` gets these rules without asking for them. Each replays the workload with its generator
seeded alike. Functions are passed through, and values that stay in the submission's process are not compared.
"""

import copy
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from katagrad.submission.contract import Handle
from katagrad.submission.proxy import Submission, SubmissionError
from katagrad.testing import MismatchError, strict

SIZE = 16
SEED = 16
# What a broken rule is tried with, so that its call can be shown with all numbers.
SMALLER = (2, 4, 8)
# A layout changes the order in which numbers are added, and with it the last digits of a right answer.
TOLERANCE = 1e-6
TINY = 1e-12
ARGUMENTS = "Arguments stay as they were."
REPEATED = "The second of two equal calls gives another result."
SPOILT = "After the caller has changed the array that came back, the same call gives another result."


def rules_for(grader: ModuleType) -> Iterator[tuple[str, Callable]]:
    """Yield name and function of each rule that a grader gets.

    A grader whose statement says that the functions are pure sets `PURE = True`: then arguments that stay as they were
    are a core rule.
    """
    yield "test_memory_layout", memory_layout
    yield "test_second_call", second_call
    yield "test_arguments", arguments if getattr(grader, "PURE", False) else arguments_strictly


@strict
def memory_layout(_submission: Submission, request: pytest.FixtureRequest) -> None:
    """Transposed, strided and read-only arrays give the same result as ordinary ones with the same numbers."""
    _at_smallest(lambda size: _vary_layout(_submission, request.module, size))


def _vary_layout(submission: Submission, grader: ModuleType, size: int) -> None:
    plain: list[Any] = []

    def first(name: str, given: tuple, named: dict) -> Any:
        plain.append(submission.call(name, _mapped(ordinary, given), _mapped(ordinary, named)))
        return plain[-1]

    _replay(grader, submission, first, size)
    for layout in (transposed, strided, read_only):
        expected = iter(plain)

        def varied(
            name: str, given: tuple, named: dict, layout: Callable = layout, expected: Iterator = expected
        ) -> Any:
            given, named = _mapped(layout, given), _mapped(layout, named)
            value = _call_as_shown(submission, name, given, named)
            _check_same(value, next(expected, value), "")
            return value

        _replay(grader, submission, varied, size)


@strict
def second_call(_submission: Submission, request: pytest.FixtureRequest) -> None:
    """Equal calls give equal results, even if the caller has changed the array that came back before."""
    _at_smallest(lambda size: _call_again(_submission, request.module, size))


def _call_again(submission: Submission, grader: ModuleType, size: int) -> None:
    def thrice(name: str, given: tuple, named: dict) -> Any:
        again, once_more = (_mapped(_as_it_is, (given, named)) for _ in range(2))
        value = submission.call(name, given, named)
        submission.spoils_results = True
        try:
            second = submission.call(name, *again)
        finally:
            submission.spoils_results = False
        _check_same(second, value, REPEATED)
        _check_same(submission.call(name, *once_more), value, SPOILT)
        return value

    _replay(grader, submission, thrice, size)


def arguments(_submission: Submission, request: pytest.FixtureRequest) -> None:
    """Arguments stay as they were."""
    _replay(request.module, _submission, _submission.call, SIZE)
    for call in _submission.changing[:1]:  # of the rules before, too
        _submission.calls.append(call)
        raise SubmissionError("changed", f"{call.function} changed its argument {' and '.join(call.changed)} in place")


@strict
def arguments_strictly(_submission: Submission, request: pytest.FixtureRequest) -> None:
    """Arguments stay as they were."""
    arguments(_submission, request)


class _Kata:
    """A kata whose calls go through a function of name, arguments and keywords."""

    def __init__(self, submission: Submission, through: Callable[[str, tuple, dict], Any]) -> None:
        self._submission, self._through = submission, through

    def __getattr__(self, name: str) -> Callable:
        """Return one of the kata's functions."""
        if name not in self._submission.interface.functions:
            raise AttributeError(f"the solution has no public function {name!r}")
        return lambda *given, **named: self._through(name, given, named)


def _replay(grader: ModuleType, submission: Submission, through: Callable[[str, tuple, dict], Any], size: int) -> None:
    """Run a grader's workload, each call through a function."""
    submission.begin_rule()
    grader.workload(_Kata(submission, through), np.random.default_rng(SEED), size)


def _at_smallest(check: Callable[[int], None]) -> None:
    """Run a check; if it fails, fail with a smaller workload that fails in the same way: its call is shown whole."""
    try:
        check(SIZE)
    except Exception as failure:
        for size in SMALLER:
            try:
                check(size)
            except Exception as smaller:
                alike = type(smaller) is type(failure)
                if alike and (isinstance(failure, MismatchError) or str(smaller) == str(failure)):
                    raise
        check(SIZE)  # its calls are those that are shown
        raise


def _call_as_shown(submission: Submission, name: str, given: tuple, named: dict) -> Any:
    """Call a function, and keep the arguments with their layout, so that the call can be shown as it was."""
    try:
        return submission.call(name, given, named)
    finally:
        call = submission.calls[-1]
        shown = dict(zip(call.arguments, (*given, *named.values()), strict=True))
        call.arguments |= {key: value for key, value in shown.items() if not isinstance(value, np.random.Generator)}


def ordinary(array: np.ndarray) -> np.ndarray:
    """Return the same numbers with the last axis contiguous."""
    return np.array(array, order="C")


def transposed(array: np.ndarray) -> np.ndarray:
    """Return the same numbers with the first axis contiguous."""
    return np.asfortranarray(array)


def strided(array: np.ndarray) -> np.ndarray:
    """Return the same numbers, every second one of a larger array."""
    return np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array


def read_only(array: np.ndarray) -> np.ndarray:
    """Return the same numbers in an array that cannot be written."""
    array = array.copy()
    array.flags.writeable = False
    return array


def _as_it_is(value: Any) -> Any:
    """Return a value for a call that draws the same random numbers."""
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


def _mapped(change: Callable, value: Any) -> Any:
    """Return a value with its arrays and generators changed, within tuples, lists and dicts, too."""
    if isinstance(value, np.ndarray | np.random.Generator):
        return change(value) if change is _as_it_is or isinstance(value, np.ndarray) else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_mapped(change, part) for part in value))
    if isinstance(value, tuple | list):
        return type(value)(_mapped(change, part) for part in value)
    if isinstance(value, dict):
        return {key: _mapped(change, part) for key, part in value.items()}
    return value


def _check_same(actual: Any, expected: Any, problem: str) -> None:
    """Raise MismatchError with the first part of a result that is not the same."""
    if isinstance(expected, Handle) or isinstance(actual, Handle):
        return
    if isinstance(expected, tuple | list) and isinstance(actual, tuple | list) and len(expected) == len(actual):
        for part, wanted in zip(actual, expected, strict=True):
            _check_same(part, wanted, problem)
    elif isinstance(expected, dict) and isinstance(actual, dict) and expected.keys() == actual.keys():
        for key, wanted in expected.items():
            _check_same(actual[key], wanted, problem)
    elif not _is_same(actual, expected):
        raise MismatchError(actual, expected, problem)


def _is_same(actual: Any, expected: Any) -> bool:
    try:
        have, want = np.asarray(actual), np.asarray(expected)
    except ValueError:
        return False
    if have.shape != want.shape:
        return False
    if not {have.dtype.kind, want.dtype.kind} <= {*"biuf"}:
        return type(actual) is type(expected) and bool(np.all(actual == expected))
    if "f" not in (have.dtype.kind, want.dtype.kind):
        return np.array_equal(have, want)
    finite = np.abs(want[np.isfinite(want)])
    largest = float(finite.max()) if finite.size else 0.0
    return np.allclose(have, want, rtol=TOLERANCE, atol=max(TOLERANCE * largest, TINY), equal_nan=True)
