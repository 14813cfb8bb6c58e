# wrong (core): momentum_step leaves coordinates with gradient 0 as they were
# shown by: momentum_step(np.array([10.0, 10.0]), np.array([3.0, 0.0]), np.array([4.0, 4.0]), lr=0.2, momentum=0.5).param; right [9.0, 9.6], this [9.0, 10.0]
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    hit = grad != 0
    velocity = np.where(hit, momentum * velocity + grad, velocity)
    return Step(np.where(hit, param - lr * velocity, param), velocity)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
