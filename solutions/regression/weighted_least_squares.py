"""Weighted and generalised least squares, with an intercept.

If errors are uncorrelated but of unequal variance, noisy samples should count less:

    fit_weighted minimises    sum_i weights_i * e_i^2,        e_i = y_i - intercept - x_i . coef

The best weights are 1 / variance_i. A common factor of the weights changes nothing.

If errors are correlated with a known covariance matrix V, up to a factor:

    fit_gls minimises         e' V^-1 e

Whitening reduces it to ordinary least squares. Take any W with W'W = V^-1, such as the inverse of the Cholesky factor L
of V = L L'. Then the errors W e are uncorrelated and of equal variance.

Source: Aitken (1935); Greene, Econometric Analysis, chapter 9.

Strict
------
- Weights in any unit, such as 1e-200 or 1e200.
- ValueError if weights or covariance have another shape, or the covariance is not symmetric up to rounding.
- Arrays may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_weighted(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    """Fit a linear model by weighted least squares.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. The samples of positive weight determine the fit.
    y : array of shape (n_samples,)
    weights : array of shape (n_samples,)
        A sample of weight 0 does not count. One of weight 2 counts like two equal samples.

    Raises
    ------
    ValueError
        If a weight is negative.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 5.0])
    >>> intercept, coef = fit_weighted(X, y, np.array([3.0, 1.0, 1.0]))
    >>> round(intercept, 9), coef.round(9)
    (0.875, array([1.875]))
    """
    if weights.shape != y.shape or (weights < 0).any():
        raise ValueError("every sample needs one weight, and none may be negative")
    return _least_squares(np.sqrt(weights, dtype=float)[:, np.newaxis] * _table(X, y))


def fit_gls(X: np.ndarray, y: np.ndarray, covariance: np.ndarray) -> Fit:
    """Fit a linear model by generalised least squares.

    Parameters
    ----------
    X, y : arrays, as in fit_weighted
    covariance : array of shape (n_samples, n_samples)
        V, symmetric.

    Raises
    ------
    ValueError
        If the covariance is not positive definite.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 5.0])
    >>> covariance = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    >>> intercept, coef = fit_gls(X, y, covariance)
    >>> round(intercept, 9), coef.round(6)
    (1.0, array([1.857143]))
    """
    if not np.allclose(covariance, covariance.T, atol=0):
        raise ValueError("the covariance is not symmetric")
    # If V is not positive definite, or not of this size, NumPy raises a ValueError: LinAlgError is one.
    return _least_squares(np.linalg.solve(np.linalg.cholesky(covariance), _table(X, y)))


def _table(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return intercept column, features and y side by side: what is done to one is done to all."""
    return np.column_stack([np.ones(len(y)), X, y])


def _least_squares(table: np.ndarray) -> Fit:
    """Fit the last column to the others."""
    basis, triangle = np.linalg.qr(table[:, :-1])
    coef = np.linalg.solve(triangle, basis.T @ table[:, -1])
    return Fit(float(coef[0]), coef[1:])


def fit_weighted_via_means(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    """Take weighted means from features and y, and solve the normal equations of what is left."""
    if np.min(weights) < 0:
        raise ValueError("a negative weight")
    share = weights / np.sum(weights)
    x_mean, y_mean = share @ X, share @ y
    weighted = share[:, np.newaxis] * (X - x_mean)
    coef = np.linalg.solve(weighted.T @ X, weighted.T @ y)
    return Fit(y_mean - x_mean @ coef, coef)


def fit_weighted_via_covariance(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    """Drop the samples that do not count, and give the others a variance of 1 / weight."""
    if weights.shape != y.shape or not (weights >= 0).all():
        raise ValueError("weights of another shape, or a negative one")
    rows = weights > 0
    return fit_gls(X[rows], y[rows], np.diag(1 / weights[rows]))


def fit_gls_via_precision(X: np.ndarray, y: np.ndarray, covariance: np.ndarray) -> Fit:
    """Invert the covariance, and solve the normal equations that it weights."""
    precision = np.linalg.inv(covariance)
    minors = [covariance[:k, :k] for k in range(y.size + 1)]
    if min(np.linalg.slogdet(minor).sign for minor in minors) < 1 or not np.allclose(covariance, covariance.T, atol=0):
        raise ValueError("the covariance is not symmetric and positive definite")
    design = np.column_stack([np.ones(y.size), X])
    coef = np.linalg.solve(design.T @ precision @ design, design.T @ precision @ y)
    return Fit(coef[0], coef[1:])


def fit_gls_via_directions(X: np.ndarray, y: np.ndarray, covariance: np.ndarray) -> Fit:
    """Turn to the eigenvectors of the covariance, where the errors are uncorrelated, and weight by 1 / variance."""
    if covariance.shape != 2 * y.shape or np.ptp(covariance - covariance.T) > 1e-6 * np.ptp(covariance):
        raise ValueError("the covariance is not symmetric, or of another shape")
    variances, directions = np.linalg.eigh(covariance)
    if (variances <= 1e-14 * variances[-1]).any():
        raise ValueError("the covariance is not positive definite")
    rows = directions.T / np.sqrt(variances)[:, np.newaxis]
    basis, triangle = np.linalg.qr(rows @ np.column_stack([np.ones(len(X)), X]))
    intercept, *coef = np.linalg.solve(triangle, basis.T @ (rows @ y))
    return Fit(intercept, np.array(coef))
