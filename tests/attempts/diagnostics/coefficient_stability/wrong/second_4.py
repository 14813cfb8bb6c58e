# wrong (core): coef 0 counts as negative: positive resamples are flips
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- coefficient_stability
"""How stable are the coefficients of a regression? A bootstrap of pairs.

Fit the same model to many resamples of the data, and look at how the coefficients differ. This needs no formula for
their variance, and holds for errors of unequal variance.

A resample of n rows is n rows drawn with replacement, where a row keeps its features and its y together. Each fit is
least squares with an intercept:

    y_i = intercept + x_i . coef + e_i

If the rows of a resample do not determine the fit, it is drawn anew until they do. With two features, three distinct
rows are not enough if they lie on a line.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 9 and 13.

Strict
------
- X and y may be integers of any type.
- Coefficients near 1e-200 have a sign, too.
"""

from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """Two arrays of shape (n_coefficients,)."""

    low: np.ndarray
    high: np.ndarray


def bootstrap_coefficients(X: np.ndarray, y: np.ndarray, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the coefficients of each resample: one row a resample, the intercept first.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column.
    y : array of shape (n_samples,)
    n_resamples : int
        Number of rows of the result.
    rng : np.random.Generator
        The only source of randomness.

    Raises
    ------
    ValueError
        If all samples together do not determine the fit.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
    >>> bootstrap_coefficients(X, y, 2, np.random.default_rng(0)).round(6)
    array([[1., 2.],
           [1., 2.]])
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n = len(y)

    def determined(rows):
        Z = X[rows]
        if np.any(np.ptp(Z, axis=0) == 0):
            return False
        Z = Z - Z.mean(axis=0)
        Z = Z / np.linalg.norm(Z, axis=0)
        return len(rows) > X.shape[1] and np.linalg.matrix_rank(Z) == X.shape[1]

    def fit(rows):
        center, scale = X[rows].mean(axis=0), np.ptp(X[rows], axis=0)
        scale = np.where(scale == 0, 1.0, scale)
        A = np.column_stack([np.ones(len(rows)), (X[rows] - center) / scale])
        beta = np.linalg.lstsq(A, y[rows], rcond=None)[0]
        coef = beta[1:] / scale
        return np.concatenate([[beta[0] - center @ coef], coef])

    if not determined(np.arange(n)):
        raise ValueError("the samples do not determine the fit")
    out = np.empty((n_resamples, X.shape[1] + 1))
    for b in range(n_resamples):
        rows = rng.integers(0, n, size=n)
        while not determined(rows):
            rows = rng.integers(0, n, size=n)
        out[b] = fit(rows)
    return out


def sign_flip_rate(resampled: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Return for each coefficient the share of resamples with the opposite sign. 0 is opposite to nothing.

    Parameters
    ----------
    resampled : array of shape (n_resamples, n_coefficients)
    coef : array of shape (n_coefficients,)
        The fit to the data themselves.

    Examples
    --------
    >>> sign_flip_rate(np.array([[1.0, 2.0], [3.0, -1.0], [0.0, -4.0], [-2.0, -5.0]]), np.array([1.0, 0.5]))
    array([0.25, 0.75])
    """
    return np.mean(((resampled > 0) != (coef > 0)) & (resampled != 0), axis=0)


def percentile_interval(resampled: np.ndarray, level: float = 0.95) -> Interval:
    """Return the interval that leaves out a share of (1 - level) / 2 on each side.

    Quantiles are NumPy's: that of q lies at place (n_resamples - 1) * q of the sorted values, counted from 0, with
    linear interpolation.

    Parameters
    ----------
    resampled : array of shape (n_resamples, n_coefficients)
    level : float
        From 0 to 1.

    Examples
    --------
    >>> percentile_interval(np.array([[5.0], [1.0], [2.0], [4.0], [3.0]]), level=0.75)
    Interval(low=array([1.5]), high=array([4.5]))
    """
    tail = (1 - level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return Interval(low, high)
