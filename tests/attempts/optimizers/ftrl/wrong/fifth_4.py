# wrong (core): l1 threshold tested on the old z
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ftrl
"""FTRL-Proximal, which trains linear models with exactly zero weights.

After each gradient the weights are chosen anew. Each one minimises

    sum_s g_s w + sum_s sigma_s (w - w_s)^2 / 2 + (beta / alpha) w^2 / 2 + l1 |w| + l2 w^2 / 2            (1)

where g_s is the gradient of step s, taken at the weight w_s. Two numbers per coordinate, z and n, keep the past. They
and the weights start at 0. A step with gradient g, taken at weight w, is

    sigma  = (sqrt(n + g^2) - sqrt(n)) / alpha
    z      <- z + g - sigma w
    n      <- n + g^2
    weight <- 0 if |z| <= l1, else -(z - sign(z) l1) / ((beta + sqrt(n)) / alpha + l2)        with the new z and n

Every coordinate takes the step, also where its gradient is 0. The function is pure: it returns new arrays.

Source: McMahan et al., Ad Click Prediction: a View from the Trenches (2013), section 3 and algorithm 1.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated z, n and weights."""

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
    """Take one step on every coordinate.

    Parameters
    ----------
    z, n, weights, grad : arrays of the same shape
        weights are those at which grad was taken. The last step may have returned others.
    alpha, beta : float
        Positive. The learning rate of a coordinate is alpha / (beta + sqrt(n)).
    l1, l2 : float
        Not negative.

    Examples
    --------
    >>> z, n, weights, grad = np.array([15.0]), np.array([16.0]), np.array([-1.0]), np.array([3.0])
    >>> ftrl_step(z, n, weights, grad, alpha=0.5, beta=1.0, l1=2.0, l2=3.0)
    Step(z=array([20.]), n=array([25.]), weights=array([-1.2]))
    """
    z, n, weights, grad = (np.asarray(a, dtype=float) for a in (z, n, weights, grad))
    n_new = n + grad**2
    sigma = (np.sqrt(n_new) - np.sqrt(n)) / alpha
    z_new = z + grad - sigma * weights
    step = -(z_new - np.sign(z_new) * l1) / ((beta + np.sqrt(n_new)) / alpha + l2)
    new_weights = np.where(np.abs(z) <= l1, 0.0, step)
    return Step(z_new, n_new, new_weights)
