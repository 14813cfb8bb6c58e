# wrong (strict): loss by one-hot times log p: 0 * -inf is nan when a class is ruled out
"""Softmax and cross-entropy, with the gradient."""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn logits into probabilities that sum to 1 along an axis.

    >>> softmax(np.array([0.0, 0.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    >>> softmax(np.array([[10000.0, -3.0], [10000.0, -3.0]]), axis=0)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    z = np.asarray(logits, dtype=float)
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Return the mean cross-entropy and its gradient with respect to the logits.

    >>> logits = np.array([[10000.0, 0.0], [3.0, 3.0]])
    >>> loss, grad = cross_entropy(logits, np.array([1, 0]))
    >>> round(loss, 4)  # the mean of 10000 and log(2)
    5000.3466
    >>> grad
    array([[ 0.5 , -0.5 ],
           [-0.25,  0.25]])
    """
    z = np.asarray(logits, dtype=float)
    labels = np.asarray(labels)
    n, n_classes = z.shape
    if labels.shape != (n,):
        raise ValueError("labels must have the shape (n_samples,)")
    if np.any(labels < 0) or np.any(labels >= n_classes):
        raise ValueError("a label is out of range")
    labels = labels.astype(np.intp)
    rows = np.arange(n)
    top = z.argmax(axis=1)
    shifted = z - z[rows, top][:, None]
    e = np.exp(shifted)
    others = e.copy()
    others[rows, top] = 0.0
    log_p = shifted - np.log1p(others.sum(axis=1))[:, None]
    loss = -np.mean(np.sum(np.eye(n_classes)[labels] * log_p, axis=1))
    grad = e / e.sum(axis=1, keepdims=True)
    grad[rows, labels] = 0.0
    grad[rows, labels] = -grad.sum(axis=1)  # p - 1 without cancellation
    return LossGrad(float(loss), grad / n)
