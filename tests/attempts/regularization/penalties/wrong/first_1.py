# wrong (core): np.linalg.norm(w, 1) is a matrix norm for 2-D w
from typing import NamedTuple

import numpy as np


class Penalty(NamedTuple):
    value: float
    subgradient: np.ndarray


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def penalty(w, l1, l2):
    w = np.asarray(w, dtype=float)
    value = l1 * np.linalg.norm(w.ravel() if w.ndim != 2 else w, 1) + l2 / 2 * (w**2).sum()
    sub = l1 * np.sign(w) + l2 * w
    return Penalty(float(value), np.asarray(sub))


def sgd_l2_step(param, grad, velocity, lr, momentum, l2):
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    new_v = momentum * velocity + grad + l2 * param
    return Step(np.asarray(param - lr * new_v), np.asarray(new_v))


def sgd_decay_step(param, grad, velocity, lr, momentum, weight_decay):
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    new_v = momentum * velocity + grad
    return Step(np.asarray(param - lr * new_v - lr * weight_decay * param), np.asarray(new_v))
