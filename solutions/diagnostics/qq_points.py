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

import math
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
    positions = (np.arange(1, n + 1) - 0.3175) / (n + 0.365)
    positions[-1] = 0.5 ** (1 / n)
    positions[0] = 1 - positions[-1]
    return np.array([NormalDist().inv_cdf(p) for p in positions])


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
    if x.size < 2:
        raise ValueError(f"a line needs two values or more, not {x.size}")
    theoretical, ordered = normal_quantiles(x.size), np.sort(x)
    # The quantiles add up to 0.
    slope = theoretical @ (ordered - ordered.mean()) / (theoretical @ theoretical)
    return QQ(theoretical, ordered, float(slope), float(ordered.mean()))


def normal_quantiles_via_bisection(n: int) -> np.ndarray:
    """Halve an interval until the normal CDF, by erfc, is at the position. The lower half mirrors the upper one."""
    upper = []
    for i in range(n // 2 + 1, n + 1):
        tail = 1 - 0.5 ** (1 / n) if i == n else (n - i + 0.6825) / (n + 0.365)
        low, high = 0.0, 40.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erfc(middle / math.sqrt(2)) > 2 * tail else (low, middle)
        upper.append(low)
    return np.array([-value for value in upper[::-1]][: n // 2] + upper)


def qq_points_via_design(x: np.ndarray) -> QQ:
    """Fit the line by least squares on a column of ones."""
    if len(x) <= 1:
        raise ValueError("a line needs two values")
    theoretical, ordered = normal_quantiles(len(x)), np.sort(x)
    design = np.column_stack([np.ones(len(x)), theoretical])
    (intercept, slope), *_ = np.linalg.lstsq(design, ordered)
    return QQ(theoretical, ordered, float(slope), float(intercept))


def qq_points_via_mirror(x: np.ndarray) -> QQ:
    """Add up the gaps between values at mirrored positions: their quantiles differ in sign alone."""
    if len(x) in (0, 1):
        raise ValueError("a line needs two values")
    theoretical, ordered = normal_quantiles(len(x)), np.sort(x)
    gaps = ordered[::-1] * 1.0 - ordered
    slope = -math.fsum(theoretical * gaps) / math.fsum(theoretical**2) / 2
    return QQ(theoretical, ordered, slope, math.fsum(x) / len(x))
