# wrong (core): the error is clipped to at least 0.01 in alpha
from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def fit_adaboost(X, y, n_rounds):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("labels are -1 or 1")
    n, p = X.shape
    stumps = []
    for j in range(p):
        values = np.unique(X[:, j])
        for t in [-np.inf, *((values[:-1] + values[1:]) / 2)]:
            side = np.where(X[:, j] > t, 1.0, -1.0)
            for s in (1.0, -1.0):
                stumps.append((j, t, s, s * side))
    wrong = np.array([h != y for _, _, _, h in stumps], dtype=float)
    w = np.full(n, 1 / n)
    rows = []
    for _ in range(n_rounds):
        errors = wrong @ w
        best = int(np.flatnonzero(errors <= errors.min() + 1e-9)[0])
        error = errors[best]
        if error > 0.5 - 1e-9:
            break
        j, t, s, h = stumps[best]
        if not wrong[best].any():
            rows.append((j, t, s, 1.0))
            break
        error = max(error, 0.01)
        alpha = np.log((1 - error) / error) / 2
        rows.append((j, t, s, alpha))
        w = w * np.exp(-alpha * y * h)
        w = w / w.sum()
    f, t, s, a = zip(*rows) if rows else ((), (), (), ())
    return Ensemble(np.array(f, dtype=int), np.array(t, dtype=float), np.array(s, dtype=float), np.array(a, dtype=float))


def predict(ensemble, X):
    X = np.asarray(X, dtype=float)
    total = np.zeros(len(X))
    for j, t, s, a in zip(*ensemble):
        total += a * np.where(X[:, int(j)] > t, s, -s)
    return np.where(total >= 0, 1, -1)
