# wrong (core): the sign of the old z in the shrinkage: differs when z changes its sign
"""FTRL-Proximal, which trains linear models with exactly zero weights."""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated z, n and weights."""

    z: np.ndarray
    n: np.ndarray
    weights: np.ndarray


def ftrl_step(z, n, weights, grad, alpha, beta, l1, l2):
    """Take one step on every coordinate."""
    z, n, weights, grad = (np.asarray(a, dtype=float) for a in (z, n, weights, grad))
    new_n = n + grad**2
    sigma = (np.sqrt(new_n) - np.sqrt(n)) / alpha
    new_z = z + grad - sigma * weights
    rate = (beta + np.sqrt(new_n)) / alpha + l2
    new_weights = np.where(np.abs(new_z) <= l1, 0.0, -(new_z - np.copysign(1.0, z) * l1) / rate)
    return Step(new_z, new_n, new_weights)
