# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gradient_boosting
"""Gradient boosting for regression: decision stumps that are fitted to residuals.

The model starts as a constant, the mean of y. Each round fits a stump h to the residuals, the negative gradients of the
squared error, and adds a share of it:

    F_0 = mean of y
    r_i = y_i - F_{t-1}(x_i)
    h_t = the stump with the smallest sum of (r_i - h(x_i))**2
    F_t = F_{t-1} + learning_rate * h_t

A stump sends a sample left if x[feature] <= threshold. The value of either side is the mean of its residuals.

Source: Friedman, Greedy Function Approximation: A Gradient Boosting Machine (2001), algorithm 2, and section 5 for the
learning rate.

Strict
------
- X and y may hold integers of any type.
- ValueError if X and y differ in length.
- Squared errors that differ by rounding alone are ties.
"""

from typing import NamedTuple

import numpy as np


class Boosting(NamedTuple):
    """The constant, and for each stump its feature and threshold and what it adds on either side."""

    start: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


def fit_boosting(X: np.ndarray, y: np.ndarray, n_rounds: int, learning_rate: float = 0.1) -> object:
    """Return a model for predict, in any form that you like.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    n_rounds : int
        May be 0.
    learning_rate : float

    Notes
    -----
    A threshold is the midpoint of two neighbouring distinct values. A tie goes to the lower feature, then to the lower
    threshold. If no feature has two distinct values, there is no stump, and the model is the constant.

    Examples
    --------
    The residuals are -3, -2, 1 and 4, and the stump -2.5 and 2.5.

    >>> X, y = np.array([[1.0], [2.0], [5.0], [6.0]]), np.array([0.0, 1.0, 4.0, 7.0])
    >>> predict(fit_boosting(X, y, n_rounds=1, learning_rate=0.5), X)
    array([1.75, 1.75, 4.25, 4.25])
    """
    raise NotImplementedError


def predict(model: object, X: np.ndarray) -> np.ndarray:
    """Return F of each sample after the last round, for a model of fit_boosting and any number of samples.

    Examples
    --------
    Between two values and beyond the last one.

    >>> model = fit_boosting(np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 3.0, 8.0]), n_rounds=1, learning_rate=1.0)
    >>> predict(model, np.array([[3.5], [4.5], [100.0]]))
    array([2., 8., 8.])
    """
    raise NotImplementedError
