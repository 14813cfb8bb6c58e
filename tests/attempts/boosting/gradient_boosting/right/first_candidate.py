# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Boosting(NamedTuple):
    start: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


def best_stump(X, r):
    best, stump = np.inf, None
    for j in range(X.shape[1]):
        values = np.unique(X[:, j])
        for t in (values[:-1] + values[1:]) / 2:
            goes_left = X[:, j] <= t
            a, b = r[goes_left], r[~goes_left]
            error = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
            if error < best:
                best, stump = error, (j, t, a.mean(), b.mean())
    return stump


def fit_boosting(X: np.ndarray, y: np.ndarray, n_rounds: int, learning_rate: float = 0.1) -> object:
    start = y.mean()
    F = np.full(len(y), start)
    stumps = []
    for _ in range(n_rounds):
        stump = best_stump(X, y - F)
        if stump is None:
            break
        j, t, a, b = stump
        a, b = learning_rate * a, learning_rate * b
        stumps.append((j, t, a, b))
        F += np.where(X[:, j] <= t, a, b)
    table = np.array(stumps, dtype=float).reshape(-1, 4)
    return Boosting(start, table[:, 0].astype(int), table[:, 1], table[:, 2], table[:, 3])


def predict(model: object, X: np.ndarray) -> np.ndarray:
    F = np.full(len(X), float(model.start))
    for j, t, a, b in zip(model.features, model.thresholds, model.left, model.right):
        F += np.where(X[:, j] <= t, a, b)
    return F
