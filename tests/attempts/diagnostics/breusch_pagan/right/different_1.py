# different style; both bars
import math
from operator import mul
from typing import NamedTuple

import numpy as np


class BreuschPagan(NamedTuple):
    statistic: float
    dof: int


def _dot(a, b):
    return math.fsum(map(mul, a, b))


def _centre(values):
    """Deviations from the mean, divided by the largest: shifting first keeps all digits of a distant feature."""
    origin = sorted(values)[len(values) // 2]
    dev = [float(v - origin) for v in values]
    top = max(map(abs, dev), default=0.0)
    if top == 0.0:
        return dev
    dev = [d / top for d in dev]
    for _ in range(2):
        mean = math.fsum(dev) / len(dev)
        dev = [d - mean for d in dev]
    return dev


def _strip(vector, basis):
    """What is left of a vector after its projection on an orthonormal basis, done twice."""
    for _ in range(2):
        for q in basis:
            c = _dot(q, vector)
            vector = [v - c * b for v, b in zip(vector, q)]
    return vector


def breusch_pagan(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    X = np.asarray(X)
    n, p = X.shape
    if n < p + 2:
        raise ValueError("too few samples")
    basis = []
    for j in range(p):
        rest = _strip(_centre(X[:, j].tolist()), basis)
        size = math.hypot(*rest)
        if size > 0.0:
            rest = [r / size for r in rest]
            # once more: the division magnifies what rounding left
            rest = _strip(rest, basis)
            size = math.hypot(*rest)
            basis.append([r / size for r in rest])

    raw = np.asarray(y).tolist()
    largest = float(max(map(abs, raw)))
    origin = sorted(raw)[n // 2]
    shifted = [float(v - origin) for v in raw]
    mean = math.fsum(shifted) / n
    e = [abs(r) for r in _strip([s - mean for s in shifted], basis)]
    top = max(e)
    if top - min(e) <= 1e-9 * largest:
        return BreuschPagan(0.0, p)
    squares = [(r / top) ** 2 for r in e]
    mean = math.fsum(squares) / n
    dev = [s - mean for s in squares]
    total = _dot(dev, dev)
    if total == 0.0:
        return BreuschPagan(0.0, p)
    # Pythagoras: R2 is the share of the sum of squares that lies along the basis.
    explained = math.fsum(_dot(q, dev) ** 2 for q in basis)
    return BreuschPagan(float(n * min(1.0, explained / total)), p)
