# wrong (core): the series is cut after 20 terms, too few for small t
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- kolmogorov_smirnov
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
    reference = np.sort(np.asarray(reference, dtype=np.float64))
    current = np.sort(np.asarray(current, dtype=np.float64))
    n, m = len(reference), len(current)
    if n == 0 or m == 0:
        raise ValueError("a sample is empty")
    grid = np.concatenate([reference, current])
    f_reference = np.searchsorted(reference, grid, side="right") / n
    f_current = np.searchsorted(current, grid, side="right") / m
    return float(np.max(np.abs(f_reference - f_current)))


def ks_pvalue(statistic: float, n: int, m: int) -> float:
    """Return the p-value of a statistic of samples of sizes n and m.

    Examples
    --------
    >>> round(ks_pvalue(0.5, n=8, m=8), 9)  # t = 1
    0.269999672
    >>> ks_pvalue(0.0, n=100, m=200)
    1.0
    """
    statistic, n, m = float(statistic), int(n), int(m)
    if not 0.0 <= statistic <= 1.0 or n < 1 or m < 1:
        raise ValueError("statistic must lie in [0, 1], n and m be at least 1")
    t = statistic * math.sqrt(n * m / (n + m))
    if t == 0.0:
        return 1.0
    total = sum((-1) ** (k - 1) * math.exp(-2.0 * k * k * t * t) for k in range(1, 21))
    return min(1.0, max(0.0, 2.0 * total))
