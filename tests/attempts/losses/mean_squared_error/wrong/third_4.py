# wrong (core): the gradient of mae is 0 where prediction and target are close (np.isclose), not only where they are equal
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
    sign = np.where(np.isclose(prediction, target), 0.0, np.sign(e))
    return LossGrad(float(np.abs(e).sum() / total), sign / total)
