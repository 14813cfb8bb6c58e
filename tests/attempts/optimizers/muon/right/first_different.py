# different style; both bars
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def newton_schulz(g: np.ndarray, n_steps: int = 5) -> np.ndarray:
    """U p(...p(S)) V': the iteration on the singular values alone."""
    x = np.array(g, dtype=float)
    if x.ndim != 2:
        raise ValueError("g is no matrix")
    if x.shape[0] < x.shape[1]:
        return newton_schulz(x.T, n_steps).T
    largest = max(x.max(initial=0.0), -x.min(initial=0.0))
    if largest == 0.0:
        return x * 0.0
    x = x / largest
    x = x / np.sqrt(np.einsum("ij,ij->", x, x))
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    for _ in range(n_steps):
        s = s * (3.4445 + s * s * (-4.7750 + 2.0315 * s * s))
    return (u * s) @ vt


def muon_step(
    param: np.ndarray,
    grad: np.ndarray,
    velocity: np.ndarray,
    lr: float = 0.001,
    momentum: float = 0.95,
    weight_decay: float = 0.1,
    n_steps: int = 5,
) -> Step:
    old, slope, speed = (np.array(p, dtype=float) for p in (param, grad, velocity))
    speed = slope + momentum * speed
    direction = newton_schulz((1 + momentum) * slope + momentum * (speed - slope), n_steps)
    n_rows, n_cols = old.shape
    stretch = (n_rows / n_cols) ** 0.5 if n_rows > n_cols else 1.0
    return Step((1 - lr * weight_decay) * old - lr * stretch * direction, speed)
