# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    velocity = momentum * velocity + grad
    return Step(param - lr * velocity, velocity)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
