# wrong (core): sigma multiplies the weight recomputed from the old z and n, not the weights given
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
    # Algorithm 1: the weight is a function of z and n.
    current = np.where(np.abs(z) <= l1, 0.0, -(z - np.sign(z) * l1) / ((beta + np.sqrt(n)) / alpha + l2))
    new_z = z + grad - sigma * current
    rate = (beta + np.sqrt(new_n)) / alpha + l2
    new_weights = np.where(np.abs(new_z) <= l1, 0.0, -(new_z - np.sign(new_z) * l1) / rate)
    return Step(new_z, new_n, new_weights)
