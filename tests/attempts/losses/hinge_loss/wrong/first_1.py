# wrong (core): the label is masked with the smallest score of all, so in a tie at the bottom it can be its own best other
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def hinge(score: np.ndarray, y: np.ndarray) -> LossGrad:
    score = np.asarray(score, dtype=float)
    y = np.asarray(y, dtype=float)
    if score.ndim != 1 or score.shape != y.shape:
        raise ValueError("shapes do not fit")
    if np.any(np.abs(y) != 1):
        raise ValueError("labels must be -1 or 1")
    lead = y * score
    grad = np.where(lead < 1, -y, 0.0) / len(y)
    return LossGrad(float(np.mean(np.maximum(0.0, 1 - lead))), grad)


def multiclass_hinge(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    scores = np.asarray(scores, dtype=float)
    labels = np.asarray(labels).astype(int)
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError("shapes do not fit")
    n, n_classes = scores.shape
    if np.any((labels < 0) | (labels >= n_classes)):
        raise ValueError("label out of range")
    each = np.arange(n)
    own = scores[each, labels]
    others = scores.copy()
    others[each, labels] = scores.min()
    best = others.argmax(axis=1)
    margin = 1 + others[each, best] - own
    active = margin > 0
    grad = np.zeros((n, n_classes))
    grad[each, best] += active / n
    grad[each, labels] -= active / n
    return LossGrad(float(np.mean(np.maximum(0.0, margin))), grad)
