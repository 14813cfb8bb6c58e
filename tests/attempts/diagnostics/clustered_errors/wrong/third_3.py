# wrong (core): G is the range of the labels, largest minus smallest plus one, and so counts labels that do not occur
import numpy as np


def clustered_standard_errors(X, y, groups):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    groups = np.asarray(groups)
    n, p = X.shape[0], X.shape[1] + 1
    labels, g = np.unique(groups, return_inverse=True)
    g = g.reshape(-1)
    G = len(labels)
    G = int(groups.max()) - int(groups.min()) + 1
    if G < 2 or n <= p:
        raise ValueError("one group or too few rows")
    mx, my = X.mean(axis=0), y.mean()
    C = X - mx
    B = np.linalg.pinv(C) if p > 1 else np.zeros((0, n))
    e = (y - my) - C @ (B @ (y - my))
    U = np.vstack([1.0 / n - mx @ B, B]) * e
    S = np.array([np.bincount(g, weights=u) for u in U])
    c = G / (G - 1) * (n - 1) / (n - p)
    return np.sqrt(c * (S**2).sum(axis=1))
