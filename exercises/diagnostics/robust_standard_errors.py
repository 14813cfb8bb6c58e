# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- robust_standard_errors
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
    raise NotImplementedError


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Return the standard errors for unequal error variances, in the same order.

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
    raise NotImplementedError
