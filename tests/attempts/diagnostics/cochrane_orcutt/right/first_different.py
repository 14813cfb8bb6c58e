# different style; both bars
"""Regression with autoregressive errors, by the iteration of Cochrane and Orcutt.

The model is y_t = Z_t b + e_t with e_t = rho e_{t-1} + v_t, where Z is X with a column of ones in front and the v_t
are independent. Subtract rho times the time before to get errors v_t:

    y_t - rho y_{t-1} = (Z_t - rho Z_{t-1}) b + v_t        for t = 2..n

1. b minimises the sum of (y_t - Z_t b)^2 over all n rows.
2. rho = sum_{t=2..n} e_t e_{t-1} / sum_{t=2..n} e_{t-1}^2, where e_t = y_t - Z_t b for t = 1..n.
3. b minimises the sum of v_t^2 over t = 2..n. Go back to 2.

Stop when step 2 changes rho by at most tol. There is no other limit on the number of rounds.

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


def _from_origin(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values less their mean as floats, and the mean."""
    wide = values.astype(np.longdouble)
    start = wide[0]
    shift = (wide - start).mean(axis=0)
    return (wide - start - shift).astype(float), np.asarray(start + shift, dtype=float)


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
    n, k = X.shape
    if n < k + 3:
        raise ValueError("need at least n_features + 3 rows")
    features, x_origin = _from_origin(X)
    target, y_origin = _from_origin(y)

    # Orthonormal features and the residual of step 1: from here on, corrections to step 1 are sought.
    scale = np.sqrt((features**2).mean(axis=0))
    Q, R = np.linalg.qr(features / scale)
    first = Q.T @ target
    residual = target - Q @ first
    residual -= residual.mean()

    # All rounds need only the moments of (residual, Q) now and one step before, about their means over t = 2..n.
    U = np.column_stack([residual, Q])
    now, before = U[1:], U[:-1]
    now_mean, before_mean = now.mean(axis=0), before.mean(axis=0)
    A, B = now - now_mean, before - before_mean
    AA, AB, BB = A.T @ A, A.T @ B, B.T @ B

    d = np.zeros(k)  # what the slopes of Q exceed those of step 1 by
    level = 0.0  # the same for the intercept
    rho = np.inf
    while True:
        w = np.concatenate([[1.0], -d])  # errors: U @ w - level
        top, bottom = now_mean @ w - level, before_mean @ w - level
        previous, rho = rho, (
            (w @ AB @ w + (n - 1) * top * bottom) / (w @ BB @ w + (n - 1) * bottom * bottom)
        )
        if abs(rho - previous) <= tol:
            break
        M = AA - rho * (AB + AB.T) + rho * rho * BB
        d = np.linalg.solve(M[1:, 1:], M[1:, 0])
        w = np.concatenate([[1.0], -d])
        level = (now_mean - rho * before_mean) @ w / (1.0 - rho)

    slopes = np.linalg.solve(R, first + d) / scale
    intercept = y_origin + level - x_origin @ slopes
    return CochraneOrcutt(np.concatenate([[intercept], slopes]), float(rho))
