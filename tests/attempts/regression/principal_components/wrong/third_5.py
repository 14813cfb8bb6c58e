# wrong (core): power iteration with a fixed 1000 steps, which has not converged when two variances are close
from typing import NamedTuple

import numpy as np


class PCA(NamedTuple):
    components: np.ndarray
    explained_variance: np.ndarray
    explained_variance_ratio: np.ndarray
    mean: np.ndarray


def fit_pca(X, k):
    X = np.asarray(X, dtype=float)
    n, p = X.shape
    if not 1 <= k <= min(n - 1, p):
        raise ValueError("k is out of range")
    mean = X.mean(axis=0)
    C = X - mean
    S = C.T @ C / (n - 1)
    total = np.trace(S)
    rng = np.random.default_rng(0)
    rows, values = [], []
    for _ in range(k):
        v = rng.normal(size=p)
        for _ in range(1000):
            v = S @ v
            for r in rows:
                v = v - (r @ v) * r
            v = v / np.linalg.norm(v)
        rows.append(v)
        values.append(v @ S @ v)
    Vt, variance = np.array(rows), np.array(values)
    components = Vt[:k]
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(k), largest])
    components = components * signs[:, None]
    return PCA(components, variance[:k], variance[:k] / total, mean)


def project(X, components, mean):
    X = np.asarray(X, dtype=float)
    return (X - mean) @ components.T
