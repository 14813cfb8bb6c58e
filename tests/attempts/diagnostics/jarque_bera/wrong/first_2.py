# wrong (core): the fourth moment comes from raw moments, which cancel far from 0
"""Skewness, kurtosis, and the Jarque-Bera test of normality.

Let m_k be the k-th central moment of the n values, m_k = sum_i (x_i - mean)**k / n. Then

    skewness = m_3 / m_2**1.5                                           0 for a normal distribution
    kurtosis = m_4 / m_2**2                                             3 for a normal distribution
    statistic = n/6 * (skewness**2 + (kurtosis - 3)**2 / 4)

All moments divide by n. The kurtosis is not the excess kurtosis, which is smaller by 3. x may lie a thousand standard
deviations from 0.

If the values are normal and n is large, the statistic has about a chi-squared distribution with 2 degrees of freedom.

Source: Jarque and Bera, A Test for Normality of Observations and Regression Residuals (1987).

Strict
------
- x may even lie a million standard deviations from 0.
- Values that are all equal raise ValueError even if rounding makes their computed variance a little more than 0.
- x may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    """The statistic and its p-value."""

    statistic: float
    pvalue: float

def _deviations(x):
    """The deviations from the mean."""
    x = np.asarray(x).astype(float)
    if x.size == 0 or (x == x[0]).all():
        raise ValueError("all values are equal")
    d = x - x[0]
    d = d - d.mean()
    return d - d.mean()


def skewness(x: np.ndarray) -> float:
    """Return the skewness of a sample.

    Parameters
    ----------
    x : array of shape (n,)

    Raises
    ------
    ValueError
        If all values are equal.

    Examples
    --------
    The long tail is on the left, so the skewness is negative.

    >>> round(skewness(np.array([1.0, 1.0, 1.0, 0.0])), 6)
    -1.154701
    """
    d = _deviations(x)
    return float(np.mean(d**3) / np.mean(d**2) ** 1.5)


def kurtosis(x: np.ndarray) -> float:
    """Return the kurtosis of a sample.

    Parameters
    ----------
    x : array of shape (n,)

    Raises
    ------
    ValueError
        If all values are equal.

    Examples
    --------
    >>> round(kurtosis(np.array([1.0, 1.0, 1.0, 0.0])), 6)
    2.333333
    """
    d = _deviations(x)
    x = np.asarray(x).astype(float)
    mean = x.mean()
    m4 = np.mean(x**4) - 4 * mean * np.mean(x**3) + 6 * mean**2 * np.mean(x**2) - 3 * mean**4
    return float(m4 / np.mean(d**2) ** 2)


def jarque_bera(x: np.ndarray) -> JarqueBera:
    """Test whether skewness and kurtosis of a sample are those of a normal distribution.

    Parameters
    ----------
    x : array of shape (n,)

    Returns
    -------
    JarqueBera
        The p-value is the probability that a chi-squared variable with 2 degrees of freedom exceeds the statistic.

    Raises
    ------
    ValueError
        If all values are equal.

    Examples
    --------
    >>> statistic, pvalue = jarque_bera(np.array([1.0, 1.0, 1.0, 0.0]))
    >>> round(statistic, 6), round(pvalue, 6)
    (0.962963, 0.617867)
    """
    n = len(x)
    statistic = n / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)
    return JarqueBera(float(statistic), float(np.exp(-statistic / 2)))
