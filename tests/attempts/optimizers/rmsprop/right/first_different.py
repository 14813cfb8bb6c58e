# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    v: np.ndarray


class CenteredStep(NamedTuple):
    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def _flat(a):
    return [float(t) for t in np.ravel(a)]


def rmsprop_step(
    param: np.ndarray, grad: np.ndarray, v: np.ndarray, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
) -> Step:
    shape = np.shape(param)
    new_param, new_v = [], []
    for p, g, a in zip(_flat(param), _flat(grad), _flat(v), strict=True):
        # the root of the new average is the hypotenuse of the roots of its two parts
        root = math.hypot(math.sqrt(alpha * a), math.sqrt(1 - alpha) * g)
        new_param.append(p - lr * (g / (root + eps)))
        new_v.append(alpha * a + (1 - alpha) * g * g)
    return Step(np.array(new_param).reshape(shape), np.array(new_v).reshape(shape))


def centered_rmsprop_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> CenteredStep:
    shape = np.shape(param)
    columns = []
    for p, g, b, a in zip(_flat(param), _flat(grad), _flat(m), _flat(v), strict=True):
        # new v - (new m)^2 = alpha (v - m^2) + alpha (1 - alpha) (g - m)^2
        variance = alpha * ((a - b * b) + (1 - alpha) * (g - b) * (g - b))
        deviation = math.sqrt(variance) if variance > 0 else 0.0
        columns.append((p - lr * (g / (deviation + eps)), alpha * b + (1 - alpha) * g, alpha * a + (1 - alpha) * g * g))
    table = np.array(columns, dtype=float).reshape(-1, 3).T
    return CenteredStep(*(row.reshape(shape).copy() for row in table))
