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
        raise ValueError(f"bandwidth is {bandwidth}, and has to be positive")
    x = x / bandwidth
    weights = np.exp(-((x[:, None] - x) ** 2) / 2)
    return weights @ r / weights.sum(axis=1)


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
        raise ValueError(f"n_iter is {n_iter}, and may not be negative")
    intercept = y.mean()
    components = np.zeros(X.shape)
    for _ in range(n_iter):
        for j, x in enumerate(X.T):
            others = np.delete(components, j, axis=1).sum(axis=1)
            curve = smoother(x, y - intercept - others)
            components[:, j] = curve - curve.mean()
    return Backfit(float(intercept), components)


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
    order = X.argsort(axis=0)
    knots, heights = np.take_along_axis(X, order, axis=0), np.take_along_axis(components, order, axis=0)
    curves = [np.interp(*curve) for curve in zip(X_new.T, knots.T, heights.T, strict=True)]
    return intercept + np.sum(curves, axis=0)


def kernel_smooth_via_loop(x: np.ndarray, r: np.ndarray, bandwidth: float) -> np.ndarray:
    """Take the means one after another."""
    if bandwidth <= 0:
        raise ValueError("bandwidth is not positive")
    distances = [(x - float(place)) / bandwidth for place in x]
    return np.array([np.average(r, weights=np.exp(-0.5 * np.square(each))) for each in distances])


def kernel_smooth_via_products(x: np.ndarray, r: np.ndarray, bandwidth: float) -> np.ndarray:
    """Keep the weights of one pair at a time, which are the same in both directions."""
    if bandwidth <= 0:
        raise ValueError("bandwidth is not positive")
    x, total, weight = x.tolist(), r.astype(float), np.ones(len(x))
    for i, a in enumerate(x):
        for k in range(i):
            w = np.exp(-(((a - x[k]) / bandwidth) ** 2) / 2)
            total[i], total[k] = total[i] + w * r[k], total[k] + w * r[i]
            weight[i], weight[k] = weight[i] + w, weight[k] + w
    return total / weight


def backfit_via_residuals(X: np.ndarray, y: np.ndarray, smoother: Callable, n_iter: int) -> Backfit:
    """Keep the residuals of the whole model: add a component back, smooth, and take the new one away."""
    if n_iter < 0:
        raise ValueError("n_iter is negative")
    n, n_features = X.shape
    intercept = float(y.sum()) / n
    residuals, components = y - intercept, [np.zeros(n) for _ in range(n_features)]
    for step in range(n_iter * n_features):
        j = step % n_features
        residuals = residuals + components[j]
        curve = smoother(X[:, j], residuals)
        components[j] = curve - sum(curve.tolist()) / n
        residuals = residuals - components[j]
    return Backfit(intercept, np.column_stack(components))


def backfit_via_recursion(X: np.ndarray, y: np.ndarray, smoother: Callable, n_iter: int) -> Backfit:
    """Begin with the components after one sweep less."""
    if n_iter <= 0:
        if n_iter < 0:
            raise ValueError("n_iter is negative")
        return Backfit(float(y.mean()), np.zeros(X.shape))
    intercept, old = backfit_via_recursion(X, y, smoother, n_iter - 1)
    new: list[np.ndarray] = []
    for j in range(X.shape[1]):
        curve = smoother(X[:, j], y - intercept - sum(new) - old[:, j + 1 :].sum(axis=1))
        new.append(curve - curve.mean())
    return Backfit(intercept, np.transpose(new))


def predict_via_neighbours(X_new: np.ndarray, X: np.ndarray, intercept: float, components: np.ndarray) -> np.ndarray:
    """Look for the neighbours of each value, one value at a time."""
    total = []
    for row in X_new.tolist():
        value = float(intercept)
        for place, x, f in zip(row, X.T.tolist(), components.T.tolist(), strict=True):
            curve = dict(zip(x, f, strict=True))
            low = max((a for a in curve if a <= place), default=min(curve))
            high = min((a for a in curve if a >= place), default=max(curve))
            share = (place - low) / (high - low) if low < place < high else 0.0
            value += curve[low] * (1 - share) + curve[high] * share
        total.append(value)
    return np.array(total)


def predict_via_hinges(X_new: np.ndarray, X: np.ndarray, intercept: float, components: np.ndarray) -> np.ndarray:
    """Begin at the height of the lowest value, and climb each segment as far as the new value has come."""
    total = np.full(len(X_new), float(intercept))
    for j in range(X.shape[1]):
        knots, first = np.unique(X[:, j].astype(float), return_index=True)
        heights = components[first, j].astype(float)
        total += heights[0]
        for low, high, climb in zip(knots[:-1], knots[1:], np.diff(heights), strict=True):
            total += climb * np.clip((X_new[:, j] - low) / (high - low), 0, 1)
    return total
