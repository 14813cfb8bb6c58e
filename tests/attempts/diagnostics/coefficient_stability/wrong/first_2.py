# wrong (core): a resampled 0 counts as the opposite of a coefficient of 0
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
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
    X, y = np.asarray(X).astype(float), np.asarray(y).astype(float)
    n, k = X.shape
    span = np.ptp(X, axis=0)
    span = np.where(span == 0, 1.0, span)

    def determined(rows):
        return np.linalg.matrix_rank((X[rows[1:]] - X[rows[0]]) / span) == k if n > k else False

    if not determined(np.arange(n)):
        raise ValueError("the samples do not determine the fit")
    result = np.empty((n_resamples, k + 1))
    for b in range(n_resamples):
        rows = rng.integers(0, n, size=n)
        while not determined(rows):
            rows = rng.integers(0, n, size=n)
        Xb, yb = X[rows], y[rows]
        center, y_center = Xb.mean(axis=0), yb.mean()
        slopes = np.linalg.lstsq((Xb - center) / span, yb - y_center, rcond=None)[0] / span
        result[b] = np.append(y_center - center @ slopes, slopes)
    return result


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
    flips = np.sign(resampled) == -np.sign(coef)
    return flips.mean(axis=0)


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
    ordered = np.sort(np.asarray(resampled, float), axis=0)
    n = len(ordered)

    def quantile(q):
        place = (n - 1) * q
        below = int(np.floor(place))
        above = min(below + 1, n - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    return Interval(quantile((1 - level) / 2), quantile((1 + level) / 2))
