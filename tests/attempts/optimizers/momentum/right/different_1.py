# different style; both bars
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param and velocity."""

    param: np.ndarray
    velocity: np.ndarray


def _scan(param, grad, velocity, rule):
    """Apply a rule on Python floats to the entries, one at a time."""
    shape, pairs = np.shape(param), []
    for entry in zip(*(np.asarray(a).ravel().tolist() for a in (param, grad, velocity)), strict=True):
        pairs.append(rule(*map(float, entry)))
    new = np.array(pairs, dtype=float).reshape(-1, 2)
    return Step(new[:, 0].copy().reshape(shape), new[:, 1].copy().reshape(shape))


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    def rule(p, g, v):
        v = momentum * v + g
        return p - lr * v, v

    return _scan(param, grad, velocity, rule)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    def rule(p, g, v):
        v = momentum * v + g
        return p - lr * (g + momentum * v), v

    return _scan(param, grad, velocity, rule)
