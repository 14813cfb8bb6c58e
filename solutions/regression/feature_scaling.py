"""Standardised features, and a fitted model taken back to the original units.

Standardisation gives each feature of the training rows the mean 0 and the standard deviation 1:

    mean_j  = sum_i x_ij / n
    scale_j = sqrt(sum_i (x_ij - mean_j)**2 / n)
    z_ij    = (x_ij - mean_j) / scale_j

A feature that is constant in the training rows has the scale 1. Later rows are transformed with the mean and scale of
the training rows.

The functions leave their arguments unchanged.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 3.4.1.

Strict
------
- A constant feature may have any value, such as 0.1, of which a mean is not exact.
- Features in any unit, such as 1e-12 or 1e12.
- X may hold integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class Scaler(NamedTuple):
    """The mean and the scale of each feature, of shape (n_features,)."""

    mean: np.ndarray
    scale: np.ndarray


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_scaler(X: np.ndarray) -> Scaler:
    """Return the mean and the scale of each feature.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        The training rows, at least one. Values may be large beside their spread, such as 1e6 and 0.01.

    Examples
    --------
    The second feature is constant.

    >>> scaler = fit_scaler(np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]]))
    >>> scaler.mean
    array([3., 5.])
    >>> scaler.scale.round(6)
    array([2.160247, 1.      ])
    """
    constant = X.min(axis=0) == X.max(axis=0)
    return Scaler(X.mean(axis=0), np.where(constant, 1.0, X.std(axis=0)))


def transform(X: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return z for the rows of X.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Any rows, from the training data or later.
    mean, scale : array of shape (n_features,)
        Of the training rows.

    Examples
    --------
    >>> transform(np.array([[7.0, 6.0]]), np.array([3.0, 5.0]), np.array([2.0, 1.0]))
    array([[2., 1.]])
    """
    return (X - mean) / scale


def unscale(intercept: float, coef: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Fit:
    """Return the linear model for x that predicts the same as ``intercept + z . coef``.

    Parameters
    ----------
    intercept : float
    coef : array of shape (n_features,)
        The model for standardised features.
    mean, scale : array of shape (n_features,)

    Examples
    --------
    >>> unscale(10.0, np.array([4.0, 1.0]), np.array([3.0, 5.0]), np.array([2.0, 1.0]))
    Fit(intercept=-1.0, coef=array([2., 1.]))
    """
    slope = coef / scale
    return Fit(float(intercept - slope @ mean), slope)


def fit_scaler_via_loop(X: np.ndarray) -> Scaler:
    """Treat one column at a time, in plain Python."""
    means, scales = [], []
    for column in X.T.tolist():
        mean = math.fsum(column) / len(column)
        variance = math.fsum((x - mean) ** 2 for x in column) / len(column)
        means.append(mean)
        scales.append(math.sqrt(variance) if len(set(column)) > 1 else 1.0)
    return Scaler(np.array(means), np.array(scales))


def fit_scaler_via_running_moments(X: np.ndarray) -> Scaler:
    """Update the mean and the sum of squares row by row, as Welford does."""
    mean = X[0].astype(float)
    squares = np.zeros(X.shape[1])
    for n, row in enumerate(X[1:], 2):
        step = row - mean
        mean = mean + step / n
        squares = squares + step * (row - mean)
    return Scaler(mean, np.where(np.diff(X, axis=0).any(axis=0), np.sqrt(squares / len(X)), 1.0))


def transform_via_columns(X: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Fill in one column after the other."""
    z = np.empty(X.shape)
    for j in range(X.shape[1]):
        z[:, j] = [(x - mean[j]) / scale[j] for x in X[:, j]]
    return z


def unscale_via_prediction(intercept: float, coef: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Fit:
    """Predict at x = 0 for the intercept; solve the diagonal system for the slopes."""
    origin = math.fsum([intercept, *(-m / s * c for m, s, c in zip(mean, scale, coef, strict=True))])
    return Fit(origin, np.linalg.solve(np.diag(scale), coef))
