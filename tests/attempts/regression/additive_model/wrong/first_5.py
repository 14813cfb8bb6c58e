# wrong (core): line extended below the smallest value
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- additive_model
"""An additive model, fitted by backfitting.

An additive model gives each feature a curve of its own:

    y_i = intercept + f_1(x_i1) + ... + f_p(x_ip) + error

A smoother fits one curve to points (x_i, r_i). Backfitting sets the intercept to the mean of y and all f_j to 0. Then
it makes n_iter sweeps. A sweep goes through the features in order, and updates each with the latest f_k of the others:

    f_j <- smoother(x_j, y - intercept - sum_{k != j} f_k)
    f_j <- f_j - mean(f_j)

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 9.1.1, algorithm 9.1.

Strict
------
- ValueError if n_iter is negative, or bandwidth is not positive.
- Arrays may be integers of any type.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Backfit(NamedTuple):
    """A number, and an array of the shape of X: f_j(x_ij) in row i and column j."""

    intercept: float
    components: np.ndarray


def kernel_smooth(x: np.ndarray, r: np.ndarray, bandwidth: float) -> np.ndarray:
    """Return at each x_i the mean of r with weights exp(-((x_i - x_k) / bandwidth)^2 / 2) for r_k.

    Parameters
    ----------
    x, r : arrays of shape (n,)
    bandwidth : float
        Positive, and as small or large as you like.

    Examples
    --------
    >>> x = np.array([0.0, np.sqrt(2 * np.log(2))])  # the weights are 1 and 1/2
    >>> kernel_smooth(x, np.array([0.0, 3.0]), bandwidth=1.0).round(9)
    array([1., 2.])
    """
    if not bandwidth > 0:
        raise ValueError("bandwidth must be positive")
    x, r = np.asarray(x).astype(np.float64), np.asarray(r).astype(np.float64)
    with np.errstate(over="ignore"):
        w = np.exp(-(((x[:, None] - x) / bandwidth) ** 2) / 2.0)
    return w @ r / w.sum(axis=1)


def backfit(X: np.ndarray, y: np.ndarray, smoother: Callable, n_iter: int) -> Backfit:
    """Fit an additive model by exactly n_iter sweeps.

    Parameters
    ----------
    X : array of shape (n, n_features)
    y : array of shape (n,)
    smoother : callable
        smoother(x, r) takes two arrays of shape (n,), and returns the curve at each x_i, whose mean
        need not be 0.
    n_iter : int
        0 leaves all components at 0.

    Examples
    --------
    >>> X, y = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]]), np.array([1.0, 3.0, 8.0])
    >>> fit = backfit(X, y, lambda x, r: x * (x @ r) / (x @ x), n_iter=1)
    >>> fit.intercept, fit.components.T.round(9)
    (4.0, array([[-1.4 ,  0.  ,  1.4 ],
           [-0.12,  0.12,  0.  ]]))
    """
    if n_iter < 0:
        raise ValueError("n_iter must not be negative")
    X, y = np.asarray(X).astype(np.float64), np.asarray(y).astype(np.float64)
    intercept = float(y.mean())
    f = np.zeros(X.shape)
    for _ in range(n_iter):
        for j in range(X.shape[1]):
            rest = f.sum(axis=1) - f[:, j]
            curve = np.asarray(smoother(X[:, j].copy(), y - intercept - rest))
            f[:, j] = curve - curve.mean()
    return Backfit(intercept, f)


def predict(X_new: np.ndarray, X: np.ndarray, intercept: float, components: np.ndarray) -> np.ndarray:
    """Return the prediction for each row of X_new.

    Each curve is a straight line between neighbouring values of its feature in X. Beyond them it keeps its last value.

    Parameters
    ----------
    X_new : array of shape (n_new, n_features)
    X : array of shape (n, n_features)
        Rows in any order. Equal values of a feature have equal components.
    intercept, components : as `backfit` returns them

    Examples
    --------
    >>> X, components = np.array([[2.0], [0.0]]), np.array([[1.0], [-1.0]])
    >>> predict(np.array([[0.5], [9.0]]), X, 4.0, components)
    array([3.5, 5. ])
    """
    X_new, X = np.asarray(X_new).astype(np.float64), np.asarray(X).astype(np.float64)
    components = np.asarray(components).astype(np.float64)
    out = np.full(len(X_new), float(intercept))
    for j in range(X.shape[1]):
        xs, first = np.unique(X[:, j], return_index=True)
        fs = components[first, j]
        k = np.clip(np.searchsorted(xs, X_new[:, j]) - 1, 0, len(xs) - 2)
        t = np.minimum((X_new[:, j] - xs[k]) / (xs[k + 1] - xs[k]), 1.0)
        out += fs[k] + t * (fs[k + 1] - fs[k])
    return out
