# different style; both bars
import math
from fractions import Fraction

import numpy as np


def _present(values):
    kept = sorted(v for v in np.asarray(values).tolist() if v == v)
    if not kept:
        raise ValueError("no values")
    return kept


def _quantile(s, q):
    h = q * (len(s) - 1)
    k = math.floor(h)
    if h == k:
        return float(s[k])
    return float(s[k] + (h - k) * (s[k + 1] - s[k]))


def _middle(s):
    n = len(s)
    if n % 2:
        return s[n // 2]
    return (s[n // 2 - 1] + s[n // 2]) / 2


def winsorize(x: np.ndarray, train: np.ndarray, lower: float = 0.05, upper: float = 0.95) -> np.ndarray:
    if not 0 <= lower <= upper <= 1:
        raise ValueError("need 0 <= lower <= upper <= 1")
    s = _present(train)
    low, high = _quantile(s, lower), _quantile(s, upper)
    out = []
    for v in np.asarray(x).tolist():
        if v < low:
            v = low
        elif v > high:
            v = high
        out.append(float(v))
    return np.array(out, dtype=float)


def median_abs_deviation(x: np.ndarray, scale: float = 1.0) -> float:
    if not scale > 0:
        raise ValueError("scale must be positive")
    s = _present(x)
    if isinstance(s[0], int):
        s = [Fraction(v) for v in s]  # exact, also beyond 2**53
    m = _middle(s)
    return float(_middle(sorted(abs(v - m) for v in s))) / float(scale)
