# wrong (core): a delayed step takes the probability of the time when the sample was scored, not that of the present weights
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


def _sigmoid(m):
    if m >= 0:
        return 1 / (1 + np.exp(-m))
    return np.exp(m) / (1 + np.exp(m))


def _loss(m, label):
    s = m if label == 0 else -m
    return max(s, 0.0) + np.log1p(np.exp(-abs(s)))



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
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
    if delay < 0:
        raise ValueError("delay is negative")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels have to be 0 or 1")
    y = y.astype(np.float64)
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    losses = np.zeros(n)
    seen = []
    for t in range(n):
        m = float(b + X[t] @ w)
        losses[t] = _loss(m, y[t])
        seen.append(m)
        s = t - delay
        if s >= 0:
            step = lr * (_sigmoid(seen[s]) - y[s])
            w = w - step * X[s]
            b = b - step
    return Progress(losses, w, float(b))


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
    y = np.asarray(y)
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels have to be 0 or 1")
    y = y.astype(np.float64)
    weights, b = {}, 0.0
    losses = np.zeros(len(rows))
    for t, row in enumerate(rows):
        m = b + sum(weights.get(k, 0.0) * v for k, v in row.items())
        losses[t] = _loss(m, y[t])
        step = float(lr * (_sigmoid(m) - y[t]))
        for k, v in row.items():
            weights[k] = weights.get(k, 0.0) - step * v
        b -= step
    return SparseProgress(losses, weights, float(b))
