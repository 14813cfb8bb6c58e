# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- lasso
"""The lasso.

Over n samples, the lasso minimises

    1 / (2 n) * sum_i (y_i - intercept - x_i . coef)^2 + alpha * sum_j |coef_j|

The intercept has no penalty; the best one makes the residuals r_i sum to 0. With g_j = (sum_i x_ij * r_i) / n, coef is
a minimum if and only if for every feature

    g_j = alpha * sign(coef_j)     if coef_j is not 0
    |g_j| <= alpha                 if coef_j is 0

So weak features get a coefficient of exactly 0.

Source: Tibshirani (1996); Friedman, Hastie and Tibshirani (2010), section 2.

Strict
------
- Stop only when every condition holds to within tol, in any unit of X and however many steps it takes.
- A coefficient of a constant feature is exactly 0, also if rounding makes its mean inexact. All may be constant.
- ValueError if alpha is negative.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def soft_threshold(z: np.ndarray, t: float) -> np.ndarray:
    """Move every number towards 0 by t, and no further than 0.

    Parameters
    ----------
    z : array of any shape
    t : float
        Not negative.

    Examples
    --------
    >>> soft_threshold(np.array([3.0, -0.5, -2.0]), 1.0)
    array([ 2.,  0., -1.])
    """
    raise NotImplementedError


def fit_lasso(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    """Fit a linear model with an intercept and an L1 penalty.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. Features may be constant or copies of others, and there may
        be more features than samples. If there are several minima, return any.
    y : array of shape (n_samples,)
    alpha : float
        0 is least squares.
    tol : float
        The largest error allowed in the conditions above.

    Returns
    -------
    Fit
        A coefficient is exactly 0 if |g_j| < alpha, or if its feature is constant.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_lasso(X, y, alpha=1 / 3)  # the slope is (7/3 - alpha) / (2/3)
    >>> round(intercept, 6), coef.round(6)
    (1.0, array([3.]))
    """
    raise NotImplementedError
