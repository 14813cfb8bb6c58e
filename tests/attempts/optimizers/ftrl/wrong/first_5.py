# wrong (core): a weight of 0 with gradient 0 stays 0 even if |z| > l1
# shown by: ftrl_step(np.array([5.0, 1.0]), np.array([4.0, 4.0]), np.zeros(2), np.array([0.0, 2.0]), 0.5, 1.0, 1.0, 0.0).weights; right [-0.6666666666666666, -0.2612038749637414], this [0.0, -0.2612038749637414]
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
    new_weights = np.where((grad == 0) & (weights == 0), 0.0, new_weights)
    return Step(new_z, new_n, new_weights)
