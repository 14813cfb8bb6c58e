# wrong (core): nesterov_step caps momentum at 0.99
# shown by: nesterov_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.999).param; right [8.0021992], this [8.02192]
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    velocity = momentum * velocity + grad
    return Step(param - lr * velocity, velocity)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    momentum = min(momentum, 0.99)
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
