# wrong (core): power iteration with deflation stops when the eigenvalue changes by less than 1e-6, too early for close variances
from typing import NamedTuple
import numpy as np


class PCA(NamedTuple):
    components: np.ndarray
    explained_variance: np.ndarray
    explained_variance_ratio: np.ndarray
    mean: np.ndarray


def fit_pca(X, k):
    X = np.array(X, dtype=float)
    n, p = X.shape
    if not 1 <= k <= min(n - 1, p):
        raise ValueError("k")
    mean = X.mean(axis=0)
    Xc = X - mean
    C = Xc.T @ Xc / (n - 1)
    total = np.trace(C)
    rng = np.random.default_rng(0)
    V, variance = np.zeros((k, p)), np.zeros(k)
    for i in range(k):
        v, last = rng.standard_normal(p), -1.0
        for _ in range(100_000):
            v = C @ v
            v -= V[:i].T @ (V[:i] @ v)
            v /= np.linalg.norm(v)
            value = v @ C @ v
            if abs(value - last) < 1e-6 * value:
                break
            last = value
        V[i], variance[i] = v, value
    big = V[np.arange(k), np.abs(V).argmax(axis=1)]
    V = V * np.where(big < 0, -1.0, 1.0)[:, None]
    return PCA(V, variance[:k], variance[:k] / total, mean)


def project(X, components, mean):
    X = np.asarray(X, dtype=float)
    return (X - mean) @ np.asarray(components).T
