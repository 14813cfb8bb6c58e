# wrong (core): predict divides 0/0 (nan) at or below the lowest value of a feature when that value is tied in X
from typing import NamedTuple
import numpy as np


class Backfit(NamedTuple):
    intercept: float
    components: np.ndarray


def kernel_smooth(x, r, bandwidth):
    if not bandwidth > 0:
        raise ValueError("bandwidth")
    x, r = np.asarray(x, dtype=float), np.asarray(r, dtype=float)
    with np.errstate(over="ignore", under="ignore"):
        w = np.exp(-0.5 * ((x[:, None] - x[None, :]) / bandwidth) ** 2)
    return (w @ r) / w.sum(axis=1)


def backfit(X, y, smoother, n_iter):
    if n_iter < 0:
        raise ValueError("n_iter")
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    intercept = float(y.mean())
    components = np.zeros(X.shape)
    for _ in range(n_iter):
        for j in range(X.shape[1]):
            others = np.delete(components, j, axis=1).sum(axis=1)
            f = smoother(X[:, j].copy(), y - intercept - others)
            f = f - np.mean(f)
            components[:, j] = f
    return Backfit(intercept, components)


def predict(X_new, X, intercept, components):
    X_new, X = np.asarray(X_new, dtype=float), np.asarray(X, dtype=float)
    components = np.asarray(components, dtype=float)
    out = np.full(X_new.shape[0], float(intercept))
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j], kind="stable")
        xs, fs = X[order, j], components[order, j]
        q = np.clip(X_new[:, j], xs[0], xs[-1])
        hi = np.clip(np.searchsorted(xs, q), 1, len(xs) - 1)
        t = (q - xs[hi - 1]) / (xs[hi] - xs[hi - 1])
        out += fs[hi - 1] + t * (fs[hi] - fs[hi - 1])
    return out
