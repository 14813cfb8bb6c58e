# wrong (core): while dropping, only the split point that first showed the change is tested again, not all splits
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
    window = np.asarray(window, dtype=float)
    n = len(window)
    if n < 2 * min_length:
        return np.zeros(0)
    n0 = np.arange(min_length, n - min_length + 1)
    n1 = n - n0
    d = np.log(2 * np.log(n) / delta)
    inverse = 1 / (n0 - min_length + 1) + 1 / (n1 - min_length + 1)
    return np.sqrt(2 * inverse * window.var() * d) + 2 / 3 * d * inverse


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
    stream = np.asarray(stream, dtype=float)
    start, alarms, lengths = 0, [], []
    for i in range(len(stream)):
        dropped = False
        point = None
        while i + 1 - start >= 2 * min_length:
            window = stream[start : i + 1]
            n = len(window)
            n0 = np.arange(min_length, n - min_length + 1)
            sums = np.cumsum(window)
            gap = np.abs(sums[n0 - 1] / n0 - (sums[-1] - sums[n0 - 1]) / (n - n0))
            bound = cut_bounds(window, delta, min_length)
            changed = gap > bound
            if point is not None:
                k = point - start - min_length
                if k < 0 or not changed[k]:
                    break
            elif np.any(changed):
                point = start + min_length + int(np.argmax(changed))
            else:
                break
            start += 1
            dropped = True
        if dropped:
            alarms.append(i)
        lengths.append(i + 1 - start)
    return Adaptive(alarms, lengths)
