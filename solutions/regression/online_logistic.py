"""Logistic regression that learns from a stream, and is scored on it: predict, score, then learn.

Weights w and intercept b start at 0. Sample t = 0, 1, ... has the margin m = b + x_t . w and the log loss

    loss_t = log(1 + exp(m)) - y_t m

It is scored before its label is used, so that each loss is one on new data. A step of gradient descent on sample s is

    w <- w - lr (p - y_s) x_s,    b <- b - lr (p - y_s),    p = 1 / (1 + exp(-(b + x_s . w)))    with the present w, b

Margins may be as large as 1e6 in size. Losses are not clipped.

Source: Blum, Kalai and Langford, Beating the Hold-Out: Bounds for K-fold and Progressive Cross-Validation (1999).

Strict
------
- X may be integers of any type, and y booleans or integers of any type.
- ValueError if delay is negative.
"""

from typing import NamedTuple

import numpy as np


class Progress(NamedTuple):
    """The loss of each sample, and the weights and the intercept at the end."""

    losses: np.ndarray
    weights: np.ndarray
    intercept: float


class SparseProgress(NamedTuple):
    """The same, with the weights of all features that occurred."""

    losses: np.ndarray
    weights: dict[int, float]
    intercept: float


def progressive_log_loss(X: np.ndarray, y: np.ndarray, lr: float, delay: int = 0) -> Progress:
    """Score and learn one sample after the other.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels 0 and 1.
    lr : float
        Not negative.
    delay : int
        After sample t is scored, learn from sample t - delay, if there is one. So the last labels are never used.

    Raises
    ------
    ValueError
        If a label is not 0 or 1.

    Examples
    --------
    >>> X, y = np.array([[2.0], [4.0], [0.0]]), np.array([1, 0, 1])
    >>> run = progressive_log_loss(X, y, lr=0.5)
    >>> run.losses.round(4), run.weights.round(4), round(run.intercept, 4)
    (array([0.6931, 2.3502, 0.7994]), array([-1.3093]), 0.0729)
    """
    _check(y)
    if delay < 0:
        raise ValueError("a label cannot arrive before its sample")
    inputs = np.column_stack([X, np.ones(len(X))])
    weights, losses = np.zeros(inputs.shape[1]), np.empty(len(X))
    for t, x in enumerate(inputs):
        margin = x @ weights
        losses[t] = np.logaddexp(0, margin) - y[t] * margin
        if t >= delay:
            old = inputs[t - delay]
            weights -= lr * (_sigmoid(old @ weights) - y[t - delay]) * old
    return Progress(losses, weights[:-1], float(weights[-1]))


def progressive_log_loss_sparse(rows: list[dict[int, float]], y: np.ndarray, lr: float) -> SparseProgress:
    """Do the same without delay, with rows that hold their nonzero features only.

    Parameters
    ----------
    rows : list of dict
        From the number of a feature to its value, which is not 0. Numbers may be negative, and as large as
        10**15. A row may be empty.

    Examples
    --------
    >>> run = progressive_log_loss_sparse([{7: 2.0}, {}, {9: 1.0, 7: 4.0}], np.array([1, 0, 0]), lr=0.5)
    >>> run.losses.round(4), sorted(run.weights)
    (array([0.6931, 0.8259, 2.0996]), [7, 9])
    """
    _check(y)
    weights: dict[int, float] = {}
    intercept, losses = 0.0, np.empty(len(rows))
    for t, (row, label) in enumerate(zip(rows, y.tolist(), strict=True)):
        margin = intercept + sum(value * weights.get(feature, 0.0) for feature, value in row.items())
        losses[t] = np.logaddexp(0, margin) - label * margin
        step = lr * (_sigmoid(margin) - label)
        intercept -= step
        for feature, value in row.items():
            weights[feature] = weights.get(feature, 0.0) - step * value
    return SparseProgress(losses, weights, intercept)


def _check(y: np.ndarray) -> None:
    if ((y != 0) & (y != 1)).any():
        raise ValueError("labels are 0 and 1")


def _sigmoid(margin: float) -> float:
    return float(np.exp(-np.logaddexp(0, -margin)))


def progressive_log_loss_via_signs(X: np.ndarray, y: np.ndarray, lr: float, delay: int = 0) -> Progress:
    """Use labels -1 and 1: the loss and the step depend on the label times the margin alone."""
    if delay < 0 or not set(y.tolist()) <= {0, 1}:
        raise ValueError("no such delay or label")
    weights, intercept, losses, waiting = np.zeros(X.shape[1]), 0.0, [], []
    for x, sign in zip(X, 2.0 * y - 1, strict=True):
        wrong = -sign * (intercept + weights @ x)
        losses.append(max(wrong, 0.0) + np.log1p(np.exp(-abs(wrong))))
        waiting.append((x, sign))
        if len(waiting) > delay:
            past, label = waiting.pop(0)
            push = label * lr * (1 + np.tanh(-label * (intercept + weights @ past) / 2)) / 2
            weights, intercept = weights + push * past, intercept + push
    return Progress(np.array(losses), weights, float(intercept))


def progressive_log_loss_via_products(X: np.ndarray, y: np.ndarray, lr: float, delay: int = 0) -> Progress:
    """Keep one step size per sample instead of weights: margins are sums of products of samples."""
    if delay < 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("no such delay or label")
    X = X.astype(float)
    products, steps, losses = X @ X.T + 1, np.zeros(len(X)), np.zeros(len(X))
    for t in range(len(X)):
        margin = products[t] @ steps
        losses[t] = np.logaddexp(0, -margin if y[t] else margin)
        s = t - delay
        if s >= 0:
            margin = products[s] @ steps
            steps[s] -= lr * (np.exp(min(margin, 0.0)) / (1 + np.exp(-abs(margin))) - y[s])
    return Progress(losses, steps @ X, float(steps.sum()))


def progressive_log_loss_sparse_via_columns(rows: list[dict[int, float]], y: np.ndarray, lr: float) -> SparseProgress:
    """Give each feature that occurs a column, and learn on dense rows."""
    features = {feature for row in rows for feature in row}
    column = {feature: j for j, feature in enumerate(features)}
    X = np.zeros((len(rows), len(features)))
    for i, row in enumerate(rows):
        for feature, value in row.items():
            X[i, column[feature]] = value
    run = progressive_log_loss(X, y, lr)
    return SparseProgress(run.losses, dict(zip(features, run.weights.tolist(), strict=True)), run.intercept)


def progressive_log_loss_sparse_via_history(rows: list[dict[int, float]], y: np.ndarray, lr: float) -> SparseProgress:
    """Keep all the changes of each feature, and sum them up when it occurs."""
    changes: dict[int, list[float]] = {}
    bias, losses = [], []
    for row, label in zip(rows, y, strict=True):
        if label not in (0, 1):
            raise ValueError("labels are 0 and 1")
        margin = sum(bias)
        for feature in row:
            margin += row[feature] * sum(changes.setdefault(feature, []))
        losses.append(np.logaddexp(0, (1 - 2.0 * label) * margin))
        change = lr * (label - (1 + np.tanh(margin / 2)) / 2)
        bias.append(change)
        for feature in row:
            changes[feature].append(change * row[feature])
    return SparseProgress(np.array(losses), {key: float(sum(all_)) for key, all_ in changes.items()}, float(sum(bias)))
