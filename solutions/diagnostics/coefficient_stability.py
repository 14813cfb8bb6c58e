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

import math
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
    design = np.column_stack([np.ones(len(y)), X])
    n, p = design.shape
    if np.linalg.matrix_rank(design) < p:
        raise ValueError("features and intercept are linearly dependent, so no resample determines the fit")
    rows = rng.integers(n, size=(n_resamples, n))
    for _ in range(10_000):
        singular = np.linalg.matrix_rank(design[rows]) < p
        if not singular.any():
            break
        rows[singular] = rng.integers(n, size=(singular.sum(), n))
    return np.einsum("kpn,kn->kp", np.linalg.pinv(design[rows]), y[rows])


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
    return (resampled * np.sign(coef) < 0).mean(axis=0)


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
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(low, high)


def bootstrap_coefficients_via_loop(
    X: np.ndarray, y: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """Fit one resample at a time, with the means taken out."""
    if np.linalg.matrix_rank(X - X[:1]) < X.shape[1]:
        raise ValueError("the features are linearly dependent, or one is constant")
    found = []
    for _ in range(100_000):
        rows = rng.choice(len(y), size=len(y))
        mean = X[rows].mean(axis=0)
        coef = np.linalg.lstsq(X[rows] - mean, y[rows])[0]
        # Differences of equal rows are exactly 0, and deviations from their mean may not be.
        if np.linalg.matrix_rank(X[rows] - X[rows[:1]]) == X.shape[1]:
            found.append([y[rows].mean() - mean @ coef, *coef])
        if len(found) == n_resamples:
            break
    return np.array(found)


def bootstrap_coefficients_via_weights(
    X: np.ndarray, y: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw how often each row occurs, and solve weighted normal equations."""
    design = np.column_stack([np.ones(len(y)), X])
    n, p = design.shape
    if np.linalg.matrix_rank(design) != p:
        raise ValueError("the samples do not determine the fit")
    draws = (rng.multinomial(n, np.full(n, 1 / n)) for _ in range(1_000_000))
    found = []
    for counts in draws:
        if np.linalg.matrix_rank(design[counts > 0]) == p:
            found.append(np.linalg.solve((design.T * counts) @ design, design.T @ (counts * y)))
        if len(found) == n_resamples:
            break
    return np.array(found)


def sign_flip_rate_via_loop(resampled: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Compare the signs of one coefficient at a time."""
    pairs = zip(resampled.T.tolist(), coef.tolist(), strict=True)
    return np.array([np.mean([a < 0 < own or own < 0 < a for a in values]) for values, own in pairs])


def sign_flip_rate_via_signs(resampled: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Subtract signs: opposite ones differ by 2."""
    return np.mean(np.abs(np.sign(resampled) - np.sign(coef)) == 2, axis=0)


def percentile_interval_via_sorting(resampled: np.ndarray, level: float = 0.95) -> Interval:
    """Interpolate between two neighbours of the sorted values."""
    ordered = np.sort(resampled, axis=0)

    def quantile(q: float) -> np.ndarray:
        place = (len(ordered) - 1) * q
        below, above = math.floor(place), math.ceil(place)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    return Interval(quantile((1 - level) / 2), quantile((1 + level) / 2))


def percentile_interval_via_interp(resampled: np.ndarray, level: float = 0.95) -> Interval:
    """Draw the sorted values of each coefficient as a polygon over [0, 1], and read it off."""
    places = np.linspace(0, 1, len(resampled))
    ends = [np.interp([0.5 - level / 2, 0.5 + level / 2], places, np.sort(values)) for values in resampled.T]
    return Interval(*np.array(ends).T)
