# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- accuracy_interval
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

from collections.abc import Callable
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
