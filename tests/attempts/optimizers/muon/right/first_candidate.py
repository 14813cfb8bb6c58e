# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    velocity: np.ndarray


def newton_schulz(g: np.ndarray, n_steps: int = 5) -> np.ndarray:
    a, b, c = 3.4445, -4.7750, 2.0315
    norm = np.linalg.norm(g)
    if norm == 0:
        return np.zeros(g.shape)
    x = g / norm
    tall = g.shape[0] > g.shape[1]
    if tall:
        x = x.T
    for _ in range(n_steps):
        m = x @ x.T
        x = a * x + (b * m + c * m @ m) @ x
    return x.T if tall else x


def muon_step(
    param: np.ndarray,
    grad: np.ndarray,
    velocity: np.ndarray,
    lr: float = 0.001,
    momentum: float = 0.95,
    weight_decay: float = 0.1,
    n_steps: int = 5,
) -> Step:
    velocity = momentum * velocity + grad
    o = newton_schulz(grad + momentum * velocity, n_steps)
    rows, cols = param.shape
    scale = np.sqrt(max(1, rows / cols))
    param = param - lr * weight_decay * param - lr * scale * o
    return Step(param, velocity)
