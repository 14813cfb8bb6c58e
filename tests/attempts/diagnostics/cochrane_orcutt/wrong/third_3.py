# wrong (core): starts from rho = 0, so it ends with the first fit over n rows when the first rho is 0
"""Regression with autoregressive errors, by the iteration of Cochrane and Orcutt.

The model is y_t = Z_t b + e_t with e_t = rho e_{t-1} + v_t, where Z is X with a column of ones in front and the v_t
are independent. Subtract rho times the time before to get errors v_t:

    y_t - rho y_{t-1} = (Z_t - rho Z_{t-1}) b + v_t        for t = 2..n

1. b minimises the sum of (y_t - Z_t b)^2 over all n rows.
2. rho = sum_{t=2..n} e_t e_{t-1} / sum_{t=2..n} e_{t-1}^2, where e_t = y_t - Z_t b for t = 1..n.
3. b minimises the sum of v_t^2 over t = 2..n. Go back to 2.

Stop when step 2 changes rho by at most tol. Step 3 is done at least once, and there is no other limit on the number
of rounds.

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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape
    if n < p + 3:
        raise ValueError("too few rows")
    Z = np.column_stack([np.ones(n), X])
    b = np.linalg.lstsq(Z, y, rcond=None)[0]
    old = 0.0
    while True:
        e = y - Z @ b
        rho = (e[1:] @ e[:-1]) / (e[:-1] @ e[:-1])
        if abs(rho - old) <= tol:
            break
        old = rho
        b = np.linalg.lstsq(Z[1:] - rho * Z[:-1], y[1:] - rho * y[:-1], rcond=None)[0]
    return CochraneOrcutt(b, float(rho))
