# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- maximum_mean_discrepancy
"""Maximum mean discrepancy (MMD): a two-sample test for rows of any dimension.

Rows of one distribution are as similar across two samples as within them:

    k(x, y) = exp(-gamma * ||x - y||**2)
    MMD**2  = mean k(x, x') + mean k(y, y') - 2 * mean k(x, y)

In the unbiased estimate, the means within a sample leave out pairs of a row with itself, and it may be negative. In the
biased one they count, and it is never negative.

Source: Gretton et al., A kernel two-sample test (2012), sections 2.2 and 8.

Strict
------
- Rows far from the origin lose no digits: the distance is that of the difference.
- X and Y may be integers of any type.
- In the p-value, estimates within 1e-12 of each other are ties.
- ValueError if X and Y differ in columns, or gamma is not above 0.
"""

import numpy as np


def squared_mmd(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Return the estimate of MMD**2.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (m, d)
        n and m may differ.

    Raises
    ------
    ValueError
        If a sample has no row, or, for the unbiased estimate, only one.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0]])
    >>> squared_mmd(X, X, gamma=np.log(2))
    -0.5
    >>> squared_mmd(X, X, gamma=np.log(2), unbiased=False)
    0.0
    """
    raise NotImplementedError


def median_gamma(X: np.ndarray, Y: np.ndarray) -> float:
    """Return 1 / (2 * s**2), where s is the median distance between two rows.

    The pairs are those of rows i < j of the pooled sample, within X, within Y and across. Of an even number of
    distances, the median is the mean of the middle two.

    Raises
    ------
    ValueError
        If s is 0.

    Examples
    --------
    >>> median_gamma(np.array([[0.0], [2.0]]), np.array([[3.0], [8.0]]))
    0.03125
    """
    raise NotImplementedError


def mmd_p_value(X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator) -> float:
    """Return the p-value of a permutation test.

    A permutation shuffles the pooled rows: the first n are X, the others Y. With the unbiased estimate:

        p = (1 + permutations with an estimate >= the observed one) / (1 + n_permutations)

    Raises
    ------
    ValueError
        If a sample has fewer than two rows.

    Examples
    --------
    >>> X, Y = np.zeros((9, 2)), np.zeros((4, 2))
    >>> mmd_p_value(X, Y, 1.0, 19, np.random.default_rng(0))
    1.0
    """
    raise NotImplementedError
