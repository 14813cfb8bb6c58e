"""Ridge regression.

Least squares pays for residuals alone. Ridge also pays for coefficients: it minimises

    sum over samples of (y_i - intercept - x_i . coef)^2 + alpha * sum over features of coef_j^2

The intercept costs nothing, so that a shift of y, or of a feature, leaves coef alone. For alpha above 0 there is one
minimum, whatever X is: along a direction in which the features have the singular value d, the least-squares solution is
multiplied by d^2 / (d^2 + alpha), which is nearly 1 where d is large and nearly 0 where it is small.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 3.4.1; Hoerl and Kennard (1970).
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """What `fit_ridge` returns: a number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit a linear model with an intercept and a penalty on the squares of its coefficients.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least two samples, and no intercept column. It is used in its own units, whichever they are, not
        standardised. Features may be constant, though not all of them, and may depend on one another, exactly but for
        rounding; there may be more of them than samples.
    y : array of shape (n_samples,)
    alpha : float, 0 or more
        The weight of the penalty, as in the formula above: neither halved nor multiplied by the number of samples.

    Returns
    -------
    Fit
        intercept, coef. At alpha 0, several fits may share the smallest sum of squared residuals. Of those, return the
        one whose coef has the smallest sum of squares, which is the limit as alpha falls to 0.

    Raises
    ------
    ValueError
        If alpha is negative.

    Examples
    --------
    Centred, x y sums to 7 and x^2 to 2: the slope is 7 / (2 + alpha).

    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_ridge(X, y, alpha=5.0)
    >>> round(intercept, 9), coef.round(9)
    (3.0, array([1.]))
    >>> intercept, coef = fit_ridge(X, y, alpha=0.0)
    >>> round(intercept, 9), coef.round(9)
    (0.5, array([3.5]))
    """
    if alpha < 0:
        raise ValueError(f"alpha is {alpha}, and may not be negative")
    x_mean, y_mean = X.mean(axis=0), y.mean()
    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)
    penalised = lengths**2 + alpha
    # A direction of rounding size is none at all: at alpha 0 it would be blown up.
    penalised[lengths <= 1e-10 * lengths[0]] = np.inf
    coef = (lengths / penalised * (left.T @ (y - y_mean))) @ directions
    return Fit(float(y_mean - x_mean @ coef), coef)


def fit_ridge_via_more_samples(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Add a sample for each feature, sqrt(alpha) in that feature and 0 for y: its squared residual is the penalty."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    x_mean, y_mean = X.mean(axis=0), y.mean()
    longer = np.vstack([X - x_mean, alpha**0.5 * np.eye(X.shape[1])])
    coef = np.linalg.lstsq(longer, np.append(y - y_mean, np.zeros(X.shape[1])), rcond=1e-10)[0]
    return Fit(y_mean - x_mean @ coef, coef)


def fit_ridge_via_weights_of_samples(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Write coef as a combination of the samples: the system has a row for each sample, not for each feature."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    centred = X - X.mean(axis=0)
    kernel = centred @ centred.T
    weights = np.linalg.lstsq(kernel + alpha * np.eye(len(X)), y - y.mean(), rcond=1e-12)[0]
    coef = centred.T @ weights
    return Fit(np.mean(y - X @ coef), coef)


def fit_ridge_via_eigenvectors(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Divide by the eigenvalues of X'X plus alpha, one direction at a time."""
    if alpha < 0:
        raise ValueError("alpha is negative")
    x_mean = X.mean(axis=0)
    values, vectors = np.linalg.eigh((X - x_mean).T @ (X - x_mean))
    kept = values > 1e-12 * values[-1]
    coef = vectors[:, kept] @ (vectors[:, kept].T @ ((X - x_mean).T @ y) / (values[kept] + alpha))
    return Fit(np.mean(y) - x_mean @ coef, coef)
