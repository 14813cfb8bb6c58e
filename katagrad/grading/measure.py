"""How long two solutions take at growing sizes, what memory they need, and whether they agree."""

import ast
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from katagrad.katas.interface import read_interface
from katagrad.submission.proxy import BrokenError, KataProxy, Source, Submission, SubmissionError

SMALLEST, LARGEST = 4**2, 4**10
# Seconds of one run after which no larger size is tried: the shape of the growth is known by then.
LONG_ENOUGH = 0.25
# So many sizes, of which a run of the largest takes so many seconds, tell growth from the cost of a call. These are not
# compared with what the smallest takes: that differs from one time to the next, and with it the last size would.
TELLING = 0.02
ENOUGH = 4
# Seconds of processor time for all of it: arrays are drawn and handed over besides, which takes longer than what is
# timed. Sizes grow for the first part only. On a busy machine a person waits longer, and reads the same.
PATIENCE, GROWING = 2.8, 2.0
# Where processes run at less than an eighth of a core, or wait, the clock on the wall ends it all the same.
BUSIEST = 8
LIMIT = 10.0
# What the coarsest clock of processor time tells apart from nothing.
SHORTEST = 1e-7
# Runs of each size: the best counts.
FEWEST, MOST = 3, 40
# The growth is that of large sizes: each counts with this power of its share of the largest. None is told unless there
# the work outweighs the cost of a call.
LEANING = 0.3
OUTWEIGHS = 3
EXPONENTS = np.arange(0.1, 5.0, 0.02)


@dataclass(frozen=True)
class Measure:
    """What one solution did at one size: which functions, their values, seconds and peak bytes; or why it did not."""

    values: Any = None
    seconds: float = math.nan
    peak: float = math.nan
    problem: str = ""
    functions: tuple[str, ...] = ()


class Row(NamedTuple):
    """What both solutions did at one size."""

    size: int
    mine: Measure
    theirs: Measure

    @property
    def ratio(self) -> float:
        """Return how many times as long as the reference the learner's solution takes."""
        return max(self.mine.seconds, SHORTEST) / max(self.theirs.seconds, SHORTEST)

    @property
    def agrees(self) -> bool:
        """Say whether both returned the same but for rounding."""
        return not self.mine.problem and agreement(self.mine.values, self.theirs.values)


def measures(
    workload: Callable, yours: Source, reference: Source, tell: Callable[[float, int], None] = lambda *_: None
) -> list[Row]:
    """Measure two solutions at growing sizes, until the shape of the growth is known.

    All sizes are then run in turn, again and again: what else the machine does falls on all of them alike, and the best
    run of each counts.

    Parameters
    ----------
    workload : one typical use, of a grader
    yours, reference : the two texts
    tell : called with the share of the time that has passed, and the size that is measured next
    """
    interface = read_interface(ast.parse(reference.text))
    sides = [_Side(Submission(source, interface, call_limit=LIMIT), workload) for source in (yours, reference)]
    begun, begun_on_the_wall = time.process_time(), time.monotonic()

    def passed() -> float:
        used = time.process_time() - begun + sum(side.submission_seconds for side in sides)
        return max(used, (time.monotonic() - begun_on_the_wall) / BUSIEST)

    try:
        for size in _sizes(sides, passed):
            tell(min(passed() / PATIENCE, 1.0), size)
            for side in sides:
                side.look_at(size)
        _repeat(sides, passed, tell)
    finally:
        for side in sides:
            side.submission.close()
    mine, theirs = (side.found for side in sides)
    return [Row(size, mine[size], theirs[size]) for size in mine]


def _sizes(sides: "list[_Side]", passed: Callable[[], float]) -> Iterator[int]:
    """Yield sizes as long as larger ones are wanted; each has been measured when the next is asked for."""
    size = SMALLEST
    while True:
        before = passed()
        yield size
        took = passed() - before
        last = [side.found[size] for side in sides]
        if any(measure.problem for measure in last) or size >= LARGEST:
            return
        longest = max(measure.seconds for measure in last)
        # Sixteen times as long at the worst of a quadratic solution, or four times: seconds, not minutes.
        step = 4 if longest < LONG_ENOUGH / 16 else 2
        enough = len(sides[0].found) >= ENOUGH
        told = enough and min(measure.seconds for measure in last) > TELLING
        if longest > LONG_ENOUGH or told or (size > SMALLEST and passed() + step * took > GROWING):
            return
        size *= step


def _repeat(sides: "list[_Side]", passed: Callable[[], float], tell: Callable[[float, int], None]) -> None:
    """Run all sizes again, in turn, as long as a person waits."""
    sound = [size for size in sides[0].found if not any(side.found[size].problem for side in sides)]
    for turn in range(1, MOST):
        for size in sound:
            if turn >= FEWEST and passed() > PATIENCE:
                return
            tell(min(passed() / PATIENCE, 1.0), size)
            for side in sides:
                side.run_again(size)


class _Side:
    """One of the two solutions, and what is known of it so far."""

    def __init__(self, submission: Submission, workload: Callable) -> None:
        self.submission, self.workload = submission, workload
        self.submission.keeps_memory = True
        self.found: dict[int, Measure] = {}
        self.submission_seconds = 0.0

    def look_at(self, size: int) -> None:
        """Run a size for the first time, and once more for the memory, which slows it down."""
        if not self.found:
            self._run(size)  # what the first call loads is not what is measured
        first = self.found[size] = self._run(size)
        if not first.problem:
            self.submission.measure_memory = True
            self.found[size] = replace(first, peak=self._run(size).peak)
            self.submission.measure_memory = False

    def run_again(self, size: int) -> None:
        """Run a size again, and keep the shorter time; a failure of what went well before is nobody's fault."""
        again = self._run(size)
        if again.seconds < self.found[size].seconds:
            self.found[size] = replace(self.found[size], seconds=again.seconds)

    def _run(self, size: int) -> Measure:
        try:
            values = _once(self.submission, self.workload, size)
        except (SubmissionError, BrokenError) as error:
            return Measure(problem=error.reason)
        except Exception as error:  # noqa: BLE001 - whatever the learner's code raises
            return Measure(problem=f"{type(error).__name__}: {error}".removesuffix(": "))
        calls = self.submission.calls
        seconds = sum(call.seconds for call in calls)
        self.submission_seconds += seconds
        functions = tuple(dict.fromkeys(call.function for call in calls))
        return Measure(values, seconds, max((call.peak for call in calls), default=0), functions=functions)


def _once(submission: Submission, workload: Callable, size: int) -> Any:
    submission.begin_rule()
    return workload(KataProxy(submission), np.random.default_rng(size), size)


def agreement(mine: Any, theirs: Any, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Say whether two results are the same but for rounding."""
    if isinstance(mine, tuple | list) and isinstance(theirs, tuple | list):
        return len(mine) == len(theirs) and all(agreement(*pair, rtol, atol) for pair in zip(mine, theirs, strict=True))
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(agreement(mine[key], theirs[key], rtol, atol) for key in mine)
    if mine is None or theirs is None or isinstance(mine, str):
        return type(mine) is type(theirs) and mine == theirs
    have, want = np.asarray(mine), np.asarray(theirs)
    if have.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return True  # a cache or another thing of the solution's own
    return have.shape == want.shape and np.allclose(have, want, rtol, atol, equal_nan=True)


def growth(times: Mapping[int, float]) -> float | None:
    """Return the exponent p for which `cost of a call + factor * n**p` is nearest to the times.

    Larger sizes count more, and the smallest tell the cost. None if there are fewer than three, or the work hardly
    outweighs the cost.
    """
    if len(times) < 3 or times[max(times)] < OUTWEIGHS * min(times.values()):
        return None
    sizes = sorted(times)
    n, seconds = np.array(sizes) / sizes[-1], np.array([times[size] for size in sizes])
    weights = n**LEANING
    return float(min(EXPONENTS, key=lambda exponent: _misfit(n**exponent / seconds, 1 / seconds, weights)))


def _misfit(work: np.ndarray, cost: np.ndarray, weights: np.ndarray) -> float:
    """Return how far from 1 the best sum of shares of both is, neither share negative."""
    work = work * weights
    both = np.column_stack([cost * weights, work])
    shares = np.linalg.lstsq(both, weights, rcond=None)[0]
    if (shares < 0).any():
        shares = [0.0, work @ weights / (work @ work)]
    return float(np.square(both @ shares - weights).sum())
