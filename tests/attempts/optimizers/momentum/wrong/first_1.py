# wrong (core): nesterov_step with momentum = 0 returns the old velocity (PyTorch keeps no buffer then)
# shown by: nesterov_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.0).velocity; right [3.0], this [4.0]
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
    if momentum == 0:  # plain SGD keeps no buffer
        return Step(param - lr * grad, velocity.copy())
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
