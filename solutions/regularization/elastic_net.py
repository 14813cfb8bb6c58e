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
    _check(alpha, l1_ratio)
    l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)
    x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(), len(X)
    centred = X - x_mean
    pull, gram = centred.T @ (y - y_mean) / n_samples, centred.T @ centred / n_samples
    gram += l2 * np.eye(len(pull))
    varying = np.flatnonzero((X[0] != X).any(axis=0))
    coef = np.zeros(len(pull))
    for _ in range(2_000):
        for j in varying:
            # What the others leave to explain, in the direction of this feature.
            rest = pull[j] - gram[j] @ coef + gram[j, j] * coef[j]
            coef[j] = (rest - np.clip(rest, -l1, l1)) / gram[j, j]
        if (_missed(pull - gram @ coef, coef, l1)[varying] <= tol).all():
            break
    else:
        raise RuntimeError("the conditions are not met after 2,000 sweeps")
    return Fit(float(y_mean - x_mean @ coef), coef)


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
    if not 0 < l1_ratio <= 1:
        raise ValueError(f"l1_ratio is {l1_ratio}: it has to be above 0 and at most 1")
    pull = (X - X.mean(axis=0)).T @ (y - y.mean()) / len(X)
    return float(np.abs(pull).max() / l1_ratio)


def _check(alpha: float, l1_ratio: float) -> None:
    if alpha < 0 or not 0 <= l1_ratio <= 1:
        raise ValueError(f"alpha {alpha} is negative, or l1_ratio {l1_ratio} is not from 0 to 1")


def _missed(g: np.ndarray, coef: np.ndarray, l1: float) -> np.ndarray:
    """Return by how much each feature misses its condition."""
    return np.where(coef == 0, np.maximum(np.abs(g) - l1, 0), np.abs(g - l1 * np.sign(coef)))


def fit_elastic_net_via_more_samples(
    X: np.ndarray, y: np.ndarray, alpha: float, l1_ratio: float = 0.5, tol: float = 1e-8
) -> Fit:
    """Add a sample for each feature, whose squared residual is the L2 part. What is left is a lasso."""
    _check(alpha, l1_ratio)
    n_samples, n_features = X.shape
    centred = X - X.mean(axis=0)
    centred[:, (X[0] == X).all(axis=0)] = 0.0
    longer = np.vstack([centred, (n_samples * alpha * (1 - l1_ratio)) ** 0.5 * np.eye(n_features)])
    left = np.append(y - y.mean(), np.zeros(n_features))
    squares, coef, pressure = (longer**2).sum(axis=0), np.zeros(n_features), n_samples * alpha * l1_ratio
    for _ in range(2_000):
        for j, column in enumerate(longer.T):
            if squares[j] > 0:
                wish = column @ left + squares[j] * coef[j]
                new = (max(wish - pressure, 0.0) + min(wish + pressure, 0.0)) / squares[j]
                left, coef[j] = left - (new - coef[j]) * column, new
        if (_missed(longer.T @ left / n_samples, coef, alpha * l1_ratio) <= tol).all():
            break
    else:
        raise RuntimeError("no convergence")
    return Fit(float(np.mean(y - X @ coef)), coef)


def fit_elastic_net_via_proximal_gradient(
    X: np.ndarray, y: np.ndarray, alpha: float, l1_ratio: float = 0.5, tol: float = 1e-8
) -> Fit:
    """Step down the squared residuals with all coefficients at once, then down both penalties, with momentum."""
    _check(alpha, l1_ratio)
    l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)
    centred, n_samples = X - X.mean(axis=0), len(X)
    centred[:, (X[0] == X).all(axis=0)] = 0
    lr = n_samples / max(np.linalg.norm(centred, ord=2) ** 2, 1e-300)
    coef = ahead = np.zeros(X.shape[1])
    age = 1.0
    for _ in range(3_000):
        g = centred.T @ (y - y.mean() - centred @ coef) / n_samples - l2 * coef
        if (_missed(g, coef, l1) <= tol).all():
            break
        moved = ahead + lr * centred.T @ (y - y.mean() - centred @ ahead) / n_samples
        new = np.sign(moved) * np.maximum(np.abs(moved) - lr * l1, 0) / (1 + lr * l2)
        older, age = age, (1 + (1 + 4 * age**2) ** 0.5) / 2
        # Momentum is dropped where it has come to lead uphill.
        if (ahead - new) @ (new - coef) > 0:
            older = age = 1.0
        ahead, coef = new + (older - 1) / age * (new - coef), new
    else:
        raise RuntimeError("no convergence")
    return Fit(float(y.mean() - X.mean(axis=0) @ coef), coef)


def alpha_max_via_covariances(X: np.ndarray, y: np.ndarray, l1_ratio: float = 0.5) -> float:
    """Take the largest covariance with y, one feature at a time."""
    if l1_ratio <= 0 or l1_ratio > 1:
        raise ValueError("l1_ratio is not above 0 and at most 1")
    largest = max(abs(np.cov(feature, y, ddof=0)[0, 1]) for feature in X.T)
    return float(largest) / l1_ratio


def alpha_max_via_both_signs(X: np.ndarray, y: np.ndarray, l1_ratio: float = 0.5) -> float:
    """Leave the features as they are, since the residuals at coef 0 sum to 0. A feature pulls up or down."""
    if not (0 < l1_ratio <= 1):
        raise ValueError("l1_ratio is not above 0 and at most 1")
    pull = (y - y.mean()) @ X
    return float(max(pull.max(), -pull.min())) / (len(X) * l1_ratio)
