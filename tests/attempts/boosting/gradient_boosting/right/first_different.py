# different style; both bars
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import numpy as np

EPS = 2.0**-52


class Boosting(NamedTuple):
    start: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


def between(a, b):
    """The midpoint t, always with a <= t < b."""
    if isinstance(a, int) and isinstance(b, int):
        total = int(a) + int(b)
        exact = Fraction(total, 2)
        return total / 2 if total / 2 == exact else exact
    t = a / 2 + b / 2 if abs(a) > 1e300 or abs(b) > 1e300 else (a + b) / 2
    return t if a <= t < b else a


def fit_boosting(X: np.ndarray, y: np.ndarray, n_rounds: int, learning_rate: float = 0.1) -> object:
    if len(X) != len(y):
        raise ValueError("X and y differ in length")
    columns = [X[:, j].tolist() for j in range(X.shape[1])]
    targets = y.tolist()
    n = len(targets)
    # Sort once: the order of the samples does not change between rounds.
    orders = [sorted(range(n), key=column.__getitem__) for column in columns]
    origin = targets[0] + 0
    shifted = [float(v - origin) for v in targets]
    mean = fsum(shifted) / n
    residuals = [v - mean for v in shifted]
    rounding = EPS * max(map(abs, shifted))
    stumps = []
    for _ in range(n_rounds):
        total = fsum(residuals)
        squares = fsum(r * r for r in residuals)
        reductions = []
        for j, (column, order) in enumerate(zip(columns, orders)):
            left = 0.0
            for k in range(1, n):
                left += residuals[order[k - 1]]
                if column[order[k - 1]] < column[order[k]]:
                    right = total - left
                    reductions.append((left / k * left + right / (n - k) * right, j, k))
        if not reductions:
            break
        slack = 1e-10 * squares + 8 * rounding * fsum(map(abs, residuals))
        limit = max(reductions)[0] - slack
        _, j, k = next(item for item in reductions if item[0] >= limit)
        column, order = columns[j], orders[j]
        low = learning_rate * (fsum(residuals[i] for i in order[:k]) / k)
        high = learning_rate * (fsum(residuals[i] for i in order[k:]) / (n - k))
        for i in order[:k]:
            residuals[i] -= low
        for i in order[k:]:
            residuals[i] -= high
        stumps.append((j, between(column[order[k - 1]], column[order[k]]), low, high))
    return float(origin + mean), stumps


def predict(model: object, X: np.ndarray) -> np.ndarray:
    start, stumps = model
    rows = X.tolist()
    return np.array([fsum([start] + [a if x[j] <= t else b for j, t, a, b in stumps]) for x in rows], dtype=float)
