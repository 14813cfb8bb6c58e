# different style; both bars
import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np


class Adaptive(NamedTuple):
    """What `adwin` returns: the indices of alarms, and the length of the window after each value."""

    alarms: list[int]
    lengths: list[int]


def _values(values, delta, min_length):
    """Return the values as long doubles, which hold all integers of 64 bits, once all arguments are checked."""
    values = np.asarray(values)
    if not np.all(np.isfinite(values)):
        raise ValueError("expected finite values")
    if not (0 < delta < 1 and min_length >= 1):
        raise ValueError("expected 0 < delta < 1 and min_length >= 1")
    return values.astype(np.longdouble)


@lru_cache(maxsize=None)
def _splits(n, delta, min_length):
    """Return n0 of each split, and what the deviation and 1 are multiplied by in its bound."""
    n0 = np.arange(min_length, n - min_length + 1)
    d = math.log(2 * math.log(n) / delta) if n > 1 else 0.0
    spare = n - 2 * min_length + 2  # of both sides together
    first = n0 - min_length + 1
    inverse = spare / (first * (spare - first))
    return n0, np.sqrt(2 * d * inverse), 2 * d * inverse / 3


def _centred(window):
    """Return the deviations from the mean in float64, and their root mean square."""
    window = window - window[0]
    window = (window - window.mean()).astype(np.float64)
    size = np.abs(window).max()
    return window, size * math.sqrt(np.mean((window / size) ** 2)) if size > 0 else 0.0


def cut_bounds(window: np.ndarray, delta: float = 0.002, min_length: int = 5) -> np.ndarray:
    """Return the bound of each split, for n0 = min_length, min_length + 1, ..., n - min_length."""
    window = _values(window, delta, min_length)
    if len(window) < 2 * min_length:
        return np.empty(0)
    _, by_deviation, by_one = _splits(len(window), float(delta), int(min_length))
    return _centred(window)[1] * by_deviation + by_one


def adwin(stream: np.ndarray, delta: float = 0.002, min_length: int = 5) -> Adaptive:
    """Return the alarms of a stream, and the lengths of the window.

    If the values before a split sum to s above the mean of the window, then the means differ by s * n / (n0 * n1).
    """
    stream = _values(stream, delta, min_length)
    alarms, lengths = [], []
    n = 0
    for i in range(len(stream)):
        n += 1
        while n >= 2 * min_length:
            n0, by_deviation, by_one = _splits(n, float(delta), int(min_length))
            centred, deviation = _centred(stream[i + 1 - n : i + 1])
            s = np.add.accumulate(centred)[n0 - 1]
            if not np.any(np.abs(s) * (n / (n0 * (n - n0))) > deviation * by_deviation + by_one):
                break
            n -= 1
            if not alarms or alarms[-1] != i:
                alarms.append(i)
        lengths.append(n)
    return Adaptive(alarms, lengths)
