"""Ridge regression.

Ridge adds a penalty on the size of the coefficients to least squares. It minimises

    sum_i (y_i - intercept - x_i . coef)^2 + alpha * sum_j coef_j^2

The intercept has no penalty. For alpha > 0 there is one minimum for any X. Along a direction in which the centred
features have singular value d, the least-squares solution is multiplied by d^2 / (d^2 + alpha).

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 3.4.1; Hoerl and Kennard (1970).

Strict
------
- At alpha = 0 with dependent features, many fits reach the minimum. Return the one with the smallest sum of coef_j^2.
- Features in any unit, such as 1e-12 or 1e12, and far from 0, such as seconds since 1970.
- ValueError if alpha is negative.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit a linear model with an intercept and an L2 penalty.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. Features may be constant, copies or sums of others, and
        there may be more features than samples.
    y : array of shape (n_samples,)
    alpha : float
        0 is least squares. For dependent features at 0, constant ones included, see Strict.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_ridge(X, y, alpha=5.0)  # the slope is 7 / (2 + alpha)
    >>> round(intercept, 9), coef.round(9)
    (3.0, array([1.]))
    """
    if alpha < 0:
        raise ValueError(f"alpha is {alpha}, and may not be negative")
    x_mean, y_mean = _means(X), y.mean()
    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)
    penalised = lengths**2 + alpha
    # A direction of rounding size is none at all: at alpha 0 it would be blown up.
    penalised[lengths <= 1e-10 * lengths[0]] = np.inf
    coef = (lengths / penalised * (left.T @ (y - y_mean))) @ directions
    return Fit(float(y_mean - x_mean @ coef), coef)


def _means(X: np.ndarray) -> np.ndarray:
    """Return the mean of each feature, that of a constant one exactly: the mean of three 0.1 is not 0.1."""
    return np.where((X[0] == X).all(axis=0), X[0], X.mean(axis=0))


def fit_ridge_via_more_samples(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Add a sample for each feature, sqrt(alpha) in that feature and 0 for y: its squared residual is the penalty."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    x_mean, y_mean = _means(X), y.mean()
    longer = np.vstack([X - x_mean, alpha**0.5 * np.eye(X.shape[1])])
    coef = np.linalg.lstsq(longer, np.append(y - y_mean, np.zeros(X.shape[1])), rcond=1e-10)[0]
    return Fit(y_mean - x_mean @ coef, coef)


def fit_ridge_via_weights_of_samples(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Write coef as a combination of the samples: the system has a row for each sample, not for each feature."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    centred = X - _means(X)
    kernel = centred @ centred.T
    weights = np.linalg.lstsq(kernel + alpha * np.eye(len(X)), y - y.mean(), rcond=1e-12)[0]
    coef = centred.T @ weights
    return Fit(np.mean(y - X @ coef), coef)


def fit_ridge_via_eigenvectors(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Divide by the eigenvalues of X'X plus alpha, one direction at a time."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    x_mean = _means(X)
    values, vectors = np.linalg.eigh((X - x_mean).T @ (X - x_mean))
    kept = values > 1e-12 * values[-1]
    coef = vectors[:, kept] @ (vectors[:, kept].T @ ((X - x_mean).T @ y) / (values[kept] + alpha))
    return Fit(np.mean(y) - x_mean @ coef, coef)
