# wrong (core): residual sum of squares as total minus explained, which cancels for a close fit
"""Leverage, studentised residuals and Cook's distance.

Least squares fits an intercept and a coefficient for each feature: p = n_features + 1 numbers from n samples. Let Z be
X with a column of ones in front, e_i = y_i - fitted_i, and s^2 = sum_i e_i^2 / (n - p).

Leverage is the weight of y_i in its own fitted value:

    h_i = the i-th diagonal element of Z (Z'Z)^-1 Z'

The variance of e_i is (1 - h_i) sigma^2. So a residual is studentised by

    internally:    e_i / (s sqrt(1 - h_i))
    externally:    e_i / (s_(i) sqrt(1 - h_i))

where s_(i)^2 is the s^2 of the fit to the other n - 1 samples. Cook's distance tells how far all fitted values move if
sample i is left out:

    D_i = sum_j (fitted_j - fitted_j without i)^2 / (p s^2) = e_i^2 / (p s^2) * h_i / (1 - h_i)^2

Every function runs in O(n p^2) time: no n by n matrix, and no fit for each sample.

Sources: Cook (1977); Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 2.

Strict
------
- Residual and distance are NaN if 1 - h_i is below 1e-8: any y_i is fitted exactly.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def leverage(X: np.ndarray) -> np.ndarray:
    """Return the leverage of each sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.

    Examples
    --------
    >>> leverage(np.array([[0.0], [1.0], [2.0], [3.0]])).round(9)
    array([0.7, 0.3, 0.3, 0.7])
    """
    basis = _basis(X)
    return 1.0 / len(basis) + np.sum(basis**2, axis=1)


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    """Return the studentised residuals, with the sign of e_i.

    Raises
    ------
    ValueError
        If n <= p, or n <= p + 1 for external residuals: the variance has no degree of freedom.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> studentized_residuals(X, y, external=False).round(4)
    array([ 1.291 , -0.8452, -0.8452,  1.291 ])
    >>> studentized_residuals(X, y, external=True).round(4)
    array([ 2.2361, -0.7454, -0.7454,  2.2361])
    """
    n, p = len(X), np.shape(X)[1] + 1
    if n <= p or (external and n <= p + 1):
        raise ValueError("the variance has no degree of freedom")
    e, h, sse = _fit(X, y)
    rest = _rest(h)
    if external:
        variance = np.maximum(sse - e**2 / rest, 0.0) / (n - p - 1)
    else:
        variance = sse / (n - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return e / np.sqrt(variance * rest)


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Cook's distance of each sample.

    Raises
    ------
    ValueError
        If n <= p.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> cooks_distance(X, y).round(4)
    array([1.9444, 0.1531, 0.1531, 1.9444])
    """
    n, p = len(X), np.shape(X)[1] + 1
    if n <= p:
        raise ValueError("the variance has no degree of freedom")
    e, h, sse = _fit(X, y)
    s2 = sse / (n - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return e**2 / (p * s2) * h / _rest(h) ** 2


def _basis(X):
    """Return an orthonormal basis of the centred features."""
    X = np.asarray(X, dtype=float)
    centred = X - X.mean(axis=0)
    centred -= centred.mean(axis=0)
    centred /= np.sqrt(np.sum(centred**2, axis=0))
    u, d, _ = np.linalg.svd(centred, full_matrices=False)
    return u[:, d > 1e-12 * d[:1].max(initial=0.0)]


def _fit(X, y):
    """Return the residuals, the leverages and the sum of squared residuals."""
    basis = _basis(X)
    y = np.asarray(y, dtype=float)
    centred = y - y.mean()
    centred -= centred.mean()
    e = centred - basis @ (basis.T @ centred)
    e -= basis @ (basis.T @ e)
    explained = basis.T @ centred
    sse = max(centred @ centred - explained @ explained, 0.0)
    return e, leverage(X), sse


def _rest(h):
    """Return 1 - h, NaN if the sample is fitted exactly."""
    return np.where(1.0 - h < 1e-8, np.nan, 1.0 - h)
