# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Penalty(NamedTuple):
    value: float
    subgradient: np.ndarray


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def penalty(w: np.ndarray, l1: float, l2: float) -> Penalty:
    value = l1 * np.abs(w).sum() + l2 / 2 * (w**2).sum()
    return Penalty(float(value), l1 * np.sign(w) + l2 * w)


def sgd_l2_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, l2: float
) -> Step:
    velocity = momentum * velocity + grad + l2 * param
    return Step(param - lr * velocity, velocity)


def sgd_decay_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, weight_decay: float
) -> Step:
    velocity = momentum * velocity + grad
    return Step(param - lr * velocity - lr * weight_decay * param, velocity)
