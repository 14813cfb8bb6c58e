# wrong (core): unscale ends its loop at the first coefficient of 0, instead of skipping that
# shown by: unscale(10, [0, 4], [5, 3], [1, 2]): Fit(4, [0, 2]) against wrong Fit(10, [0, 0])
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- feature_scaling
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
    X = np.asarray(X, dtype=float)
    constant = (X == X[0]).all(axis=0)
    mean = X.mean(axis=0)
    mean = mean + (X - mean).mean(axis=0)
    mean = np.where(constant, X[0], mean)
    scale = np.sqrt(((X - mean) ** 2).mean(axis=0))
    return Scaler(mean, np.where(constant, 1.0, scale))


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
    return (np.asarray(X, dtype=float) - mean) / scale


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
    new = np.zeros(len(coef))
    intercept = float(intercept)
    for j in range(len(coef)):
        if coef[j] == 0:
            break
        new[j] = coef[j] / scale[j]
        intercept -= float(new[j] * mean[j])
    return Fit(intercept, new)
