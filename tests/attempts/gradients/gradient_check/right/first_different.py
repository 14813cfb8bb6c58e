# different style; both bars
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np


def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    shape = np.shape(x)
    flat = np.array(x, dtype=np.float64).reshape(-1)
    n = flat.size
    moves = np.vstack([np.eye(n), -np.eye(n)]) * h
    values = np.array([float(f((flat + move).reshape(shape))) for move in moves])
    weights = np.hstack([np.eye(n), -np.eye(n)])
    # row by row differences; a matrix product would spread a NaN or inf of one entry over all
    return np.array([values[row > 0].sum() - values[row < 0].sum() for row in weights]).reshape(shape) / (2 * h)


def gradient_error(analytic: np.ndarray, numerical: np.ndarray) -> float:
    if np.shape(analytic) != np.shape(numerical):
        raise ValueError("the shapes differ")
    pairs = list(zip(np.ravel(analytic).tolist(), np.ravel(numerical).tolist(), strict=True))
    if not all(math.isfinite(a) and math.isfinite(b) for a, b in pairs):
        return math.nan
    worst = Fraction(0)
    for a, b in pairs:
        low, high = sorted((abs(Fraction(a)), abs(Fraction(b))))
        if high == 0:
            continue
        if (a > 0) != (b > 0):  # opposite signs, or one of them 0: |a - b| is |a| + |b|
            worst = Fraction(1)
            break
        worst = max(worst, (high - low) / (high + low))
    return float(worst)
