# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class QQ(NamedTuple):
    theoretical: np.ndarray
    ordered: np.ndarray
    slope: float
    intercept: float


def _upper(q, z):
    """The z >= 0 with upper tail q < 1/2: Newton's method on the log of the tail, from a z to start at."""
    for _ in range(100):
        tail = 0.5 * math.erfc(z / math.sqrt(2))
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        step = math.log(tail / q) * tail / density
        z = max(z + step, 0.0)
        if abs(step) <= 1e-15 * max(z, 1e-3):
            break
    return z


def normal_quantiles(n: int) -> np.ndarray:
    # p_i + p_(n+1-i) = 1, so only the upper half is solved for, from the middle outwards; the rest mirrors it.
    half = []
    z = 0.0
    for i in range(n // 2, 0, -1):  # i is the rank from the far end
        q = -math.expm1(math.log(0.5) / n) if i == 1 else (i - 0.3175) / (n + 0.365)
        z = _upper(q, z)
        half.append(z)
    return np.array([-z for z in reversed(half)] + [0.0] * (n % 2) + half)


def qq_points(x: np.ndarray) -> QQ:
    values = sorted(x.tolist())
    n = len(values)
    if n < 2:
        raise ValueError("need at least two values")
    theoretical = normal_quantiles(n)
    first = values[0]
    shifted = [float(v - first) for v in values]
    t = theoretical.tolist()  # sums to zero
    slope = math.fsum(a * b for a, b in zip(t, shifted)) / math.fsum(a * a for a in t)
    intercept = float(first) + math.fsum(shifted) / n
    return QQ(theoretical, np.array(values, dtype=float), slope, intercept)
