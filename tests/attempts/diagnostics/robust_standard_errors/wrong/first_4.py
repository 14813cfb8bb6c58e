# wrong (core): classical covariance of the slopes is R^-T R^-1 instead of R^-1 R^-T
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
    """Return the residuals, A, the leverages, R of the centred features, and their means."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("n <= p")
    first = X[0]
    means = (X - first).mean(axis=0)
    centred = X - first - means
    y = y - y[0]
    y = y - y.mean()
    Q, R = np.linalg.qr(centred)
    e = y - Q @ (Q.T @ y)
    slopes = np.linalg.solve(R, Q.T)
    A = np.vstack([1.0 / n - (means + first) @ slopes, slopes])
    h = 1.0 / n + (Q**2).sum(axis=1)
    return e, A, h, R, means + first


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
    e, A, h, R, means = _fit(X, y)
    n, p = len(e), len(A)
    s2 = e @ e / (n - p)
    inverse = np.linalg.inv(R)
    slopes = s2 * inverse.T @ inverse
    intercept = s2 / n + means @ slopes @ means
    return np.sqrt(np.concatenate([[intercept], np.diag(slopes)]))


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
    if kind not in ("HC0", "HC1", "HC2", "HC3"):
        raise ValueError("unknown kind")
    e, A, h, R, means = _fit(X, y)
    n, p = len(e), len(A)
    v = e**2
    if kind == "HC1":
        v = v * n / (n - p)
    elif kind in ("HC2", "HC3"):
        if np.any(1.0 - h < 1e-8):
            raise ValueError("a leverage is 1")
        v = v / (1.0 - h) ** (1 if kind == "HC2" else 2)
    return np.sqrt((A**2) @ v)
