# wrong (core): the gradient of mae is e / (|e| + 1e-8), to avoid 0/0
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of prediction."""

    loss: float
    grad: np.ndarray


def _errors(prediction, target):
    prediction = np.asarray(prediction, dtype=float)
    target = np.asarray(target, dtype=float)
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return prediction - target


def mse(prediction, target):
    e = _errors(prediction, target)
    count = e.size
    return LossGrad(float((e**2).sum() / count), 2 * e / count)


def mae(prediction, target):
    e = _errors(prediction, target)
    total = e.size
    sign = e / (np.abs(e) + 1e-8)
    return LossGrad(float(np.abs(e).sum() / total), sign / total)
