# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    skipped: bool


class LossScale(NamedTuple):
    scale: float
    streak: int


def accumulated_gradient(grads: list[np.ndarray], sizes: list[int], scale: float = 1.0) -> np.ndarray:
    total = np.zeros(grads[0].shape)
    for g, size in zip(grads, sizes):
        total += size * g.astype(np.float64)
    return total / (scale * sum(sizes))


def accumulated_step(
    param: np.ndarray, grads: list[np.ndarray], sizes: list[int], scale: float, lr: float, max_norm: float
) -> Step:
    if not all(np.isfinite(g).all() for g in grads):
        return Step(param, True)
    gradient = accumulated_gradient(grads, sizes, scale)
    norm = np.sqrt(np.sum(gradient**2))
    if norm > max_norm:
        gradient = gradient * (max_norm / norm)
    return Step(param - lr * gradient, False)


def next_scale(scale: float, streak: int, skipped: bool, growth_interval: int = 2000) -> LossScale:
    if skipped:
        return LossScale(scale / 2, 0)
    streak += 1
    if streak >= growth_interval:
        return LossScale(scale * 2, 0)
    return LossScale(scale, streak)
