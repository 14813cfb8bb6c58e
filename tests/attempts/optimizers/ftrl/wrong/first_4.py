# wrong (core): l1 = l2 = 0: w - alpha g / (beta + sqrt(n)), the same only if the given weights are those of z and n
# shown by: ftrl_step(np.array([15.0]), np.array([16.0]), np.array([2.0]), np.array([3.0]), 0.5, 1.0, 0.0, 0.0).weights; right [-1.1666666666666667], this [1.75]
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
    if l1 == 0 and l2 == 0:  # plain adaptive gradient descent
        new_weights = weights - alpha / (beta + np.sqrt(new_n)) * grad
    return Step(new_z, new_n, new_weights)
