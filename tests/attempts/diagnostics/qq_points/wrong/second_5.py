# wrong (core): the line is put through the median of the values, not through their mean (right for symmetric samples)
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

from typing import NamedTuple

import numpy as np
from statistics import NormalDist


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
    i = np.arange(1, n + 1)
    p = (i - 0.3175) / (n + 0.365)
    p[-1] = 0.5 ** (1 / n)
    p[0] = 1 - 0.5 ** (1 / n)
    inv = NormalDist().inv_cdf
    return np.array([inv(float(v)) for v in p])


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
    ordered = np.sort(np.asarray(x, dtype=np.float64))
    n = len(ordered)
    if n < 2:
        raise ValueError("at least two values are needed")
    theoretical = normal_quantiles(n)
    mean = ordered.mean()
    t = theoretical - theoretical.mean()
    slope = (t * (ordered - mean)).sum() / (t * t).sum()
    if ordered[0] == ordered[-1]:
        return QQ(theoretical, ordered, 0.0, float(ordered[0]))
    return QQ(theoretical, ordered, float(slope), float(np.median(ordered) - slope * theoretical.mean()))
