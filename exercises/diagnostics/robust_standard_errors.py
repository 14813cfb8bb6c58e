# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- robust_standard_errors
"""Standard errors of the coefficients, with and without the assumption of equal error variances.

Least squares chooses the coefficients b = (Z'Z)^-1 Z'y, where Z is X with a column of ones in front. That is linear in
y: with A = (Z'Z)^-1 Z', coefficient j is the sum over samples of A_ji y_i. If the errors are uncorrelated, and the
error of sample i has the variance v_i, then

    variance of b_j = sum over i of A_ji^2 v_i

and the standard error is its square root. The classical standard error assumes that all v_i are equal and estimates the
one variance by

    s^2 = sum of e_i^2 / (n - p)

from the residuals e_i = y_i - fitted_i of n samples, p = n_features + 1 being the number of coefficients. The sandwich,
so called for its matrix form (Z'Z)^-1 Z' diag(v) Z (Z'Z)^-1, lets the v_i differ, and estimates v_i by

    HC0    e_i^2
    HC1    e_i^2 n / (n - p)
    HC2    e_i^2 / (1 - h_i)
    HC3    e_i^2 / (1 - h_i)^2

where h_i, the leverage, is the i-th diagonal element of Z (Z'Z)^-1 Z'. Residuals are on the whole smaller than errors,
the more so the higher the leverage: HC1 to HC3 make up for that.

Both functions should run in n p^2 time: 30,000 samples of two features in far less than a second. That leaves no room
for an n by n matrix.

Sources: White, A Heteroskedasticity-Consistent Covariance Matrix Estimator and a Direct Test for Heteroskedasticity
(1980) for HC0; Long and Ervin, Using Heteroscedasticity Consistent Standard Errors in the Linear Regression Model
(2000) for all four.
"""

import numpy as np


def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the classical standard errors of the intercept and the coefficients.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one feature, and no intercept column: the intercept is yours to add. No feature is constant, and none
        has a variance inflation factor above 100. A feature may be in any unit, and may lie as far from zero as a
        million times its standard deviation.
    y : array of shape (n_samples,)
        In any unit, and as far from zero as a million times its standard deviation. The fit is not exact.

    Returns
    -------
    array of shape (n_features + 1,)
        The intercept's comes first, then the features' in their order.

    Raises
    ------
    ValueError
        With fewer than n_features + 2 samples: then s^2 has no degree of freedom.

    Examples
    --------
    The fit is 0 everywhere, so the residuals are y, and s^2 is 6 / 2.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (standard_errors(X, y) ** 2).round(9)
    array([2.1, 0.6])
    """
    raise NotImplementedError


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Return the standard errors that hold when error variances differ.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        As `standard_errors` takes them.
    kind : str
        "HC0", "HC1", "HC2" or "HC3", as above.

    Returns
    -------
    array of shape (n_features + 1,)
        The intercept's comes first, then the features' in their order.

    Raises
    ------
    ValueError
        With fewer than n_features + 2 samples, whatever the kind is; if the kind is none of the four; and for HC2 and
        HC3 if a sample has leverage 1, by which is meant that 1 - h_i is below 1e-8: its residual is 0 for any error,
        and 0 / 0 says nothing. HC0 and HC1 do not divide by 1 - h_i: there such a sample adds nothing to the sum.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (sandwich_standard_errors(X, y, kind="HC0") ** 2).round(9)
    array([0.24, 0.14])
    >>> (sandwich_standard_errors(X, y, kind="HC1") ** 2).round(9)
    array([0.48, 0.28])
    >>> (sandwich_standard_errors(X, y, kind="HC3") ** 2).round(4)
    array([0.8526, 1.102 ])
    """
    raise NotImplementedError
