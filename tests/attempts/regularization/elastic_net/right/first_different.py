# different style; both bars
"""The elastic net: an L1 and an L2 penalty in one.

With residuals r_i = y_i - intercept - x_i . coef over n samples, it minimises

    1 / (2 n) * sum_i r_i^2 + alpha * (l1_ratio * sum_j |coef_j| + (1 - l1_ratio) / 2 * sum_j coef_j^2)

The intercept has no penalty; the best one makes the residuals sum to 0. With
g_j = (sum_i x_ij * r_i) / n - alpha * (1 - l1_ratio) * coef_j, coef is a minimum if and only if for every feature

    g_j = alpha * l1_ratio * sign(coef_j)     if coef_j is not 0
    |g_j| <= alpha * l1_ratio                 if coef_j is 0

Source: Zou and Hastie, Regularization and Variable Selection via the Elastic Net (2005); Friedman, Hastie and
Tibshirani, Regularization Paths for Generalized Linear Models via Coordinate Descent (2010), section 2.

Strict
------
- Every condition holds to within tol, in any unit of X.
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
    if not alpha >= 0 or not 0 <= l1_ratio <= 1:
        raise ValueError("alpha must not be negative, and l1_ratio from 0 to 1")
    x_mean, y_mean, centred, yc = _centre(X, y)
    n, p = centred.shape
    size = np.sqrt((centred**2).mean(axis=0))
    use = np.flatnonzero(size > 0)
    size = size[use]
    # in units of each feature: 1/2 |M c - b|^2 + sum_j lam_j |c_j|, the L2 part being extra rows of M
    M = np.vstack([centred[:, use] / size / np.sqrt(n), np.diag(np.sqrt(alpha * (1 - l1_ratio)) / size)])
    b = np.concatenate([yc / np.sqrt(n), np.zeros(len(use))])
    lam = alpha * l1_ratio / size
    if alpha * l1_ratio == 0:
        c = np.linalg.lstsq(M, b, rcond=None)[0]
        c = c + np.linalg.lstsq(M, b - M @ c, rcond=None)[0]
    else:
        c = _active_set(M, b, lam, size, tol)
    coef = np.zeros(p)
    coef[use] = c / size
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
        raise ValueError("l1_ratio must be positive and at most 1")
    _, _, centred, yc = _centre(X, y)
    return max((abs(float(column @ yc)) / len(yc) / l1_ratio for column in centred.T), default=0.0)


def _centre(X: np.ndarray, y: np.ndarray) -> tuple:
    """Means and centred arrays. What is constant becomes exactly 0."""
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    x_mean = np.where(X.min(axis=0) == X.max(axis=0), X[0], X.mean(axis=0))
    y_mean = y[0] if y.min() == y.max() else y.mean()
    return x_mean, y_mean, X - x_mean, y - y_mean


def _active_set(M: np.ndarray, b: np.ndarray, lam: np.ndarray, size: np.ndarray, tol: float) -> np.ndarray:
    """Exact solutions for a set of features and their signs, as Lawson and Hanson for non-negative least squares."""
    c, active, sign, blocked = np.zeros(M.shape[1]), [], np.zeros(M.shape[1]), set()
    for _ in range(100 * (len(c) + 1)):
        g = M.T @ (b - M @ c)
        excess = (np.abs(g) - lam) * size
        excess[active + sorted(blocked)] = -np.inf
        j = int(np.argmax(excess)) if len(excess) else -1
        if j < 0 or excess[j] <= tol / 10:
            return c
        sign[j] = np.sign(g[j])
        active.append(j)
        first = True
        for _ in range(10 * len(c) + 100):
            if not active:
                break
            Q, R = np.linalg.qr(M[:, active])
            if active[-1] == j and abs(R[-1, -1]) <= 1e-11 * np.linalg.norm(M[:, j]):
                # j depends on the others: go along the null direction until one of them is 0
                move = np.append(-np.linalg.solve(R[:-1, :-1], R[:-1, -1]), 1.0) * sign[j]
                step = np.inf
            else:
                # a correction of c, so that rounding does not stay
                grad = Q.T @ (b - M @ c) - np.linalg.solve(R.T, (lam * sign)[active])
                move, step = np.linalg.solve(R, grad), 1.0
            now = c[active]
            if first and move[-1] * sign[j] <= 0:
                active.pop()
                blocked.add(j)
                break
            first = False
            against = move * np.array(sign)[active] < 0
            reach = np.full(len(active), np.inf)
            reach[against] = -now[against] / move[against]
            k = int(np.argmin(reach))
            if reach[k] < step:
                c[active] = now + reach[k] * move
                c[active[k]] = 0.0
                sign[active[k]] = 0.0
                del active[k]
                blocked.clear()
                continue
            if step == np.inf:
                active.pop()
                blocked.add(j)
                break
            c[active] = now + move
            if np.abs(move).max() <= 1e-13 * np.abs(c[active]).max():
                blocked.clear()
                break
            if step == 1.0 and np.all(np.abs(M[:, active].T @ (b - M @ c) - (lam * sign)[active]) * size[active] <= tol / 10):
                blocked.clear()
                break
    return c
