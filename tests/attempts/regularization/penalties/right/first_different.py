# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Penalty(NamedTuple):
    value: float
    subgradient: np.ndarray


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def _floats(a: np.ndarray) -> list[float]:
    return [float(v) for v in a.ravel().tolist()]


def _array(values: list[float], shape: tuple[int, ...]) -> np.ndarray:
    return np.array(values, dtype=np.float64).reshape(shape)


def penalty(w: np.ndarray, l1: float, l2: float) -> Penalty:
    terms, slopes = [], []
    for v in _floats(w):
        terms.append(l1 * abs(v) + l2 / 2 * v * v)
        if v > 0:
            slopes.append(l2 * v + l1)
        elif v < 0:
            slopes.append(l2 * v - l1)
        else:
            slopes.append(0.0)
    return Penalty(math.fsum(terms), _array(slopes, w.shape))


def _step(param, grad, velocity, lr, momentum, l2, weight_decay) -> Step:
    new_param, new_velocity = [], []
    for p, g, v in zip(_floats(param), _floats(grad), _floats(velocity), strict=True):
        u = momentum * v + (g + l2 * p)
        new_velocity.append(u)
        new_param.append((1 - lr * weight_decay) * p - lr * u)
    return Step(_array(new_param, param.shape), _array(new_velocity, param.shape))


def sgd_l2_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, l2: float
) -> Step:
    return _step(param, grad, velocity, lr, momentum, l2, 0.0)


def sgd_decay_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, weight_decay: float
) -> Step:
    return _step(param, grad, velocity, lr, momentum, 0.0, weight_decay)
