# wrong (core): x_residual is compared with feature j's sum of squares about zero, not about its mean, so a collinear but determined feature with a mean far from zero is refused.
# shown by: partial_regression(X3([0, 1]) @ [[1e-3, 0], [1, 1]] + [1000.0, 0], Y3, 0).slope; right 1910.76, this ValueError
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- partial_regression
"""The effect of one feature with the others held fixed, from two vectors of residuals.

Regress feature j on all other features, and y on the same others, each by least squares with an intercept:

    x_residual = feature j - its fit to the other features
    y_residual = y - its fit to the other features
    slope = sum_i x_residual_i * y_residual_i / sum_i x_residual_i^2

The slope is the coefficient of feature j in the fit of y to all features: the theorem of Frisch, Waugh and Lovell.
y_residual over x_residual is the partial regression plot, also called added-variable plot. The partial residuals
e + coef_j * x_j, with e from the fit to all features, are something else.

Sources: Lovell (1963); Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 2.

Strict
------
- Features and y may lie a million standard deviations from zero.
- Arrays may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class PartialRegression(NamedTuple):
    """Two arrays of shape (n_samples,), and a number."""

    x_residual: np.ndarray
    y_residual: np.ndarray
    slope: float


def partial_regression(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    """Return both vectors of residuals, and the slope.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. The other features may depend on one another, as copies or sums. The residuals are
        then the same as without the redundant ones. A single feature has no others: only the intercept is removed.
    y : array of shape (n_samples,)
    feature : int
        j, from 0 to n_features - 1.

    Raises
    ------
    ValueError
        If the slope is not determined: feature j is constant, or the others explain all of it. That is so if
        x_residual has less than 1e-10 of the sum of squares that feature j has about its mean.

    Examples
    --------
    The slope of y on feature 0 alone would be 0.9.

    >>> X = np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 4.0], [4.0, 7.0], [5.0, 5.0]])
    >>> x_residual, y_residual, slope = partial_regression(X, np.array([2.0, 1.0, 6.0, 8.0, 3.0]), 0)
    >>> x_residual.round(9) + 0.0
    array([-1.5,  0.5,  0. , -0.5,  1.5])
    >>> y_residual.round(9)
    array([-0.9,  0.3,  2. ,  0.7, -2.1])
    >>> round(slope, 9)
    -0.4
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    x = _center(X[:, feature])
    basis = _basis(np.delete(X, feature, axis=1))
    x_residual = _remove(basis, x)
    y_residual = _remove(basis, _center(y))
    square = float(x_residual @ x_residual)
    total = float(X[:, feature] @ X[:, feature])
    if not x.any() or square < 1e-10 * total:
        raise ValueError("the slope is not determined")
    return PartialRegression(x_residual, y_residual, float(x_residual @ y_residual) / square)


def _center(v: np.ndarray) -> np.ndarray:
    if np.all(v == v[0]):
        return np.zeros(len(v))
    v = v - v[0]
    v = v - v.mean()
    return v - v.mean()


def _basis(others: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the centered other features."""
    columns = []
    noise = 1e-13 * max(others.shape)
    for column in others.T:
        centered = _center(column)
        norm = np.linalg.norm(centered)
        if norm > 0:
            columns.append(centered / norm)
            noise = max(noise, 10 * np.finfo(float).eps * np.abs(column).max() / norm)
    if not columns:
        return np.zeros((len(others), 0))
    u, s, _ = np.linalg.svd(np.column_stack(columns), full_matrices=False)
    return u[:, s > noise * s[0]]


def _remove(basis: np.ndarray, v: np.ndarray) -> np.ndarray:
    for _ in range(2):
        v = v - basis @ (basis.T @ v)
    return v
