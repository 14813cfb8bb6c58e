# wrong (core): rank judged by an absolute threshold on the determinant, small features are refused
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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, k = X.shape
    p = k + 1
    if n <= p:
        raise ValueError("too few samples")
    mean, y_mean = X.mean(axis=0), y.mean()
    Xc, yc = X - mean, y - y_mean
    scale = np.sqrt((Xc**2).sum(axis=0))
    if np.any(scale <= 1e-13 * np.sqrt(n) * np.abs(X).max(axis=0, initial=0.0)):
        raise ValueError("a feature is constant")
    U = Xc / scale
    tol = 1e-12 + 10 * np.finfo(float).eps * np.sqrt(n) * (np.abs(X).max(axis=0) / scale).max(initial=0.0)
    if k and np.linalg.det(Xc.T @ Xc) < 1e-8:
        raise ValueError("features are linearly dependent")
    Q, R = np.linalg.qr(U)
    R_inv = np.linalg.inv(R)
    slope = (R_inv @ (Q.T @ yc)) / scale
    cov = (R_inv @ R_inv.T) / np.outer(scale, scale)
    residual = yc - Xc @ slope
    s2 = residual @ residual / (n - p)
    var_intercept = 1 / n + mean @ cov @ mean
    estimate = np.concatenate([[y_mean - mean @ slope], slope])
    se = np.sqrt(s2 * np.concatenate([[var_intercept], np.diag(cov)]))
    return CoefficientTable(estimate, se, estimate / se, estimate - critical * se, estimate + critical * se)
