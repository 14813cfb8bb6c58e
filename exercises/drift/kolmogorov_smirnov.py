# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- kolmogorov_smirnov
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
    raise NotImplementedError


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
    raise NotImplementedError
