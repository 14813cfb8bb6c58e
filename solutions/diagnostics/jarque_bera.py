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

import math
from fractions import Fraction
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
    return float((_standardised(x) ** 3).mean())


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
    return float((_standardised(x) ** 4).mean())


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
    statistic = x.size / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)
    # With 2 degrees of freedom, chi-squared is the exponential distribution of mean 2.
    return JarqueBera(statistic, math.exp(-statistic / 2))


def _standardised(x: np.ndarray) -> np.ndarray:
    """Return the values at a mean of 0 and a variance of 1."""
    if x.min() == x.max():
        raise ValueError("all values are equal: skewness and kurtosis are not defined")
    centred = x - x.mean()
    return centred / np.sqrt((centred**2).mean())


def skewness_via_fractions(x: np.ndarray) -> float:
    """Add up whole powers of the deviations as fractions, without any rounding."""
    if len(set(x.tolist())) == 1:
        raise ValueError("all values are equal")
    values = [Fraction(value) for value in x.tolist()]
    mean = sum(values) / len(values)
    m2, m3 = (sum((value - mean) ** k for value in values) / len(values) for k in (2, 3))
    return math.copysign(math.sqrt(m3**2 / m2**3), m3)


def skewness_via_covariance(x: np.ndarray) -> float:
    """Take the covariance of the standardised values with their own squares."""
    if np.ptp(x) == 0:
        raise ValueError("all values are equal")
    z = (x - x.mean()) / x.std()
    return float(np.cov(z, z**2, bias=True)[0, 1])


def kurtosis_via_updates(x: np.ndarray) -> float:
    """Take in one value at a time, and move the sums of powers along with the mean."""
    mean = s2 = s3 = s4 = 0.0
    for n, value in enumerate(x.tolist(), start=1):
        step = (value - mean) / n
        fresh = step**2 * n * (n - 1)
        s4 += fresh * step**2 * (n**2 - 3 * n + 3) + 6 * step**2 * s2 - 4 * step * s3
        s3 += fresh * step * (n - 2) - 3 * step * s2
        s2 += fresh
        mean += step
    if s2 == 0:
        raise ValueError("all values are equal")
    return len(x) * s4 / s2**2


def kurtosis_via_variance(x: np.ndarray) -> float:
    """Take 1 plus the variance of the squares of the standardised values."""
    if np.ptp(x) == 0:
        raise ValueError("all values are equal")
    z = (x - x.mean()) / x.std()
    return float(1 + (z**2).var())


def jarque_bera_via_sums(x: np.ndarray) -> JarqueBera:
    """Take everything from the sums of powers of the deviations."""
    if np.unique(x).size == 1:
        raise ValueError("all values are equal")
    n, deviations = len(x), x - x.mean()
    s2, s3, s4 = (math.fsum(deviations**k) for k in (2, 3, 4))
    skewed, heavy = n * s3 / s2 * (s3 / s2) / s2, n * s4 / s2**2 - 3
    statistic = n * skewed / 6 + n * heavy**2 / 24
    # Two independent standard normals: exp(-r**2 / 2) is the chance of a distance from 0 above r = sqrt(statistic).
    return JarqueBera(statistic, math.exp(-0.5) ** statistic)
