# wrong (core): margin clipped to +-500 in the loss against overflow
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- online_logistic
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
    X = np.asarray(X, dtype=float)
    y = _labels(y)
    if delay < 0:
        raise ValueError("negative delay")
    n, d = X.shape
    w, b = np.zeros(d), 0.0
    losses = np.zeros(n)
    for t in range(n):
        losses[t] = _loss(b + X[t] @ w, y[t])
        s = t - delay
        if s >= 0:
            step = lr * (_sigmoid(b + X[s] @ w) - y[s])
            w -= step * X[s]
            b -= step
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
    y = _labels(y)
    w, b = {}, 0.0
    losses = np.zeros(len(rows))
    for t, row in enumerate(rows):
        m = b + sum(w.get(j, 0.0) * float(v) for j, v in row.items())
        losses[t] = _loss(m, y[t])
        step = lr * (_sigmoid(m) - y[t])
        for j, v in row.items():
            w[j] = w.get(j, 0.0) - step * float(v)
        b -= step
    return SparseProgress(losses, w, float(b))


def _labels(y):
    y = np.asarray(y, dtype=float)
    if not np.all((y == 0) | (y == 1)):
        raise ValueError("labels must be 0 or 1")
    return y


def _loss(m, label):
    m = np.clip(m, -500.0, 500.0)
    return np.logaddexp(0.0, -m if label else m)


def _sigmoid(m):
    e = np.exp(-abs(m))
    return 1 / (1 + e) if m >= 0 else e / (1 + e)
