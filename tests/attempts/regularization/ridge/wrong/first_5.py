# wrong (core): a jitter of 1e-9 on the diagonal
"""Ridge regression.

Ridge adds a penalty on the size of the coefficients to least squares. It minimises

    sum_i (y_i - intercept - x_i . coef)^2 + alpha * sum_j coef_j^2

The intercept has no penalty. For alpha > 0 there is one minimum for any X. Along a direction in which the centred
features have singular value d, the least-squares solution is multiplied by d^2 / (d^2 + alpha).

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 3.4.1; Hoerl and Kennard (1970).

Strict
------
- At alpha = 0 with dependent features, many fits reach the minimum. Return the one with the smallest sum of coef_j^2.
- Features in any unit, such as 1e-12 or 1e12.
- ValueError if alpha is negative.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit a linear model with an intercept and an L2 penalty.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. Features may be constant, copies or sums of others, and
        there may be more features than samples.
    y : array of shape (n_samples,)
    alpha : float
        0 is least squares.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_ridge(X, y, alpha=5.0)  # the slope is 7 / (2 + alpha)
    >>> round(intercept, 9), coef.round(9)
    (3.0, array([1.]))
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if alpha < 0:
        raise ValueError("alpha must not be negative")
    x_mean, y_mean = X.mean(axis=0), y.mean()
    Xc, yc = X - x_mean, y - y_mean
    Xc[:, X.max(axis=0) == X.min(axis=0)] = 0.0
    coef = np.linalg.solve(Xc.T @ Xc + (alpha + 1e-9) * np.eye(X.shape[1]), Xc.T @ yc)
    return Fit(float(y_mean - x_mean @ coef), coef)
