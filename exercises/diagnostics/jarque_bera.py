# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- jarque_bera
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
- A small p-value is exact in its first digits, too: 1e-27 is not 0.
- x may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    """The statistic and its p-value."""

    statistic: float
    pvalue: float


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
