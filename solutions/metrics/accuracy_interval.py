"""Confidence intervals of a metric: Wilson's for a proportion, the bootstrap for anything else.

Wilson's interval, with p = count / nobs and z the (1 + level) / 2 quantile of the normal distribution, is

    low, high = (p + z^2 / (2 nobs) -+ z sqrt(p (1 - p) / nobs + z^2 / (4 nobs^2))) / (1 + z^2 / nobs)

The bootstrap computes a statistic on resamples of the rows, which are given here. With the m values sorted, the
percentile interval is

    low, high = quantile((1 - level) / 2), quantile((1 + level) / 2)

where quantile(q) interpolates linearly between the values at position q (m - 1), counted from 0.

Source: Wilson, Probable inference, the law of succession, and statistical inference (1927); Efron and Tibshirani, An
Introduction to the Bootstrap (1993), chapter 13.

Strict
------
- ValueError if level is not between 0 and 1, there is no resample, or the paired data differ in length.
- The data, the indices and what statistic returns may be integers of any type.
"""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """The ends of a confidence interval."""

    low: float
    high: float


def wilson_interval(count: int, nobs: int, level: float = 0.95) -> Interval:
    """Return Wilson's interval for a proportion, such as an accuracy.

    Parameters
    ----------
    count : int
        Number of successes.
    nobs : int
        Number of trials.
    level : float

    Raises
    ------
    ValueError
        If nobs is less than 1, or count is not from 0 to nobs.

    Examples
    --------
    Ten of ten correct.

    >>> low, high = wilson_interval(10, 10)
    >>> round(low, 4), round(high, 4)
    (0.7225, 1.0)
    """
    if nobs < 1 or not 0 <= count <= nobs:
        raise ValueError(f"{count} successes of {nobs} are no proportion")
    z, p = NormalDist().inv_cdf(_tails(level)[1]), count / nobs
    center = p + z**2 / (2 * nobs)
    half = z * math.sqrt(p * (1 - p) / nobs + z**2 / (4 * nobs**2))
    scale = 1 + z**2 / nobs
    return Interval((center - half) / scale, (center + half) / scale)


def bootstrap_interval(statistic: Callable, data: np.ndarray, indices: np.ndarray, level: float = 0.95) -> Interval:
    """Return the percentile interval of a statistic.

    Parameters
    ----------
    statistic : Callable
        Takes an array of rows and returns a number.
    data : array of shape (n_samples,) or (n_samples, n_columns)
    indices : array of int of shape (n_resamples, n_samples)
        The rows of each resample.
    level : float

    Examples
    --------
    The medians are 1, 9 and 4.

    >>> indices = np.array([[0, 2, 0], [1, 1, 2], [2, 1, 0]])
    >>> bootstrap_interval(np.median, np.array([1.0, 9.0, 4.0]), indices, level=0.5)
    Interval(low=2.5, high=6.5)
    """
    return _percentiles([float(statistic(data[rows])) for rows in indices], level)


def paired_bootstrap_interval(
    statistic: Callable, data_a: np.ndarray, data_b: np.ndarray, indices: np.ndarray, level: float = 0.95
) -> Interval:
    """Return the percentile interval of statistic(a) - statistic(b), where both use the same rows of a resample.

    Row i of data_a and row i of data_b belong to the same sample. The parameters are those of bootstrap_interval.

    Examples
    --------
    >>> a, b = np.array([3.0, 5.0, 9.0]), np.array([1.0, 3.0, 7.0])
    >>> paired_bootstrap_interval(np.median, a, b, np.array([[0, 0, 1], [2, 2, 1]]))
    Interval(low=2.0, high=2.0)
    """
    if len(data_a) != len(data_b):
        raise ValueError(f"{len(data_a)} rows of a and {len(data_b)} rows of b are no pairs")
    return _percentiles([float(statistic(data_a[rows])) - float(statistic(data_b[rows])) for rows in indices], level)


def _tails(level: float) -> tuple[float, float]:
    """Return which quantiles stand at the ends of a two-sided interval."""
    if not 0 < level < 1:
        raise ValueError(f"the level {level} is not between 0 and 1")
    return (1 - level) / 2, (1 + level) / 2


def _percentiles(values: list[float], level: float) -> Interval:
    """Return the middle part of the values that has this level."""
    if not values:
        raise ValueError("there is no resample")
    return Interval(*np.quantile(values, _tails(level)).tolist())


def wilson_interval_via_roots(count: int, nobs: int, level: float = 0.95) -> Interval:
    """Solve (p - x)^2 = z^2 x (1 - x) / nobs: the score test is at its limit there."""
    if not (0 <= count <= nobs and nobs > 0):
        raise ValueError("count has to be from 0 to nobs")
    _, upper = _tails(level)
    z2 = NormalDist().inv_cdf(upper) ** 2
    a, b = nobs * (nobs + z2), nobs * (2 * count + z2)
    larger = (b + math.sqrt(b**2 - 4 * a * count**2)) / 2
    return Interval(count**2 / larger, larger / a)


def wilson_interval_via_shrinkage(count: int, nobs: int, level: float = 0.95) -> Interval:
    """Add z^2 / 2 successes and as many failures: the middle is the new proportion."""
    if nobs <= 0 or count < 0 or count > nobs:
        raise ValueError("count has to be from 0 to nobs")
    z = -NormalDist().inv_cdf(_tails(level)[0])
    total = nobs + z**2
    middle = (count + z**2 / 2) / total
    reach = z / total * math.sqrt(count * (nobs - count) / nobs + z**2 / 4)
    return Interval(middle - reach, middle + reach)


def bootstrap_interval_via_sorting(
    statistic: Callable, data: np.ndarray, indices: np.ndarray, level: float = 0.95
) -> Interval:
    """Sort the values, and interpolate between the two on either side of a position."""
    if len(indices) == 0:
        raise ValueError("there is no resample")
    values = sorted(float(statistic(np.take(data, rows, axis=0))) for rows in indices)

    def at(position: float) -> float:
        below = math.floor(position)
        above = min(below + 1, len(values) - 1)
        return values[below] + (position - below) * (values[above] - values[below])

    tail = _tails(level)[0] * (len(values) - 1)
    return Interval(at(tail), at(len(values) - 1 - tail))


def paired_bootstrap_interval_via_stacking(
    statistic: Callable, data_a: np.ndarray, data_b: np.ndarray, indices: np.ndarray, level: float = 0.95
) -> Interval:
    """Put a and b side by side, so that a row has both, and take the difference for the statistic."""

    def difference(pairs: np.ndarray) -> float:
        return float(statistic(pairs[:, 0])) - float(statistic(pairs[:, 1]))

    return bootstrap_interval(difference, np.stack([data_a, data_b], axis=1), indices, level)
