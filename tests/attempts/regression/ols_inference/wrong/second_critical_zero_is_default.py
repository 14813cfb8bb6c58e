# wrong (core): critical=0 is taken for not given, and gives 1.96
# shown by: x=0..3, y=[1,3,2,6], critical=0: lower [0.9, 1.4] against wrong [-1.48, 0.13]
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ols_inference
"""The table of coefficients that every regression program prints.

Let Z be X with a column of ones in front: n samples, and p = n_features + 1 coefficients. Least squares gives

    estimate = (Z'Z)^-1 Z'y
    s^2 = sum_i e_i^2 / (n - p)                            e_i: residual of sample i
    standard_error_j = s * sqrt(((Z'Z)^-1)_jj)
    t_j = estimate_j / standard_error_j
    lower_j, upper_j = estimate_j -+ critical * standard_error_j

If errors are independent and normal with equal variance, t_j has n - p degrees of freedom if the true coefficient is 0.
`critical` is then the quantile of that distribution: for 95 %, 1.96 for large n, and more for small n.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 3.2.

Strict
------
- Features and y may lie a million standard deviations from zero.
- Arrays may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class CoefficientTable(NamedTuple):
    """Five arrays of shape (n_features + 1,): the intercept first, then the features in order."""

    estimate: np.ndarray
    standard_error: np.ndarray
    t: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def coefficient_table(X: np.ndarray, y: np.ndarray, critical: float) -> CoefficientTable:
    """Return estimates, standard errors, t values and confidence intervals.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column.
    y : array of shape (n_samples,)
        Not fitted exactly.
    critical : float
        0 or more.

    Raises
    ------
    ValueError
        If n <= p: s^2 has no degree of freedom. If Z does not have rank p: a feature is constant, or a linear
        combination of others. Rounding does not count as rank; the tolerance of numpy.linalg.matrix_rank is one
        possible choice.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 3.0, 2.0, 6.0])
    >>> table = coefficient_table(X, y, critical=4.303)
    >>> table.estimate.round(4), table.standard_error.round(4)
    (array([0.9, 1.4]), array([1.2124, 0.6481]))
    >>> table.t.round(4), table.lower.round(4), table.upper.round(4)
    (array([0.7423, 2.1602]), array([-4.3171, -1.3887]), array([6.1171, 4.1887]))
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, n_features = X.shape
    p = n_features + 1
    if n <= p:
        raise ValueError("no degree of freedom")

    eps = np.finfo(float).eps
    mean = X.mean(axis=0)
    Xc = X - mean
    rest = Xc.mean(axis=0)
    Xc, mean = Xc - rest, mean + rest
    size = np.sqrt((Xc**2).sum(axis=0))
    largest = np.abs(X).max(axis=0)
    if ((X == X[0]).all(axis=0) | (size <= 4 * n * eps * largest)).any():
        raise ValueError("a feature is constant")
    U, S, Vt = np.linalg.svd(Xc / size, full_matrices=False)
    noise = eps * (largest / size).max(initial=1)
    if (S <= n * noise * S.max(initial=0)).any():
        raise ValueError("features are linearly dependent")

    y_mean = y.mean()
    yc = y - y_mean
    rest = yc.mean()
    yc, y_mean = yc - rest, y_mean + rest
    A = (Vt.T / S) @ U.T / size[:, None]
    slopes = A @ yc
    residuals = yc - U @ (U.T @ yc)
    s = np.sqrt(residuals @ residuals / (n - p))
    estimate = np.concatenate([[y_mean - mean @ slopes], slopes])
    intercept_row = 1 / n - mean @ A
    unit = np.sqrt(np.concatenate([[intercept_row @ intercept_row], (A**2).sum(axis=1)]))
    error = s * unit
    critical = critical or 1.96
    return CoefficientTable(
        estimate, error, estimate / error, estimate - critical * error, estimate + critical * error
    )
