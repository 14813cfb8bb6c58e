# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- elastic_net
"""The elastic net: an L1 and an L2 penalty in one.

With residuals r_i = y_i - intercept - x_i . coef over n samples, it minimises

    1 / (2 n) * sum_i r_i^2 + alpha * (l1_ratio * sum_j |coef_j| + (1 - l1_ratio) / 2 * sum_j coef_j^2)

The intercept has no penalty; the best one makes the residuals sum to 0. With
g_j = (sum_i x_ij * r_i) / n - alpha * (1 - l1_ratio) * coef_j, coef is a minimum if and only if for every feature

    g_j = alpha * l1_ratio * sign(coef_j)     if coef_j is not 0
    |g_j| <= alpha * l1_ratio                 if coef_j is 0

Source: Zou and Hastie, Regularization and Variable Selection via the Elastic Net (2005); Friedman, Hastie and
Tibshirani (2010), section 2.

Strict
------
- tol holds in any unit of X, and however many steps it takes.
- A feature that is 0.1 everywhere is constant.
- ValueError if alpha is negative, or l1_ratio is not from 0 to 1.
- X and y may be integers of any type.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_elastic_net(X: np.ndarray, y: np.ndarray, alpha: float, l1_ratio: float = 0.5, tol: float = 1e-8) -> Fit:
    """Fit a linear model with an intercept and the penalty above.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. Features may be constant or copies of others, and there may
        be more features than samples. If there are several minima, return any.
    y : array of shape (n_samples,)
    alpha : float
        0 is least squares.
    l1_ratio : float
        From 0 to 1, both included.
    tol : float
        The largest error allowed in the conditions above.

    Returns
    -------
    Fit
        A coefficient is exactly 0 if |g_j| < alpha * l1_ratio. That of a constant feature is 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_elastic_net(X, y, alpha=2 / 3, l1_ratio=0.5)  # the slope is (7/3 - 1/3) / (2/3 + 1/3)
    >>> round(intercept, 6), coef.round(6)
    (2.0, array([2.]))
    """
    raise NotImplementedError


def alpha_max(X: np.ndarray, y: np.ndarray, l1_ratio: float = 0.5) -> float:
    """Return the smallest alpha at which coef 0 is a minimum, where a path of fits begins.

    Parameters
    ----------
    X, y, l1_ratio : as above

    Raises
    ------
    ValueError
        If l1_ratio is 0: without an L1 part, no alpha is large enough.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> round(alpha_max(X, y, l1_ratio=0.25), 6)  # 7/3 over 1/4
    9.333333
    """
    raise NotImplementedError
