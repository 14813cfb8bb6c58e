# wrong (core): if all gradients are 0 nothing moves, in nesterov_step
# shown by: nesterov_step(np.array([10.0]), np.array([0.0]), np.array([4.0]), lr=0.2, momentum=0.5).param; right [9.8], this [10.0]
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
    if not grad.any():
        return Step(param.copy(), velocity.copy())
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
