# wrong (core): HC0, which has no divisor n - p, does not raise for n <= p
"""Standard errors of the coefficients, with and without equal error variances.

Least squares fits b = A y with A = (Z'Z)^-1 Z', where Z is X with a column of ones in front. If the errors are
uncorrelated and error i has variance v_i, then

    variance of b_j = sum_i A_ji^2 v_i

The standard error is its square root. With residuals e_i, n samples and p = n_features + 1 coefficients, v_i is
estimated by

    classical   s^2 = sum_k e_k^2 / (n - p)      the same for all i
    HC0         e_i^2
    HC1         e_i^2 * n / (n - p)
    HC2         e_i^2 / (1 - h_i)
    HC3         e_i^2 / (1 - h_i)^2

where h_i, the leverage, is the i-th diagonal element of Z (Z'Z)^-1 Z'. The last four are sandwich estimators.

Both functions run in O(n p^2) time, without an n by n matrix.

Sources: White (1980) for HC0; Long and Ervin, The American Statistician 54 (2000), for all four.

Strict
------
- ValueError for HC2 and HC3 if a 1 - h_i is below 1e-8. HC0 and HC1 have a value there.
- ValueError if kind is another word.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def _fit(X, y):
    """Return A, the residuals and the leverages."""
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n = len(y)
    mean = X.mean(axis=0)
    Z = np.column_stack([np.ones(n), X - mean])
    A = np.linalg.solve(Z.T @ Z, Z.T)
    e = y - y.mean()
    e = e - Z @ (A @ e)
    h = np.sum(Z * A.T, axis=1)
    A[0] -= mean @ A[1:]
    return A, e, h




def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the classical standard errors: the intercept first, then the features in order.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)

    Raises
    ------
    ValueError
        If n <= p: s^2 has no degree of freedom.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (standard_errors(X, y) ** 2).round(9)
    array([2.1, 0.6])
    """
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("n <= p")
    A, e, _ = _fit(X, y)
    return np.sqrt(np.sum(A**2, axis=1) * (e @ e) / (n - p))


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Return the standard errors for unequal error variances: the intercept first, then the features in order.

    Parameters
    ----------
    X, y : arrays, as in standard_errors
    kind : "HC0", "HC1", "HC2" or "HC3"

    Raises
    ------
    ValueError
        If n <= p, for any kind.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (sandwich_standard_errors(X, y, kind="HC1") ** 2).round(9)
    array([0.48, 0.28])
    >>> (sandwich_standard_errors(X, y, kind="HC3") ** 2).round(4)
    array([0.8526, 1.102 ])
    """
    n, p = X.shape[0], X.shape[1] + 1
    if kind not in ("HC0", "HC1", "HC2", "HC3"):
        raise ValueError("unknown kind")
    if n <= p and kind != "HC0":
        raise ValueError("n <= p")
    A, e, h = _fit(X, y)
    v = e**2
    if kind == "HC1":
        v = v * n / (n - p)
    if kind in ("HC2", "HC3"):
        if np.any(1 - h < 1e-8):
            raise ValueError("leverage of 1")
        v = v / (1 - h) ** (1 if kind == "HC2" else 2)
    return np.sqrt(A**2 @ v)
