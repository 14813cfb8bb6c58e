# different style; both bars
from math import copysign, hypot, sqrt
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated z, n and weights."""

    z: np.ndarray
    n: np.ndarray
    weights: np.ndarray


class _Coordinate:
    """One weight with its two numbers."""

    def __init__(self, z, n, weight):
        self.z, self.n, self.weight = float(z), float(n), float(weight)

    def learn(self, g, alpha, beta, l1, l2):
        old, g = sqrt(self.n), float(g)
        new = hypot(old, g)
        # sqrt(n + g^2) - sqrt(n), without the cancellation
        sigma = g * (g / (new + old)) / alpha if g else 0.0
        self.z += g - sigma * self.weight
        self.n += g * g
        over = abs(self.z) - l1
        self.weight = -copysign(over / ((beta + sqrt(self.n)) / alpha + l2), self.z) if over > 0 else 0.0
        return self.z, self.n, self.weight


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
    knobs = [float(knob) for knob in (alpha, beta, l1, l2)]
    flat = (np.asarray(a).ravel().tolist() for a in (z, n, weights, grad))
    rows = [_Coordinate(*state).learn(g, *knobs) for *state, g in zip(*flat, strict=True)]
    shape = np.shape(z)
    return Step(*(np.array([row[k] for row in rows], dtype=float).reshape(shape) for k in range(3)))
