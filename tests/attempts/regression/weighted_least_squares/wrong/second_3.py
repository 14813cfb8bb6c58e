# wrong (core): the covariance is taken as positive definite if its determinant is positive (two negative eigenvalues pass)
"""Weighted and generalised least squares, with an intercept.

If errors are uncorrelated but of unequal variance, noisy samples should count less:

    fit_weighted minimises    sum_i weights_i * e_i^2,        e_i = y_i - intercept - x_i . coef

The best weights are 1 / variance_i. A common factor of the weights changes nothing.

If errors are correlated with a known covariance matrix V, up to a factor:

    fit_gls minimises         e' V^-1 e

Whitening reduces it to ordinary least squares. Take any W with W'W = V^-1, such as the inverse of the Cholesky factor L
of V = L L'. Then the errors W e are uncorrelated and of equal variance.

Source: Aitken (1935); Greene, Econometric Analysis, 7th edition, chapter 9.

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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    weights = np.asarray(weights, dtype=float)
    if weights.shape != y.shape or (weights < 0).any():
        raise ValueError("weights")
    weights = weights / weights.max()
    root = np.sqrt(weights)
    design = np.column_stack([np.ones(len(y)), X])
    beta = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
    return Fit(float(beta[0]), beta[1:])


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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    covariance = np.asarray(covariance, dtype=float)
    if covariance.shape != (len(y), len(y)) or not np.allclose(covariance, covariance.T):
        raise ValueError("covariance")
    if np.linalg.det(covariance) <= 1e-12:
        raise ValueError("not positive definite")
    design = np.column_stack([np.ones(len(y)), X])
    inverse = np.linalg.inv(covariance)
    gls = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ y)
    return Fit(float(gls[0]), gls[1:])
