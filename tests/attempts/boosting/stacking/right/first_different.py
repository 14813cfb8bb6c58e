# different style; both bars
from collections.abc import Callable
from fractions import Fraction

import numpy as np


def out_of_fold_predictions(fits: list[Callable], X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    if not len(X) == len(y) == len(folds):
        raise ValueError("X, y and folds differ in length")
    members: dict = {}
    for i, fold in enumerate(folds.tolist()):
        members.setdefault(fold, []).append(i)
    if len(members) < 2:
        raise ValueError("only one fold")
    out = np.zeros((len(y), len(fits)))
    for rows in members.values():
        others = np.setdiff1d(np.arange(len(y)), rows)
        for j, fit in enumerate(fits):
            model = fit(X.take(others, axis=0), y.take(others, axis=0))
            out[rows, j] = model(X.take(rows, axis=0))
    return out


def whole(values):
    """Integers and a power of two that all were multiplied with."""
    ratios = [v.as_integer_ratio() for v in values]
    scale = max((den for _, den in ratios), default=1)
    return [num * (scale // den) for num, den in ratios], scale


def solve(A, b):
    """Gauss and Jordan, exactly."""
    n = len(b)
    rows = [list(A[i]) + [b[i]] for i in range(n)]
    for c in range(n):
        pivot = next(i for i in range(c, n) if rows[i][c] != 0)
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for i in range(n):
            if i != c and rows[i][c] != 0:
                f = rows[i][c]
                rows[i] = [u - f * v for u, v in zip(rows[i], rows[c])]
    return [row[n] for row in rows]


def fit_blend(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    # The active-set method of Lawson and Hanson on the normal equations, in exact arithmetic.
    if len(predictions) != len(y):
        raise ValueError("predictions and y differ in length")
    m = predictions.shape[1]
    columns = [whole(predictions[:, j].tolist()) for j in range(m)]
    target, target_scale = whole(y.tolist())

    def dot(a, b):
        return Fraction(sum(u * v for u, v in zip(a, b)))

    # In units of the columns as integers; the weights are scaled back at the end.
    gram = [[dot(a, b) for b, _ in columns] for a, _ in columns]
    rhs = [dot(a, target) for a, _ in columns]
    w = [Fraction(0)] * m
    active: list = []
    while True:
        slope = [rhs[j] - sum(gram[j][k] * w[k] for k in active) for j in range(m)]
        # Of the columns with a positive slope, the one at the smallest angle: slope**2 / length**2.
        entering = [j for j in range(m) if j not in active and slope[j] > 0]
        if not entering:
            break
        active.append(max(entering, key=lambda j: slope[j] ** 2 / gram[j][j]))
        while True:
            z = solve([[gram[i][k] for k in active] for i in active], [rhs[i] for i in active])
            if all(v > 0 for v in z):
                for j, v in zip(active, z):
                    w[j] = v
                break
            step = min(w[j] / (w[j] - v) for j, v in zip(active, z) if v <= 0)
            for j, v in zip(active, z):
                w[j] += step * (v - w[j])
            active = [j for j in active if w[j] > 0]
    return np.array([float(v * scale / target_scale) for v, (_, scale) in zip(w, columns)], dtype=float)
