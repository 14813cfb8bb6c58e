# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Clipped(NamedTuple):
    grads: list[np.ndarray]
    norm: float


def clip_by_value(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    return [np.clip(g, -limit, limit) for g in grads]


def clip_by_global_norm(grads: list[np.ndarray], max_norm: float) -> Clipped:
    if not all(np.isfinite(g).all() for g in grads):
        raise ValueError("gradients must be finite")
    norm = float(np.sqrt(sum(np.sum(g**2) for g in grads)))
    if norm <= max_norm:
        return Clipped([g.copy() for g in grads], norm)
    scale = max_norm / norm
    return Clipped([g * scale for g in grads], norm)
