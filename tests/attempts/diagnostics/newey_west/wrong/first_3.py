# wrong (core): pinv of Z'Z with rcond 1e-10 drops a feature that is small beside another
"""Standard errors for errors that are correlated in time (Newey and West).

Least squares fits b = A y with A = (Z'Z)^-1 Z', where Z is X with a column of ones in front. With residuals e_t, let
u_t = A_jt e_t be what time t adds to coefficient j. Its variance is estimated by

    sum_t u_t^2 + 2 sum_{k=1..n_lags} (1 - k / (n_lags + 1)) sum_{t=k+1..n} u_t u_{t-k}

The standard error is its square root. Errors that are further apart than n_lags count as uncorrelated. There is
no factor for small samples, so that n_lags = 0 gives HC0.

Source: Newey and West, A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
Covariance Matrix, Econometrica 55 (1987).

Strict
------
- ValueError if n_lags is not from 0 to n - 1.
- X and y may be integers of any type.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def newey_west_standard_errors(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    """Return the Newey-West standard errors: the intercept first, then the features in order.

    Parameters
    ----------
    X : array of shape (n, n_features)
        Rows in order of time, without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n,)
    n_lags : int
        From 0 to n - 1.

    Raises
    ------
    ValueError
        If n <= n_features + 1.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (newey_west_standard_errors(X, y, n_lags=1) ** 2).round(9)
    array([0.2, 0.1])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, p = X.shape
    if n <= p + 1:
        raise ValueError("too few rows")
    if n_lags < 0 or n_lags > n - 1:
        raise ValueError("n_lags must be from 0 to n - 1")
    Z = np.column_stack([np.ones(n), X])
    A = np.linalg.pinv(Z.T @ Z, rcond=1e-10) @ Z.T
    e = y - Z @ (A @ y)
    u = A * e
    var = (u * u).sum(axis=1)
    for k in range(1, n_lags + 1):
        gamma = (u[:, k:] * u[:, :-k]).sum(axis=1)
        var += 2 * (1 - k / (n_lags + 1)) * gamma
    return np.sqrt(np.maximum(var, 0))
