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
    return z - np.clip(z, -t, t)


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
    if alpha < 0:
        raise ValueError(f"alpha is {alpha}, and may not be negative")
    x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(), len(X)
    centred = X - x_mean
    gram, pull = centred.T @ centred / n_samples, centred.T @ (y - y_mean) / n_samples
    varying = np.flatnonzero((X[0] != X).any(axis=0))
    coef = np.zeros(X.shape[1])
    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:
        for j in varying:
            # What the others leave to explain, in the direction of this feature.
            rest = pull[j] - gram[j] @ coef + gram[j, j] * coef[j]
            coef[j] = soft_threshold(rest, alpha) / gram[j, j]
    return Fit(float(y_mean - x_mean @ coef), coef)


def _excess(g: np.ndarray, coef: np.ndarray, alpha: float) -> np.ndarray:
    """Return by how much each feature misses its condition."""
    return np.where(coef == 0, np.maximum(np.abs(g) - alpha, 0), np.abs(g - alpha * np.sign(coef)))


def soft_threshold_via_signs(z: np.ndarray, t: float) -> np.ndarray:
    """Shrink the sizes, and give the signs back."""
    return np.sign(z) * np.maximum(np.abs(z) - t, 0)


def soft_threshold_via_hinges(z: np.ndarray, t: float) -> np.ndarray:
    """Add what is above t and what is below -t: at most one of the two is not 0."""
    return np.maximum(z - t, 0) + np.minimum(z + t, 0)


def fit_lasso_via_residuals(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    """Keep the residuals instead of the products of features, and go through features and samples in plain Python."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    n_samples, y_mean = len(X), sum(y.tolist()) / len(X)
    means = [sum(column) / n_samples for column in X.T.tolist()]
    columns = [[value - mean for value in column] for column, mean in zip(X.T.tolist(), means, strict=True)]
    squares = [0.0 if len(set(column)) == 1 else _mean_product(column, column) for column in columns]
    residuals, coef, done = [value - y_mean for value in y.tolist()], [0.0] * len(columns), False
    while not done:
        for j, column in enumerate(columns):
            rest = _mean_product(column, residuals) + squares[j] * coef[j]
            shrunk = max(rest - alpha, 0.0) + min(rest + alpha, 0.0)
            new = shrunk / squares[j] if squares[j] else 0.0
            residuals = [r - (new - coef[j]) * x for r, x in zip(residuals, column, strict=True)]
            coef[j] = new
        done = all(
            (abs(g - alpha) if w > 0 else abs(g + alpha) if w < 0 else abs(g) - alpha) <= tol
            for g, w in ((_mean_product(column, residuals), w) for column, w in zip(columns, coef, strict=True))
        )
    return Fit(y_mean - sum(mean * w for mean, w in zip(means, coef, strict=True)), np.array(coef))


def _mean_product(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / len(one)


def fit_lasso_via_proximal_gradient(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    """Step down the squared residuals with all coefficients at once, then down the penalty, with momentum (FISTA)."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    centred, n_samples = X - X.mean(axis=0), len(X)
    centred[:, (X[0] == X).all(axis=0)] = 0
    lr = n_samples / max(np.linalg.norm(centred, ord=2) ** 2, 1e-300)
    coef = ahead = np.zeros(X.shape[1])
    age = 1.0
    while True:
        g = centred.T @ (y - y.mean() - centred @ coef) / n_samples
        if (_excess(g, coef, alpha) <= tol).all():
            return Fit(float(np.mean(y - X @ coef)), coef)
        moved = ahead + lr * centred.T @ (y - y.mean() - centred @ ahead) / n_samples
        new = soft_threshold(moved, lr * alpha)
        older, age = age, (1 + (1 + 4 * age**2) ** 0.5) / 2
        # Momentum is dropped where it has come to lead uphill.
        if (ahead - new) @ (new - coef) > 0:
            older = age = 1.0
        ahead, coef = new + (older - 1) / age * (new - coef), new
