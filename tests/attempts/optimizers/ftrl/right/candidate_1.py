# candidate, par time, from the stub alone
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
    new_n = n + grad**2
    sigma = (np.sqrt(new_n) - np.sqrt(n)) / alpha
    new_z = z + grad - sigma * weights
    new_weights = np.where(
        np.abs(new_z) <= l1,
        0.0,
        -(new_z - np.sign(new_z) * l1) / ((beta + np.sqrt(new_n)) / alpha + l2),
    )
    return Step(new_z, new_n, new_weights)
