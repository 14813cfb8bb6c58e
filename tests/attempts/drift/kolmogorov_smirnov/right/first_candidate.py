# candidate, par time, from the stub alone
import math

import numpy as np


def ks_statistic(reference: np.ndarray, current: np.ndarray) -> float:
    n, m = len(reference), len(current)
    if n == 0 or m == 0:
        raise ValueError("empty sample")
    a, b = np.sort(reference), np.sort(current)
    x = np.concatenate([a, b])
    fa = np.searchsorted(a, x, side="right") / n
    fb = np.searchsorted(b, x, side="right") / m
    return float(np.abs(fa - fb).max())


def ks_pvalue(statistic: float, n: int, m: int) -> float:
    t = statistic * math.sqrt(n * m / (n + m))
    if t == 0:
        return 1.0
    total, k = 0.0, 1
    while True:
        term = math.exp(-2 * k**2 * t**2)
        total += (-1) ** (k - 1) * term
        if term < 1e-16 or k >= 100000:
            break
        k += 1
    return min(1.0, max(0.0, 2 * total))
