# different style; both bars
from collections import Counter
from math import fsum, log, log1p, log2

import numpy as np


def entropy(y: np.ndarray, base: float = 2.0) -> float:
    counts = Counter(y.tolist())
    n = sum(counts.values())
    bits = fsum(c / n * log2(n / c) for c in counts.values())
    return bits if base == 2 else bits * log(2) / log(base)


def log2_of_ratio(a, b):
    return log1p((a - b) / b) / log(2) if 2 * abs(a - b) < b else log2(a / b)


def information_gain(x: np.ndarray, y: np.ndarray) -> float:
    # The mutual information of x and y.
    if len(x) != len(y):
        raise ValueError("x and y differ in length")
    xs, ys = x.tolist(), y.tolist()
    n = len(xs)
    of_x, of_y = Counter(xs), Counter(ys)
    cells = Counter(zip(xs, ys))
    return max(0.0, fsum(c / n * log2_of_ratio(c * n, of_x[a] * of_y[b]) for (a, b), c in cells.items()))


def gain_ratio(x: np.ndarray, y: np.ndarray) -> float:
    gain = information_gain(x, y)
    return gain / entropy(x) if len(set(x.tolist())) > 1 else 0.0
