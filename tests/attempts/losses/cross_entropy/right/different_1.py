# different style; both bars
from math import exp, fsum, inf, log, log1p, nan
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def _shares(row):
    """Softmax of a list."""
    top = max(row)
    parts = [exp(z - top) for z in row]
    total = fsum(parts)
    return [part / total for part in parts]


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    out = np.array(logits, dtype=float)
    view = np.moveaxis(out, axis, -1)
    if out.size:
        for place in np.ndindex(view.shape[:-1]):
            view[place] = _shares(view[place].tolist())
    return out


def _surprise(row, label):
    """-log softmax(row)[label]: around the label if it is the largest, else around the largest."""
    own, top = row[label], max(row)
    if own == -inf:
        return inf
    if own == top:
        return log1p(fsum(exp(z - own) for k, z in enumerate(row) if k != label))
    return (top - own) + log(fsum(exp(z - top) for z in row))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    logits, labels = np.asarray(logits), np.asarray(labels)
    n, n_classes = logits.shape
    if labels.shape != (n,):
        raise ValueError("labels must have the shape (n_samples,)")
    labels = labels.tolist()
    if not all(0 <= label < n_classes and label == int(label) for label in labels):
        raise ValueError("a label is not a class")
    losses, grad = [], np.empty((n, n_classes))
    for i, (row, label) in enumerate(zip(logits.tolist(), map(int, labels))):
        row = [float(z) for z in row]
        losses.append(_surprise(row, label))
        p = _shares(row)
        p[label] = -fsum(p[:label] + p[label + 1 :])  # p - 1 without cancellation
        grad[i] = [value / n for value in p]
    return LossGrad(fsum(losses) / n if n else nan, grad)
