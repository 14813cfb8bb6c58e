# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def hinge(score: np.ndarray, y: np.ndarray) -> LossGrad:
    if not np.all((y == 1) | (y == -1)):
        raise ValueError("labels must be -1 or 1")
    n = len(score)
    margin = 1 - y * score
    loss = np.maximum(0, margin).mean()
    grad = np.where(margin > 0, -y / n, 0.0)
    return LossGrad(float(loss), grad)


def multiclass_hinge(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    n = len(scores)
    rows = np.arange(n)
    others = scores.astype(float)
    others[rows, labels] = -np.inf
    best = others.argmax(axis=1)
    margin = 1 + scores[rows, best] - scores[rows, labels]
    loss = np.maximum(0, margin).mean()
    active = margin > 0
    grad = np.zeros(scores.shape)
    grad[rows[active], best[active]] = 1 / n
    grad[rows[active], labels[active]] = -1 / n
    return LossGrad(float(loss), grad)
