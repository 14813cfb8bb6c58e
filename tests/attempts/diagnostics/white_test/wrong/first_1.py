# wrong (core): takes only the squares of two-valued features from dof, not products that are redundant too
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- white_test
"""White's test of constant error variance.

The variance of the errors may depend on the features in any smooth way. So the test fits the squared residuals to a
polynomial of degree 2 in the features:

    1. Fit y to X with an intercept, and take the squared residuals e_i**2.
    2. Fit e_i**2, with an intercept, to all x_j and all products x_j * x_k with j <= k.
       R2 of that fit is 1 - sum of squared residuals / sum of squared deviations of e_i**2 from their mean.
    3. statistic = n * R2, with n samples.

If the variance is constant and n is large, the statistic has about a chi-squared distribution with dof degrees of
freedom.

Source: White, A Heteroskedasticity-Consistent Covariance Matrix Estimator and a Direct Test for Heteroskedasticity
(1980).

Strict
------
- If all |e_i| are equal to within 1e-9 of the largest |y_i|, the statistic is 0, not 0 / 0.
- The unit of a feature does not matter, nor its origin: it may lie a million standard deviations from 0.
"""

from typing import NamedTuple

import numpy as np


class White(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def white_test(X: np.ndarray, y: np.ndarray) -> White:
    """Test whether the error variance depends on the features, their squares or their cross products.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column: the intercept is yours to add. No column is constant or collinear with others.
    y : array of shape (n_samples,)

    Returns
    -------
    White
        dof is the number of terms of the second fit without the intercept. A term that is a linear combination of the
        others and the intercept does not count: the square of a 0/1 feature is that feature.

    Raises
    ------
    ValueError
        If there are fewer than dof + 2 samples.

    Examples
    --------
    The first fit is 0 everywhere, so the squares are 0, 1, 4 and 1. A parabola explains 5.8 of their 9.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> statistic, dof = white_test(X, np.array([0.0, 1.0, -2.0, 1.0]))
    >>> round(statistic, 6), dof
    (2.577778, 2)
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, k = X.shape
    if n < 2:
        raise ValueError("too few samples")
    Z = X - X.mean(axis=0)
    Z = Z - Z.mean(axis=0)
    spread = Z.std(axis=0)
    Z = Z / np.where(spread > 0, spread, 1.0)
    one = np.ones((n, 1))
    first = np.hstack([one, Z])
    target = y - y.mean()
    e = target - first @ np.linalg.lstsq(first, target, rcond=None)[0]
    terms = np.hstack([Z] + [Z[:, j : j + 1] * Z[:, j:] for j in range(k)])
    terms = terms - terms.mean(axis=0)
    scale = np.sqrt((terms**2).mean(axis=0))
    terms = terms / np.where(scale > 1e-8, scale, np.inf)
    u, s, _ = np.linalg.svd(terms, full_matrices=False)
    u = u[:, s > 1e-8 * s[0]]
    dof = k + k * (k + 1) // 2 - sum(len(np.unique(X[:, j])) == 2 for j in range(k))
    if n < dof + 2:
        raise ValueError("too few samples")
    size = np.abs(e)
    if size.max() - size.min() <= 1e-9 * np.abs(y).max():
        return White(0.0, dof)
    squares = e**2
    dev = squares - squares.mean()
    rest = dev - u @ (u.T @ dev)
    return White(float(n * (1 - rest @ rest / (dev @ dev))), dof)
