# wrong (core): kernel weights normalised per column (axis 0) before the product, not per row
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
    return (w / w.sum(axis=0)) @ r


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
        xs, first = np.unique(X[:, j], return_index=True)
        out += np.interp(X_new[:, j], xs, components[first, j])
    return out
