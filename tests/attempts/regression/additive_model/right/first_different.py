# different style; both bars
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

import bisect
import math
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
    width = float(bandwidth)
    if not width > 0:
        raise ValueError("bandwidth must be positive")
    places, values = np.asarray(x).tolist(), np.asarray(r).tolist()
    smooth = []
    for here in places:
        weights = []
        for there in places:
            z = abs(here - there) / width  # Python's integers do not wrap; an infinite z has weight 0
            weights.append(math.exp(-0.5 * (z * z)))
        smooth.append(math.fsum(w * v for w, v in zip(weights, values)) / math.fsum(weights))
    return np.array(smooth, dtype=float)


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
    columns = [np.array(column, dtype=float) for column in np.asarray(X).T]
    target = np.array(y, dtype=float)
    intercept = math.fsum(target) / len(target)
    curves = [np.zeros(len(target)) for _ in columns]
    left = target - intercept  # what all curves together leave
    for _ in range(n_iter):
        for j, column in enumerate(columns):
            partial = left + curves[j]
            curve = np.array(smoother(column.copy(), partial.copy()), dtype=float)
            curve -= math.fsum(curve) / len(curve)
            curves[j] = curve
            left = partial - curve
    return Backfit(intercept, np.array(curves, dtype=float).reshape(len(columns), len(target)).T)


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
    knots = []
    for column, heights in zip(np.asarray(X).T.tolist(), np.asarray(components).T.tolist()):
        curve = dict(zip(column, heights))
        places = sorted(curve)
        knots.append((places, [curve[place] for place in places]))
    result = []
    for row in np.asarray(X_new).tolist():
        total = [float(intercept)]
        for value, (places, heights) in zip(row, knots):
            k = bisect.bisect_right(places, value)
            if k == 0:
                total.append(heights[0])
            elif k == len(places):
                total.append(heights[-1])
            else:
                t = (value - places[k - 1]) / (places[k] - places[k - 1])
                total.append((1 - t) * heights[k - 1] + t * heights[k])
        result.append(math.fsum(total))
    return np.array(result, dtype=float)
