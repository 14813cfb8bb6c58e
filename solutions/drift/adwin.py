"""Adaptive windowing (ADWIN): a window over a stream that shrinks when its mean has changed.

Each value is added to the window. A split cuts the window of n values into the n0 oldest and the n1 newest. The window
has changed if, at any split, the means of the two parts differ by more than a bound:

    d     = log(2 log(n) / delta)
    1/m   = 1 / (n0 - min_length + 1) + 1 / (n1 - min_length + 1)
    bound = sqrt(2/m * variance * d) + 2/3 * d / m        variance: of the whole window, divisor n

Only splits with n0 >= min_length and n1 >= min_length count. Logarithms are natural.

Source: Bifet and Gavaldà, Learning from time-changing data with adaptive windowing (2007), algorithm ADWIN; there
min_length is 1. River's ADWIN has this bound, and tests fewer splits.

Strict
------
- Values may be integers of any type.
- ValueError if a value is not finite, delta is not in (0, 1), or min_length < 1.
"""

import math
from typing import NamedTuple

import numpy as np


class Adaptive(NamedTuple):
    """What `adwin` returns: the indices of alarms, and the length of the window after each value."""

    alarms: list[int]
    lengths: list[int]


def cut_bounds(window: np.ndarray, delta: float = 0.002, min_length: int = 5) -> np.ndarray:
    """Return the bound of each split, for n0 = min_length, min_length + 1, ..., n - min_length.

    Parameters
    ----------
    window : array of shape (n,)
    delta : float
        A smaller delta gives larger bounds, and fewer false alarms.
    min_length : int

    Returns
    -------
    array of shape (max(0, n - 2 * min_length + 1),)

    Examples
    --------
    >>> cut_bounds(np.array([0.0, 1.0, 0.0, 1.0]), delta=0.5, min_length=1).round(3)
    array([2.591, 2.067, 2.591])
    """
    _check(window, delta, min_length)
    n = len(window)
    n0 = np.arange(min_length, n - min_length + 1)
    if not n0.size:
        return np.empty(0)
    d = np.log(2 * np.log(n) / delta)
    inverse = 1 / (n0 - min_length + 1) + 1 / (n - n0 - min_length + 1)
    return np.sqrt(2 * inverse * np.var(window) * d) + 2 / 3 * d * inverse


def adwin(stream: np.ndarray, delta: float = 0.002, min_length: int = 5) -> Adaptive:
    """Return the alarms of a stream, and the lengths of the window.

    After each value: while the window has changed, drop its oldest value and test again. The value raises one alarm if
    anything was dropped. The window that is left goes on with the next value.

    Parameters
    ----------
    stream : array of shape (n_values,)
        n_values may be 0.
    delta, min_length
        As in cut_bounds.

    Returns
    -------
    Adaptive
        Indices count from 0, in order. lengths has one entry for each value.

    Examples
    --------
    >>> adwin(np.array([0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0]), delta=0.5, min_length=1)
    Adaptive(alarms=[5], lengths=[1, 2, 3, 4, 5, 5, 6])
    """
    _check(stream, delta, min_length)
    alarms, lengths, start = [], [], 0
    for end in range(1, len(stream) + 1):
        before = start
        while _changed(stream[start:end], delta, min_length):
            start += 1
        if start > before:
            alarms.append(end - 1)
        lengths.append(end - start)
    return Adaptive(alarms, lengths)


def _changed(window: np.ndarray, delta: float, min_length: int) -> bool:
    """Return whether the two means of any split differ by more than its bound."""
    bounds, n = cut_bounds(window, delta, min_length), len(window)
    n0 = min_length + np.arange(len(bounds))
    # Deviations from the mean add up to 0, so what the old part has above 0 the new part has below.
    excess = np.cumsum(window - np.mean(window))[n0 - 1]
    return bool((np.abs(excess) * (1 / n0 + 1 / (n - n0)) > bounds).any())


def _check(values: np.ndarray, delta: float, min_length: int) -> None:
    """Refuse values that are not finite, and parameters out of range."""
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite")
    if not 0 < delta < 1:
        raise ValueError(f"delta is {delta} and must lie between 0 and 1")
    if min_length < 1:
        raise ValueError(f"min_length is {min_length} and must be at least 1")


def cut_bounds_via_loop(window: np.ndarray, delta: float = 0.002, min_length: int = 5) -> np.ndarray:
    """Go split by split, in plain Python, with the variance by one pass over the values."""
    _check(window, delta, min_length)
    n, centre, squares, bounds = len(window), 0.0, 0.0, []
    for count, value in enumerate(window.tolist(), start=1):
        step = value - centre
        centre += step / count
        squares += step * (value - centre)
    for n0 in range(min_length, n - min_length + 1):
        old, new = n0 - min_length + 1, n - n0 - min_length + 1
        m = old * new / (old + new)
        d = math.log(2) + math.log(math.log(n)) - math.log(delta)
        bounds.append(math.sqrt(2 * squares / n * d / m) + 2 * d / (3 * m))
    return np.array(bounds)


def cut_bounds_via_pairs(window: np.ndarray, delta: float = 0.002, min_length: int = 5) -> np.ndarray:
    """Take the variance as half the mean squared difference of all pairs; the lengths, from both ends, are mirrored."""
    _check(window, delta, min_length)
    n, count = len(window), len(window) - 2 * min_length + 1
    if count < 1:
        return np.array([])
    values = window.astype(float)
    variance = ((values[:, None] - values) ** 2).mean() / 2
    lengths = np.arange(1.0, count + 1)
    scaled = (1 / lengths + 1 / lengths[::-1]) * np.log(np.log(n**2) / delta)
    return np.sqrt(2 * variance * scaled) + scaled / 1.5


def adwin_via_loop(stream: np.ndarray, delta: float = 0.002, min_length: int = 5) -> Adaptive:
    """Keep the window in a list, and move one value at a time from the new part to the old one."""
    _check(stream, delta, min_length)
    window, alarms, lengths = [], [], []

    def changed() -> bool:
        n = len(window)
        if n < 2 * min_length:
            return False
        centre = sum(window) / n
        variance = sum((value - centre) ** 2 for value in window) / n
        d, old, new = math.log(2 * math.log(n) / delta), 0.0, sum(window)
        for n0, value in enumerate(window[:-min_length], start=1):
            old, new = old + value, new - value
            if n0 >= min_length:
                scaled = d / (n0 - min_length + 1) + d / (n - n0 - min_length + 1)
                if abs(old / n0 - new / (n - n0)) > math.sqrt(2 * variance * scaled) + scaled * 2 / 3:
                    return True
        return False

    for index, value in enumerate(stream.tolist()):
        window.append(value)
        while changed():
            window.pop(0)
            if alarms[-1:] != [index]:
                alarms.append(index)
        lengths.append(len(window))
    return Adaptive(alarms, lengths)


def adwin_via_running_means(stream: np.ndarray, delta: float = 0.002, min_length: int = 5) -> Adaptive:
    """Take the means of all beginnings and of all ends of a window, and compare those that meet."""
    _check(stream, delta, min_length)
    values, window, lengths = stream.astype(float), np.empty(0), []
    for value in values:
        window = np.append(window, value)
        for _ in range(len(window)):
            counts = np.arange(1, len(window) + 1)
            firsts, lasts = window.cumsum() / counts, window[::-1].cumsum() / counts
            gaps = np.abs(firsts[:-1] - lasts[-2::-1])[min_length - 1 : len(window) - min_length]
            if not (gaps > cut_bounds(window, delta, min_length)).any():
                break
            window = window[1:]
        lengths.append(len(window))
    grown = np.diff(lengths, prepend=0)
    return Adaptive(np.flatnonzero(grown < 1).tolist(), lengths)
