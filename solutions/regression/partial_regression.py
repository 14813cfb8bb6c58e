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
    if np.ptp(X[:, feature]) == 0:
        raise ValueError(f"feature {feature} is constant")
    centred = X - X.mean(axis=0)
    others, pair = np.delete(centred, feature, axis=1), np.column_stack([centred[:, feature], y - y.mean()])
    x_residual, y_residual = (pair - others @ np.linalg.lstsq(others, pair, rcond=1e-13)[0]).T
    left = x_residual @ x_residual
    if left < 1e-10 * (pair[:, 0] @ pair[:, 0]):
        raise ValueError(f"the other features explain all of feature {feature}")
    return PartialRegression(x_residual, y_residual, float(x_residual @ y_residual / left))


def partial_regression_via_full_fit(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    """Fit y to all features, and give its residuals back what feature j had explained alone."""
    features, target = X - X.mean(axis=0), y - y.mean()
    x, others = features[:, feature], np.delete(features, feature, axis=1)
    x_residual = x - others @ np.linalg.lstsq(others, x)[0]
    if X[:, feature].min() == X[:, feature].max() or x_residual.var() < 1e-10 * x.var():
        raise ValueError("the slope is not determined")
    coef = np.linalg.lstsq(features, target)[0]
    return PartialRegression(x_residual, target - features @ coef + coef[feature] * x_residual, coef[feature])


def partial_regression_via_gram_schmidt(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    """Strip off the mean and the directions of the other features, one by one."""
    if len(set(X[:, feature].tolist())) == 1:
        raise ValueError("the feature is constant")
    basis = [np.full(len(X), len(X) ** -0.5)]

    def stripped(column: np.ndarray) -> np.ndarray:
        rest = column - column.mean()
        for direction in basis * 2:  # the second time removes what rounding left
            rest = rest - (direction @ rest) * direction
        return rest

    for k, column in enumerate(X.T):
        rest = stripped(column)
        if k != feature and rest @ rest > 1e-20 * len(X) * column.var():
            basis.append(rest / np.linalg.norm(rest))
    x_residual, y_residual = stripped(X[:, feature]), stripped(y)
    if np.mean(x_residual**2) < 1e-10 * X[:, feature].var():
        raise ValueError("the feature depends on the others")
    return PartialRegression(x_residual, y_residual, x_residual @ y_residual / (x_residual @ x_residual))
