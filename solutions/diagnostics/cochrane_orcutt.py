"""Regression with autoregressive errors, by the iteration of Cochrane and Orcutt.

The model is y_t = Z_t b + e_t with e_t = rho e_{t-1} + v_t, where Z is X with a column of ones in front and the v_t
are independent. Subtract rho times the time before to get errors v_t:

    y_t - rho y_{t-1} = (Z_t - rho Z_{t-1}) b + v_t        for t = 2..n

1. b minimises the sum of (y_t - Z_t b)^2 over all n rows.
2. rho = sum_{t=2..n} e_t e_{t-1} / sum_{t=2..n} e_{t-1}^2, where e_t = y_t - Z_t b for t = 1..n.
3. b minimises the sum of v_t^2 over t = 2..n. Go back to 2.

Stop when the last two results of step 2 differ by at most tol. So step 3 is done at least once, and there is no other
limit on the number of rounds.

Source: Cochrane and Orcutt, Application of Least Squares Regression to Relationships Containing Auto-Correlated
Error Terms, Journal of the American Statistical Association 44 (1949).

Strict
------
- X and y may be integers of any type.
- Features and y may lie a million standard deviations from zero.
"""

from typing import NamedTuple

import numpy as np


class CochraneOrcutt(NamedTuple):
    """The coefficients of Z and the autocorrelation of the errors."""

    coef: np.ndarray
    rho: float


def cochrane_orcutt(X: np.ndarray, y: np.ndarray, tol: float) -> CochraneOrcutt:
    """Return the coefficients, the intercept first, and rho, once they have converged.

    Parameters
    ----------
    X : array of shape (n, n_features)
        Rows in order of time, without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n,)
        Not an exact linear function of X, and such that rho converges to a value between -1 and 1.
    tol : float
        Small, such as 1e-10.

    Raises
    ------
    ValueError
        If n < n_features + 3.

    Examples
    --------
    >>> X = np.array([[-2.0], [2.0], [2.0], [-2.0], [-1.0], [-1.0]])
    >>> y = np.array([-3.0, 5.0, 3.0, -5.0, -1.0, 1.0])
    >>> fit = cochrane_orcutt(X, y, tol=1e-10)
    >>> fit.coef.round(6), round(fit.rho, 6)
    (array([1., 2.]), 0.5)
    """
    if len(X) < X.shape[1] + 3:
        raise ValueError(f"{len(X)} rows are too few for {X.shape[1]} features, an intercept and rho")
    shift, level = X.mean(axis=0), y.mean()
    Z, target = np.column_stack([np.ones(len(X)), X - shift]), y - level
    coef, rho = np.linalg.lstsq(Z, target)[0], np.nan
    for _ in range(3_000):
        e = target - Z @ coef
        before, rho = rho, (e[1:] @ e[:-1]) / (e[:-1] @ e[:-1])
        if abs(rho - before) <= tol:
            break
        coef = np.linalg.lstsq(Z[1:] - rho * Z[:-1], target[1:] - rho * target[:-1])[0]
    coef[0] += level - shift @ coef[1:]
    return CochraneOrcutt(coef, float(rho))


def cochrane_orcutt_via_moments(X: np.ndarray, y: np.ndarray, tol: float) -> CochraneOrcutt:
    """Sum all products of columns once, at lags 0 and 1, and iterate on these small matrices."""
    if len(y) - X.shape[1] <= 2:
        raise ValueError("too few rows")
    about = np.append(X.mean(axis=0), y.mean())
    data = np.column_stack([np.ones(len(y)), np.column_stack([X, y]) - about])
    early, cross, late = data[:-1].T @ data[:-1], data[1:].T @ data[:-1], data[1:].T @ data[1:]
    products, rho = data.T @ data, np.nan
    for _ in range(3_000):
        coef = np.linalg.solve(products[:-1, :-1], products[:-1, -1])
        left = np.append(-coef, 1)
        change, rho = rho, (left @ cross @ left) / (left @ early @ left)
        if abs(change - rho) <= tol:
            break
        products = late - rho * (cross + cross.T) + rho**2 * early
    coef[0] += about[-1] - coef[1:] @ about[:-1]
    return CochraneOrcutt(coef, float(rho))


def cochrane_orcutt_via_filter(X: np.ndarray, y: np.ndarray, tol: float) -> CochraneOrcutt:
    """Write the subtraction as a matrix with two diagonals, and the intercept as a constant of its own."""
    n, k = X.shape
    if n <= k + 2:
        raise ValueError("too few rows")
    now, past = np.eye(n - 1, n, 1), np.eye(n - 1, n)
    features, centred = X - X.mean(axis=0), y - y.mean()
    slopes, constant, rho = np.linalg.lstsq(features, centred)[0], 0.0, None
    for _ in range(3_000):
        e = centred - constant - features @ slopes
        new = np.linalg.lstsq((past @ e)[:, None], now @ e)[0].item()
        done = rho is not None and abs(new - rho) <= tol
        rho = new
        if done:
            break
        step = now - rho * past
        left, right = step @ features, step @ centred
        slopes = np.linalg.pinv(left - left.mean(axis=0)) @ (right - right.mean())
        constant = (right - left @ slopes).mean() / (1 - rho)
    return CochraneOrcutt(np.append(constant + y.mean() - X.mean(axis=0) @ slopes, slopes), rho)
