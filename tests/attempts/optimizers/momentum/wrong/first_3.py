# wrong (core): lr = 0 leaves the velocity as it was
# shown by: momentum_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.0, momentum=0.5).velocity; right [5.0], this [4.0]
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    if lr == 0:
        return Step(param.copy(), velocity.copy())
    velocity = momentum * velocity + grad
    return Step(param - lr * velocity, velocity)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    param, grad, velocity = (np.asarray(a, dtype=float) for a in (param, grad, velocity))
    if lr == 0:
        return Step(param.copy(), velocity.copy())
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
