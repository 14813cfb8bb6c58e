# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    v: np.ndarray


class CenteredStep(NamedTuple):
    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def rmsprop_step(
    param: np.ndarray, grad: np.ndarray, v: np.ndarray, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
) -> Step:
    v = alpha * v + (1 - alpha) * grad**2
    return Step(param - lr * grad / (np.sqrt(v) + eps), v)


def centered_rmsprop_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> CenteredStep:
    m = alpha * m + (1 - alpha) * grad
    v = alpha * v + (1 - alpha) * grad**2
    return CenteredStep(param - lr * grad / (np.sqrt(v - m**2) + eps), m, v)
