# different style; both bars
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np


class Range(NamedTuple):
    """The smallest and the largest number that has a code of its own."""

    low: float
    high: float


def _sorted_batches(batches):
    """Each batch as an ascending list of Python numbers (integers stay exact)."""
    if len(batches) == 0:
        raise ValueError("there is no batch")
    lists = []
    for batch in batches:
        batch = np.asarray(batch)
        if not np.isfinite(batch).all():
            raise ValueError("NaN or infinite number")
        lists.append(sorted(batch.ravel().tolist()))
    return lists


def _finish(low, high):
    low, high = float(low), float(high)
    return Range(low if low < 0 else 0.0, high if high > 0 else 0.0)


def min_max_range(batches: list[np.ndarray]) -> Range:
    lists = _sorted_batches(batches)
    low = high = 0
    for numbers in lists:
        if numbers[0] < low:
            low = numbers[0]
        if numbers[-1] > high:
            high = numbers[-1]
    return _finish(low, high)


def moving_average_range(batches: list[np.ndarray], averaging_constant: float = 0.01) -> Range:
    # closed form: the first batch weighs (1 - c)^(B - 1), batch b weighs c (1 - c)^(B - b)
    lists = _sorted_batches(batches)
    c = float(averaging_constant)
    n = len(lists)
    weights = [(1.0 - c) ** (n - 1)] + [c * (1.0 - c) ** (n - b) for b in range(2, n + 1)]
    low = math.fsum(w * float(numbers[0]) for w, numbers in zip(weights, lists))
    high = math.fsum(w * float(numbers[-1]) for w, numbers in zip(weights, lists))
    return _finish(low, high)


def percentile_range(batches: list[np.ndarray], percentile: float = 99.99) -> Range:
    numbers = []
    for part in _sorted_batches(batches):
        numbers += part
    numbers.sort()

    def at(p):
        position = (len(numbers) - 1) * p / 100
        k = position.numerator // position.denominator
        value = Fraction(*numbers[k].as_integer_ratio())
        if position > k:
            following = Fraction(*numbers[k + 1].as_integer_ratio())
            value += (position - k) * (following - value)
        return value

    p = Fraction(*float(percentile).as_integer_ratio())
    return _finish(at(100 - p), at(p))
