# wrong (core): a beta below 1e-4, also 0, is raised to 1e-4 so as not to divide by 0
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _error(prediction, target):
    prediction = np.asarray(prediction, dtype=float)
    target = np.asarray(target, dtype=float)
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return prediction - target


def huber(prediction, target, delta=1.0):
    e = _error(prediction, target)
    if not delta > 0:
        raise ValueError("delta must be positive")
    a = np.abs(e)
    loss = np.where(a < delta, e**2 / 2, delta * (a - delta / 2))
    slope = np.where(a < delta, e, delta * np.sign(e))
    return LossGrad(float(loss.mean()), slope / e.size)


def smooth_l1(prediction, target, beta=1.0):
    e = _error(prediction, target)
    if not beta >= 0:
        raise ValueError("beta must not be negative")
    beta = max(beta, 1e-4)
    a = np.abs(e)
    small = a < beta
    ratio = np.divide(e, beta, out=np.sign(e), where=small)
    loss = np.where(small, ratio * e / 2, a - beta / 2)
    return LossGrad(float(loss.mean()), ratio / e.size)
