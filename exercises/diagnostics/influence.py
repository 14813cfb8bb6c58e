# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- influence
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
- Features and y may lie a million standard deviations from zero, in units as unlike as those of an income and an
  interest rate.
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
