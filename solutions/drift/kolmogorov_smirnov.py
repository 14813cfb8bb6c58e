"""The two-sample Kolmogorov-Smirnov test: whether one numeric feature is still distributed as it was.

The empirical distribution function of a sample says which share of its values is not above x:

    F(x) = values <= x / all values

The statistic is the largest distance between those of the two samples, whichever is the higher:

    D = max over all x of |F_reference(x) - F_current(x)|

Equal values are all counted at once: the functions jump at them, and have no value in the middle of a jump.

If both samples come from one continuous distribution, the p-value of D tends to Kolmogorov's tail as their sizes n
and m grow:

    t = D * sqrt(n * m / (n + m))
    p = 2 * sum over k = 1, 2, 3, ... of (-1)^(k - 1) * exp(-2 * k^2 * t^2)

Here p is that limit, for samples of every size and without a correction for small ones. (SciPy's method="asymp" takes
the distribution for a single sample of n * m / (n + m) values instead: for n = m = 10 and D = 0.6 it has 0.030, and the
limit is 0.055.) For large t the first term is nearly all of the sum. For small t the terms hardly fall: with
t = 0.01 it takes hundreds. At t = 0 the sum does not converge, but p tends to 1 as t falls to 0, and is 1 there.

Source: Smirnov, Table for estimating the goodness of fit of empirical distributions (1948); Hodges, The significance
probability of the Smirnov two-sample test (1958).
"""

import math

import numpy as np


def ks_statistic(reference: np.ndarray, current: np.ndarray) -> float:
    """Return the largest distance between two samples' distribution functions, in n log n time.

    100,000 values in each sample need well under a second.

    Parameters
    ----------
    reference : array of shape (n,)
    current : array of shape (m,)
        Finite numbers of any sign and size, floats or integers, in any order. Each sample has at least one value, and
        n and m may differ. Values are equal or they are not; close is not equal. Integers
        are at most 2^53 in size.

    Returns
    -------
    float
        From 0, where each value has the same share in both samples, to 1, where all of one lie below all of the other.

    Raises
    ------
    ValueError
        If a sample is empty; if a value is NaN or infinite.

    Examples
    --------
    Of the reference, half is not above 2, and of the current sample nothing is.

    >>> ks_statistic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0]))
    0.5

    The same values in the same shares:

    >>> ks_statistic(np.array([7.0, 2.0]), np.array([2.0, 2.0, 7.0, 7.0]))
    0.0
    """
    values = np.sort(_values(reference, current))  # in order they are looked up fastest
    below_reference = np.searchsorted(np.sort(reference), values, side="right") / len(reference)
    below_current = np.searchsorted(np.sort(current), values, side="right") / len(current)
    return float(np.abs(below_reference - below_current).max())


def ks_pvalue(statistic: float, n: int, m: int) -> float:
    """Return the limit of the probability that two samples of one distribution have a statistic at least this large.

    Parameters
    ----------
    statistic : float
        As `ks_statistic` returns it, from 0 to 1, both included.
    n, m : int, at least 1
        The sizes of the two samples.

    Returns
    -------
    float
        From 0 to 1, and never above: where rounding would carry the sum past 1, p is 1, as it is for a statistic of 0.
        p is right to nine digits however small it is, down to 1e-300.

    Raises
    ------
    ValueError
        If the statistic is below 0, above 1 or NaN; if n or m is below 1.

    Examples
    --------
    Here t is 1 / 2 * sqrt(8 * 8 / 16), which is 1.

    >>> round(ks_pvalue(0.5, n=8, m=8), 9)
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
    """Return the values of both samples, once they are found fit."""
    if len(reference) == 0 or len(current) == 0:
        raise ValueError("a sample without values has no distribution")
    values = np.concatenate([reference, current])
    if not np.isfinite(values).all():
        raise ValueError("a sample has a NaN or an infinite value")
    return values


def _check(statistic: float, n: int, m: int) -> None:
    if not 0 <= statistic <= 1:
        raise ValueError(f"the statistic is {statistic}; a distance between shares lies between 0 and 1")
    if n < 1 or m < 1:
        raise ValueError(f"samples of {n} and {m}: both need a value")


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
    ratio = math.pi / t  # squared by a product, which may be infinite, and not by a power, which may not
    q = math.exp(-ratio * ratio / 8)
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
