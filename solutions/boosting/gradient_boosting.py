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

from itertools import pairwise
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
    if len(X) != len(y):
        raise ValueError(f"{len(X)} samples need as many targets, not {len(y)}")
    order = np.argsort(X, axis=0)
    values = np.take_along_axis(X, order, axis=0)
    # The candidates, by feature and by threshold: `last` is the place of the last sample on the left.
    features, last = np.nonzero((values[:-1] < values[1:]).T)
    thresholds = values[last, features] / 2 + values[last + 1, features] / 2
    n_left, n_right = last + 1, len(y) - last - 1
    start = float(y.mean())
    residual, stumps = y - start, []
    for _ in range(n_rounds if features.size else 0):
        # The residuals add up to 0, so the sum on the right is that on the left with the other sign.
        sums = np.cumsum(residual[order], axis=0)[last, features]
        gains = sums**2 / n_left + sums**2 / n_right
        best = int(np.argmax(gains >= gains.max() * (1 - 1e-9)))
        left, right = learning_rate * sums[best] / n_left[best], -learning_rate * sums[best] / n_right[best]
        residual = residual - np.where(X[:, features[best]] <= thresholds[best], left, right)
        stumps.append((features[best], thresholds[best], left, right))
    table = np.array(stumps).reshape(-1, 4)
    return Boosting(start, table[:, 0].astype(int), *table[:, 1:].T)


def predict(model: object, X: np.ndarray) -> np.ndarray:
    """Return F of each sample after the last round, for a model of fit_boosting and any number of samples.

    Examples
    --------
    Between two values and beyond the last one.

    >>> model = fit_boosting(np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 3.0, 8.0]), n_rounds=1, learning_rate=1.0)
    >>> predict(model, np.array([[3.5], [4.5], [100.0]]))
    array([2., 8., 8.])
    """
    on_left = X[:, model.features] <= model.thresholds
    return model.start + np.where(on_left, model.left, model.right).sum(axis=1)


def fit_boosting_via_table(X: np.ndarray, y: np.ndarray, n_rounds: int, learning_rate: float = 0.1) -> object:
    """Tabulate which samples are left of each candidate; a round is a product with that table."""
    candidates = []
    for feature, column in enumerate(X.T):
        distinct = np.unique(column).astype(float)
        candidates += [(feature, threshold) for threshold in (distinct[:-1] + distinct[1:]) / 2]
    on_left = np.array([X[:, feature] <= threshold for feature, threshold in candidates]).reshape(-1, len(X))
    sizes = on_left.sum(axis=1)
    prediction, rounds = np.full(len(y), np.mean(y)), []
    for _ in range(n_rounds if candidates else 0):
        residual = y - prediction  # a ValueError if X and y differ in length
        lefts, rights = (on_left @ residual) / sizes, (~on_left @ residual) / (len(y) - sizes)
        gains = sizes * lefts**2 + (len(y) - sizes) * rights**2
        best = np.flatnonzero(gains >= gains.max() - 1e-9 * residual @ residual)[0]
        added = (learning_rate * lefts[best], learning_rate * rights[best])
        prediction = prediction + np.where(on_left[best], *added)
        rounds.append((*candidates[best], *added))
    features, *others = np.array(rounds).reshape(-1, 4).T
    return Boosting(float(np.mean(y)), features.astype(int), *others)


def fit_boosting_via_loop(X: np.ndarray, y: np.ndarray, n_rounds: int, learning_rate: float = 0.1) -> object:
    """Try each stump by its squared error, in plain Python."""
    n = len(y)
    if len(X) != n:
        raise ValueError("X and y differ in length")
    columns = [column.tolist() for column in X.T]
    residual = [truth - sum(y.tolist()) / n for truth in y.tolist()]
    stumps: list[tuple] = []
    for _ in range(n_rounds):
        best, lowest, tolerance = None, np.inf, 1e-9 * sum(r * r for r in residual)
        for feature, column in enumerate(columns):
            for lower, upper in pairwise(sorted(set(column))):
                sides = [
                    [r for x, r in zip(column, residual, strict=True) if (x <= lower) == is_left]
                    for is_left in (True, False)
                ]
                means = [sum(side) / len(side) for side in sides]
                error = sum((r - mean) ** 2 for side, mean in zip(sides, means, strict=True) for r in side)
                if error < lowest - tolerance:
                    lowest, best = error, (feature, lower / 2 + upper / 2, *(learning_rate * mean for mean in means))
        if best is None:
            break
        stumps.append(best)
        feature, threshold, left, right = best
        residual = [r - (left if x <= threshold else right) for x, r in zip(columns[feature], residual, strict=True)]
    features, *others = ([stump[field] for stump in stumps] for field in range(4))
    return Boosting(sum(y.tolist()) / n, np.array(features, dtype=int), *map(np.array, others))


def predict_via_loop(model: object, X: np.ndarray) -> np.ndarray:
    """Let each sample go from stump to stump."""
    predictions = []
    for sample in X:
        value = model.start
        for feature, threshold, left, right in zip(*model[1:], strict=True):
            value += left if sample[feature] <= threshold else right
        predictions.append(value)
    return np.array(predictions)
