# different style; both bars
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

import math
from collections import deque
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


def _signs(y: np.ndarray) -> np.ndarray:
    """Return 1 for each label 0, and -1 for each label 1: the loss is log(1 + exp(sign * margin))."""
    y = np.asarray(y)
    one = y == 1
    if not (one | (y == 0)).all():
        raise ValueError("A label is not 0 or 1.")
    return np.where(one, -1.0, 1.0)


def _losses(z: list[float]) -> np.ndarray:
    z = np.array(z, dtype=float)
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _slope(z: float) -> float:
    """Return the derivative of log(1 + exp(z))."""
    e = math.exp(-abs(z))
    return (1.0 if z >= 0 else e) / (1.0 + e)


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
    if delay < 0:
        raise ValueError("delay is negative.")
    signs = _signs(y).tolist()
    X = np.asarray(X)
    # Row t is sign_t (x_t, 1), so that the intercept is a weight, and labels need no further care.
    Z = np.column_stack([X.astype(float), np.ones(len(X))]) * np.array(signs, dtype=float)[:, None]
    theta = np.zeros(Z.shape[1])
    waiting: deque[np.ndarray] = deque()
    scored = []
    for z in Z:
        scored.append(float(z @ theta))
        waiting.append(z)
        if len(waiting) > delay:
            old = waiting.popleft()
            theta = theta - lr * _slope(float(old @ theta)) * old
    return Progress(_losses(scored), theta[:-1].copy(), float(theta[-1]))


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
    signs = _signs(y).tolist()
    # Number the features as they occur, then work on arrays. Place 0 is the intercept.
    place: dict[int, int] = {}
    indices = [np.array([0] + [place.setdefault(k, len(place) + 1) for k in row]) for row in rows]
    theta = np.zeros(len(place) + 1)
    scored = []
    for row, at, sign in zip(rows, indices, signs):
        x = sign * np.array([1.0, *map(float, row.values())])
        z = float(x @ theta[at])
        scored.append(z)
        theta[at] -= lr * _slope(z) * x
    weights = {k: float(theta[i]) for k, i in place.items()}
    return SparseProgress(_losses(scored), weights, float(theta[0]))
