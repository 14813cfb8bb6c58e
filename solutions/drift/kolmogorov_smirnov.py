"""The two-sample Kolmogorov-Smirnov test of whether a distribution has changed.

The statistic D is the largest distance between the empirical distribution functions of the two samples:

    F(x) = values <= x / all values
    D    = max over x of |F_reference(x) - F_current(x)|

If samples of sizes n and m come from one continuous distribution, the p-value of D tends to Kolmogorov's limit:

    p = 2 * sum over k = 1, 2, 3, ... of (-1)**(k - 1) * exp(-2 * k**2 * t**2)          t = D * sqrt(n * m / (n + m))

Use the limit for samples of any size, without a correction for small ones. As t falls to 0, p rises to 1, although the
sum needs more and more terms; p is 1 at t = 0.

Sources: Smirnov, Table for estimating the goodness of fit of empirical distributions (1948); Hodges, The significance
probability of the Smirnov two-sample test (1958).

Strict
------
- A t below 0.05, down to 0.02, has its exact p. No p is above 1. A p as small as 1e-280 keeps nine digits.
- ValueError if a statistic is not in [0, 1], or n or m is less than 1.
"""

import math

import numpy as np


def ks_statistic(reference: np.ndarray, current: np.ndarray) -> float:
    """Return D, in O(n log n) time.

    Parameters
    ----------
    reference, current : arrays of shapes (n,) and (m,)
        In any order. Values may be tied, within a sample and across.

    Raises
    ------
    ValueError
        If a sample is empty.

    Examples
    --------
    >>> ks_statistic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0]))
    0.5
    >>> ks_statistic(np.array([7.0, 2.0]), np.array([2.0, 2.0, 7.0, 7.0]))
    0.0
    """
    values = np.sort(_values(reference, current))  # in order they are looked up fastest
    below_reference = np.searchsorted(np.sort(reference), values, side="right") / len(reference)
    below_current = np.searchsorted(np.sort(current), values, side="right") / len(current)
    return float(np.abs(below_reference - below_current).max())


def ks_pvalue(statistic: float, n: int, m: int) -> float:
    """Return the p-value of a statistic of samples of sizes n and m.

    Examples
    --------
    >>> round(ks_pvalue(0.5, n=8, m=8), 9)  # t = 1
    0.269999672
    >>> ks_pvalue(0.0, n=100, m=200)
    1.0
    """
    _check(statistic, n, m)
    # Below 0.1, p differs from 1 by less than 1e-50; and from there up, 50 terms are more than enough.
    t = max(statistic * math.sqrt(n * m / (n + m)), 0.1)
    k = np.arange(1, 51)
    return min(1.0, float(-2 * ((-1.0) ** k * np.exp(-2 * (k * t) ** 2)).sum()))


def _values(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Return the values of both samples, if neither is empty."""
    if len(reference) == 0 or len(current) == 0:
        raise ValueError("a sample is empty")
    return np.concatenate([reference, current])


def _check(statistic: float, n: int, m: int) -> None:
    if not 0 <= statistic <= 1:
        raise ValueError(f"the statistic is {statistic}, and must be from 0 to 1")
    if n < 1 or m < 1:
        raise ValueError(f"the sizes are {n} and {m}, and must be at least 1")


def ks_statistic_via_steps(reference: np.ndarray, current: np.ndarray) -> float:
    """Step up at one sample's values and down at the other's, and look where a stretch of ties ends."""
    values = _values(reference, current)
    steps = np.repeat([1 / len(reference), -1 / len(current)], [len(reference), len(current)])
    order = np.argsort(values)
    ends = np.append(np.flatnonzero(np.diff(values[order]) > 0), len(values) - 1)
    return float(np.abs(np.cumsum(steps[order])[ends]).max())


def ks_statistic_via_walking(reference: np.ndarray, current: np.ndarray) -> float:
    """Walk through both sorted samples at once, from each value to the next larger one, and count in whole numbers."""
    _values(reference, current)
    n, m = len(reference), len(current)
    ours, theirs = sorted(reference.tolist()), sorted(current.tolist())
    i = j = largest = 0
    while i < n and j < m:
        value = min(ours[i], theirs[j])
        while i < n and ours[i] == value:
            i += 1
        while j < m and theirs[j] == value:
            j += 1
        largest = max(largest, abs(i * m - j * n))
    return largest / (n * m)


def ks_pvalue_via_theta(statistic: float, n: int, m: int) -> float:
    """Take the series as it is where t is large, and Jacobi's transform of it, which falls fast, where t is small."""
    _check(statistic, n, m)
    t = statistic * math.sqrt(n * m / (n + m))
    if t > 1:
        q = math.exp(-2 * t**2)
        return 2 * (q - q**4 + q**9)
    if not statistic:
        return 1.0
    q = math.exp(-((math.pi / t) ** 2) / 8)
    return 1 - math.sqrt(2 * math.pi) * (q + q**9) / t


def ks_pvalue_via_pairs(statistic: float, n: int, m: int) -> float:
    """Add two terms at a time, which takes care of the signs, until they no longer matter."""
    _check(statistic, n, m)
    square = 2 * statistic**2 / (1 / n + 1 / m)
    if square < 0.01:
        return 1.0
    total, k = 0.0, 1
    while True:
        pair = math.exp(-square * k**2) - math.exp(-square * (k + 1) ** 2)
        total += pair
        k += 2
        if pair <= 1e-17 * total:
            return min(1.0, 2 * total)
