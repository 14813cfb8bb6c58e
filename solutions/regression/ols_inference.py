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
    design = np.column_stack([np.ones(len(X)), X])
    n_samples, n_coefficients = design.shape
    if n_samples <= n_coefficients:
        raise ValueError(f"{n_samples} samples leave no degree of freedom with {n_coefficients} coefficients")
    if np.linalg.matrix_rank(design) < n_coefficients:
        raise ValueError("a feature is constant or a linear combination of others")
    basis, triangle = np.linalg.qr(design)
    inverse = np.linalg.inv(triangle)
    estimate = inverse @ (basis.T @ y)
    residual = y - basis @ (basis.T @ y)
    variance = residual @ residual / (n_samples - n_coefficients)
    # Z'Z is R'R, and so the diagonal of its inverse holds the squared lengths of the rows of R^-1.
    error = np.sqrt(variance * (inverse**2).sum(axis=1))
    return CoefficientTable(estimate, error, estimate / error, estimate - critical * error, estimate + critical * error)


def coefficient_table_via_normal_equations(X: np.ndarray, y: np.ndarray, critical: float) -> CoefficientTable:
    """Invert the matrix of products of centred features; the intercept is y's mean less what their means add."""
    n_samples, n_features = X.shape
    n_free = n_samples - n_features - 1
    x_mean, y_mean = X.mean(axis=0), y.mean()
    centred = X - x_mean
    # In differences between samples a constant feature is exactly 0.
    if n_free < 1 or np.linalg.matrix_rank(np.diff(centred, axis=0)) < n_features:
        raise ValueError("too few samples, or dependent features")
    inverse = np.linalg.inv(centred.T @ centred)
    coef = inverse @ (centred.T @ (y - y_mean))
    variance = ((y - y_mean - centred @ coef) ** 2).sum() / n_free
    error = np.sqrt(variance * np.append(1 / n_samples + x_mean @ inverse @ x_mean, inverse.diagonal()))
    estimate = np.append(y_mean - x_mean @ coef, coef)
    half = critical * error
    return CoefficientTable(estimate, error, estimate / error, estimate - half, estimate + half)


def coefficient_table_via_partial_regression(X: np.ndarray, y: np.ndarray, critical: float) -> CoefficientTable:
    """Take each coefficient from what the other columns leave of its own column and of y."""
    design = np.column_stack([np.ones(len(X)), X])
    n_free = design.shape[0] - design.shape[1]
    if n_free <= 0:
        raise ValueError("too few samples")
    rows = []
    for j, column in enumerate(design.T):
        others, pair = np.delete(design, j, axis=1), np.column_stack([column, y])
        x, rest = (pair - others @ np.linalg.lstsq(others, pair)[0]).T
        if x @ x <= 1e-24 * (column @ column):
            raise ValueError("dependent columns")
        slope = x @ rest / (x @ x)
        error = np.linalg.norm(rest - slope * x) / np.sqrt(n_free * (x @ x))
        rows.append((slope, error, slope / error, slope - critical * error, slope + critical * error))
    return CoefficientTable(*np.array(rows).T)
