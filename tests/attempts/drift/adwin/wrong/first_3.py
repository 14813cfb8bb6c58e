# wrong (core): variance as mean of squares minus square of mean, which is lost far from 0
from typing import NamedTuple

import numpy as np


class Adaptive(NamedTuple):
    """What `adwin` returns: the indices of alarms, and the length of the window after each value."""

    alarms: list[int]
    lengths: list[int]


def _check(values, delta, min_length):
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    if not 0 < delta < 1 or min_length < 1:
        raise ValueError("delta must be in (0, 1), min_length at least 1")
    return values


def cut_bounds(window: np.ndarray, delta: float = 0.002, min_length: int = 5) -> np.ndarray:
    """Return the bound of each split, for n0 = min_length, min_length + 1, ..., n - min_length."""
    window = _check(window, delta, min_length)
    n = len(window)
    if n < 2 * min_length:
        return np.zeros(0)
    n0 = np.arange(min_length, n - min_length + 1)
    n1 = n - n0
    d = np.log(2 * np.log(n) / delta)
    inv_m = 1 / (n0 - min_length + 1) + 1 / (n1 - min_length + 1)
    variance = max((window**2).mean() - window.mean() ** 2, 0.0)
    return np.sqrt(2 * inv_m * variance * d) + 2 / 3 * d * inv_m


def _changed(window, delta, min_length):
    n = len(window)
    if n < 2 * min_length:
        return False
    bounds = cut_bounds(window, delta, min_length)
    n0 = np.arange(min_length, n - min_length + 1)
    sums = np.cumsum(window - window.mean())
    left = sums[n0 - 1]
    diff = np.abs(left / n0 - (sums[-1] - left) / (n - n0))
    return bool((diff > bounds).any())


def adwin(stream: np.ndarray, delta: float = 0.002, min_length: int = 5) -> Adaptive:
    """Return the alarms of a stream, and the lengths of the window."""
    stream = _check(stream, delta, min_length)
    alarms, lengths = [], []
    start = 0
    for i in range(len(stream)):
        dropped = False
        while _changed(stream[start : i + 1], delta, min_length):
            start += 1
            dropped = True
        if dropped:
            alarms.append(i)
        lengths.append(i + 1 - start)
    return Adaptive(alarms, lengths)
