# different style; both bars
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- coefficient_stability
"""How stable are the coefficients of a regression? A bootstrap of pairs.

Fit the same model to many resamples of the data, and look at how the coefficients differ. This needs no formula for
their variance, and holds for errors of unequal variance.

A resample of n rows is n rows drawn with replacement, where a row keeps its features and its y together. Each fit is
least squares with an intercept:

    y_i = intercept + x_i . coef + e_i

If the rows of a resample do not determine the fit, it is drawn anew. With two features, three distinct rows are not
enough if they lie on a line.

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
    # Shifted to the first row, in a type that holds every integer; then each column in units of its spread.
    wide_X, wide_y = np.asarray(X).astype(np.longdouble), np.asarray(y).astype(np.longdouble)
    n, p = wide_X.shape
    if n < p + 1:
        raise ValueError("fewer samples than coefficients")
    origin_X, origin_y = wide_X[0], wide_y[0]
    Z, u = (wide_X - origin_X), (wide_y - origin_y).astype(float)
    unit = np.abs(Z).max(axis=0)
    if not (unit > 0).all():
        raise ValueError("a feature is constant")
    Z = (Z / unit).astype(float)
    noise = max([1.0, *(np.abs(wide_X).max(axis=0) / unit)])  # how much the origin enlarges rounding
    tolerance = float(max(n, p + 1) * np.finfo(float).eps * noise)

    def fit_many(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted fits for all rows of counts, and which of them are determined."""
        share = counts / n
        centre = share @ Z
        centre_u = share @ u
        root = np.sqrt(counts)
        rows = (Z[None] - centre[:, None]) * root[:, :, None]
        target = (u[None] - centre_u[:, None]) * root
        U, s, Vt = np.linalg.svd(rows, full_matrices=False)
        # A resample may lie in a small part of the range, so that each of its columns gets a unit of its own.
        size = np.sqrt((rows**2).sum(axis=1))
        flat = (size <= tolerance).any(axis=1)
        own = np.linalg.svd(rows / np.where(size > 0, size, 1)[:, None], compute_uv=False)
        good = ~flat & (own > tolerance).all(axis=1) & (s > 0).all(axis=1)
        slope = np.einsum("bkj,bk->bj", Vt, np.einsum("bnk,bn->bk", U, target) / np.where(s > 0, s, 1))
        level = centre_u - (centre * slope).sum(axis=1)
        coef = slope / unit
        intercept = origin_y + level - coef @ origin_X
        return np.column_stack([intercept, coef]).astype(float), good

    if not fit_many(np.ones((1, n)))[1][0]:
        raise ValueError("the samples do not determine the fit")
    batch = int(max(1, min(2000, 10**6 // (n * (p + 1)))))
    kept, missing = [np.empty((0, p + 1))], n_resamples
    while missing > 0:
        # How often each row is drawn is multinomial.
        coef, good = fit_many(rng.multinomial(n, np.full(n, 1 / n), size=min(batch, 2 * missing + 8)).astype(float))
        kept.append(coef[good][:missing])
        missing -= len(kept[-1])
    return np.concatenate(kept)


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
    rows, signs = np.asarray(resampled).tolist(), [(c > 0) - (c < 0) for c in np.asarray(coef).tolist()]
    flips = [0] * len(signs)
    for row in rows:
        for j, value in enumerate(row):
            if signs[j] and (value > 0) - (value < 0) == -signs[j]:
                flips[j] += 1
    return np.array([count / len(rows) for count in flips])


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
    ordered = np.sort(np.asarray(resampled), axis=0).astype(float)
    last = len(ordered) - 1

    def at(place: float) -> np.ndarray:
        below = min(max(int(place), 0), last)
        above = min(below + 1, last)
        weight = place - below
        return ordered[below] * (1 - weight) + ordered[above] * weight

    cut = last * (1 - level) / 2
    return Interval(at(cut), at(last - cut))
