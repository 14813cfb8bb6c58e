# wrong (core): even n: the half loop ends one early, the two middle quantiles stay 0
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- qq_points
"""The points of a normal Q-Q plot, and the line through them.

A Q-Q plot compares the sorted values with what a normal sample of the same size would look like. Value i of n, counted
from 1, stands at the quantile of the standard normal distribution at position p_i:

    p_i = (i - 0.3175) / (n + 0.365)    for 1 < i < n
    p_n = 0.5**(1 / n)
    p_1 = 1 - p_n
    theoretical_i = inverse normal CDF at p_i

Normal values lie near the line slope * theoretical + intercept, which is fitted by least squares.

``statistics.NormalDist().inv_cdf(p)`` is the inverse CDF for one p.

Source: Filliben, The Probability Plot Correlation Coefficient Test for Normality (1975).

Strict
------
- x may lie a million standard deviations from 0.
- x may hold integers of any type.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class QQ(NamedTuple):
    """The points, each array of shape (n,), and the line through them."""

    theoretical: np.ndarray
    ordered: np.ndarray
    slope: float
    intercept: float


def normal_quantiles(n: int) -> np.ndarray:
    """Return the quantiles of the standard normal distribution at p_1, ..., p_n.

    Parameters
    ----------
    n : int
        At least 1. For n = 1 the only position is 0.5.

    Examples
    --------
    >>> normal_quantiles(3).round(4)
    array([-0.8193,  0.    ,  0.8193])
    """
    inverse = NormalDist().inv_cdf
    quantiles = np.zeros(n)
    quantiles[0] = inverse(1 - 0.5 ** (1 / n))
    for i in range(2, (n + 1) // 2):
        quantiles[i - 1] = inverse((i - 0.3175) / (n + 0.365))
    half = n // 2
    # The positions are symmetric about 0.5.
    quantiles[n - half :] = -quantiles[:half][::-1]
    return quantiles


def qq_points(x: np.ndarray) -> QQ:
    """Return the points of the Q-Q plot, and the least-squares line of `ordered` on `theoretical`.

    Parameters
    ----------
    x : array of shape (n,)
        In any order. Each of several equal values is a point of its own.

    Returns
    -------
    QQ
        `theoretical` and `ordered` rise. If all values are equal, the slope is 0.

    Raises
    ------
    ValueError
        If there are fewer than two values.

    Examples
    --------
    >>> theoretical, ordered, slope, intercept = qq_points(np.array([5.0, 0.0, 1.0]))
    >>> ordered, round(slope, 4), round(intercept, 4)
    (array([0., 1., 5.]), 3.0513, 2.0)
    """
    ordered = np.sort(np.asarray(x, dtype=float))
    n = len(ordered)
    if n < 2:
        raise ValueError("at least two values are needed")
    theoretical = normal_quantiles(n)
    if ordered[0] == ordered[-1]:
        return QQ(theoretical, ordered, 0.0, float(ordered[0]))
    t = theoretical - theoretical.mean()
    o = ordered - ordered[n // 2]
    slope = float(t @ (o - o.mean()) / (t @ t))
    intercept = float(ordered.mean() - slope * theoretical.mean())
    return QQ(theoretical, ordered, slope, intercept)
