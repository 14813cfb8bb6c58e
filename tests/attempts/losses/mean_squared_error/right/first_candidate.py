# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def mse(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    e = prediction - target
    return LossGrad(float(np.mean(e**2)), 2 * e / e.size)


def mae(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    e = prediction - target
    return LossGrad(float(np.mean(np.abs(e))), np.sign(e) / e.size)
