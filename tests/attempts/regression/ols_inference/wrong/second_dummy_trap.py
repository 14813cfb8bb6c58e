# wrong (core): checks constant features and the rank of X, not of Z: features that add up to a constant pass
# shown by: X=[[1,0],[0,1],[1,0],[0,1]], y=[1,2,4,3]: ValueError against wrong a table, estimate [1.67, 0.83, 0.83]
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

    if (X == X[0]).all(axis=0).any() or np.linalg.matrix_rank(X) < n_features:
        raise ValueError("features are linearly dependent")

    Z = np.column_stack([np.ones(n), X])
    A = np.linalg.pinv(Z)
    estimate = A @ y
    residuals = y - Z @ estimate
    s = np.sqrt(residuals @ residuals / (n - p))
    unit = np.sqrt((A**2).sum(axis=1))
    error = s * unit
    return CoefficientTable(
        estimate, error, estimate / error, estimate - critical * error, estimate + critical * error
    )
