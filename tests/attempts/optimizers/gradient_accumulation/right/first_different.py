# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    skipped: bool


class LossScale(NamedTuple):
    scale: float
    streak: int


def accumulated_gradient(grads: list[np.ndarray], sizes: list[int], scale: float = 1.0) -> np.ndarray:
    counts = [int(size) for size in sizes]
    total = sum(counts)
    weights = np.array([count / total for count in counts])
    stacked = np.stack([np.asarray(g).astype(np.float64) for g in grads])
    return np.asarray(np.tensordot(weights, stacked, axes=1) / float(scale))


def accumulated_step(
    param: np.ndarray, grads: list[np.ndarray], sizes: list[int], scale: float, lr: float, max_norm: float
) -> Step:
    # x - x is 0 for a finite x, and NaN otherwise.
    param = np.asarray(param)
    with np.errstate(invalid="ignore"):
        for g in grads:
            wide = np.asarray(g).astype(np.float64)
            if np.count_nonzero(wide - wide != 0):
                return Step(param.copy(), True)
    gradient = accumulated_gradient(grads, sizes, scale)
    norm = math.hypot(*gradient.ravel().tolist())
    # gradient * min(1, max_norm / norm) = gradient * max_norm / max(norm, max_norm)
    shrink = 1.0 if norm <= max_norm else float(max_norm) / norm
    return Step(np.asarray(param.astype(np.float64) - float(lr) * (shrink * gradient)), False)


def next_scale(scale: float, streak: int, skipped: bool, growth_interval: int = 2000) -> LossScale:
    grew = (not skipped) and streak + 1 >= growth_interval
    return LossScale(math.ldexp(float(scale), int(grew) - int(bool(skipped))), 0 if grew or skipped else int(streak) + 1)
