"""How long two solutions take at growing sizes, what memory they need, and whether they agree."""

import ast
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from katagrad.katas.interface import read_interface
from katagrad.submission.proxy import BrokenError, KataProxy, Source, Submission, SubmissionError

SMALLEST, LARGEST = 4**3, 4**10
# From here on a growth can be told.
ENOUGH = 4**6
LONG_ENOUGH = 1.0
# Seconds in which a person waits for all sizes together: arrays are drawn and handed over besides, which takes longer
# than what is timed.
PATIENCE = 8.0
LIMIT = 10.0
# What the coarsest clock of processor time tells apart from nothing.
SHORTEST = 1e-7
# The best of three runs, or of as many more as a short one takes to stand out from the machine's noise.
FEWEST, MOST = 3, 30
STEADY = 0.05


@dataclass(frozen=True)
class Measure:
    """What one solution did at one size: which functions, their values, seconds and peak bytes; or why it did not."""

    values: Any = None
    seconds: float = math.nan
    peak: float = math.nan
    problem: str = ""
    functions: tuple[str, ...] = ()


def measures(workload: Callable, yours: Source, reference: Source) -> Iterator[tuple[int, Measure, Measure]]:
    """Yield both measures at growing sizes, until one of the two takes long or the next size would take too long."""
    interface = read_interface(ast.parse(reference.text))
    sides = [Submission(source, interface, call_limit=LIMIT) for source in (yours, reference)]
    try:
        size, end = SMALLEST, time.monotonic() + PATIENCE
        while True:
            begun = time.monotonic()
            mine, theirs = (_one(side, workload, size) for side in sides)
            yield size, mine, theirs
            longest = max(mine.seconds, theirs.seconds)
            if mine.problem or theirs.problem or longest > LONG_ENOUGH or size >= LARGEST:
                return
            now = time.monotonic()
            if size >= ENOUGH and now + 2 * (now - begun) > end:
                return
            # Sixteen times as long at the worst of a quadratic solution, or four times: seconds, not minutes.
            size *= 4 if longest < LONG_ENOUGH / 16 else 2
    finally:
        for side in sides:
            side.close()


def _one(submission: Submission, workload: Callable, size: int) -> Measure:
    """Run a workload a few times, and once more for the memory, which slows it down."""
    try:
        best, spent = math.inf, 0.0
        for turn in range(MOST):
            values = _once(submission, workload, size)
            seconds = sum(call.seconds for call in submission.calls)
            best, spent = min(best, seconds), spent + seconds
            if best > LONG_ENOUGH / 2 or (spent > STEADY and turn + 1 >= FEWEST):
                break
        submission.measure_memory = True
        _once(submission, workload, size)
        peak = max(call.peak for call in submission.calls)
    except SubmissionError as error:
        return Measure(problem=error.reason)
    except BrokenError as error:
        return Measure(problem=error.reason)
    except Exception as error:  # noqa: BLE001 - whatever the learner's code raises
        return Measure(problem=f"{type(error).__name__}: {error}")
    finally:
        submission.measure_memory = False
    return Measure(values, best, peak, functions=tuple(dict.fromkeys(call.function for call in submission.calls)))


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


def growth(times: dict[int, float]) -> float | None:
    """Return the exponent of time in n: the slope, both as logarithms, from a quarter of the largest size on.

    None if even there the work hardly outweighs the cost of a call.
    """
    largest = max(times, default=0)
    sizes = [size for size in times if 4 * size >= largest]
    if len(sizes) < 2 or times[largest] < 2 * min(times.values()):
        return None
    return float(np.polyfit(np.log(sizes), np.log([times[size] for size in sizes]), 1)[0])
