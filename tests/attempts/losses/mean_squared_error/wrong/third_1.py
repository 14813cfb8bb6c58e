# wrong (core): a target that broadcasts to the shape of prediction is accepted: only the shape of the error is compared with that of prediction
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of prediction."""

    loss: float
    grad: np.ndarray


def _errors(prediction, target):
    prediction = np.asarray(prediction, dtype=float)
    target = np.asarray(target, dtype=float)
    e = prediction - target
    if e.shape != prediction.shape:
        raise ValueError("the shapes differ")
    return e


def mse(prediction, target):
    e = _errors(prediction, target)
    count = e.size
    return LossGrad(float((e**2).sum() / count), 2 * e / count)


def mae(prediction, target):
    e = _errors(prediction, target)
    total = e.size
    sign = np.sign(e)
    return LossGrad(float(np.abs(e).sum() / total), sign / total)
