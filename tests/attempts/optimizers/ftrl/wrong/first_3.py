# wrong (core): l1 = 0 leaves out l2 as well
# shown by: ftrl_step(np.zeros(1), np.zeros(1), np.zeros(1), np.array([3.0]), 0.5, 1.0, 0.0, 2.0).weights; right [-0.3], this [-0.375]
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    z: np.ndarray
    n: np.ndarray
    weights: np.ndarray


def ftrl_step(
    z: np.ndarray,
    n: np.ndarray,
    weights: np.ndarray,
    grad: np.ndarray,
    alpha: float,
    beta: float,
    l1: float,
    l2: float,
) -> Step:
    z, n, weights, grad = (np.asarray(a, dtype=float) for a in (z, n, weights, grad))
    new_n = n + grad**2
    sigma = (np.sqrt(new_n) - np.sqrt(n)) / alpha
    new_z = z + grad - sigma * weights
    shrunk = new_z - np.sign(new_z) * l1
    new_weights = np.where(np.abs(new_z) <= l1, 0.0, -shrunk / ((beta + np.sqrt(new_n)) / alpha + l2))
    if l1 == 0:
        new_weights = -new_z * alpha / (beta + np.sqrt(new_n))
    return Step(new_z, new_n, new_weights)
