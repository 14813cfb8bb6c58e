# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def huber(prediction: np.ndarray, target: np.ndarray, delta: float = 1.0) -> LossGrad:
    e = prediction - target
    a = np.abs(e)
    loss = np.where(a < delta, e**2 / 2, delta * (a - delta / 2))
    grad = np.where(a < delta, e, delta * np.sign(e)) / e.size
    return LossGrad(float(loss.mean()), grad)


def smooth_l1(prediction: np.ndarray, target: np.ndarray, beta: float = 1.0) -> LossGrad:
    e = prediction - target
    a = np.abs(e)
    if beta == 0:
        return LossGrad(float(a.mean()), np.sign(e) / e.size)
    loss = np.where(a < beta, e**2 / (2 * beta), a - beta / 2)
    grad = np.where(a < beta, e / beta, np.sign(e)) / e.size
    return LossGrad(float(loss.mean()), grad)
