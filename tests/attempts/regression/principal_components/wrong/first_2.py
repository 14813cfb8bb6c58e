# wrong (core): with more features than samples (Gram route), variance divided by n_features - 1
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
    if p > n:  # the small n x n problem
        values, U = np.linalg.eigh(Xc @ Xc.T)
        values, U = np.maximum(values[::-1][: n - 1], 0.0), U[:, ::-1][:, : n - 1]
        Vt = (Xc.T @ U).T
        Vt /= np.linalg.norm(Vt, axis=1, keepdims=True)
        variance = values / (p - 1)
    else:
        _, s, Vt = np.linalg.svd(Xc, full_matrices=False)
        variance = s**2 / (n - 1)
    total = variance.sum()
    V = Vt[:k]
    big = V[np.arange(k), np.abs(V).argmax(axis=1)]
    V = V * np.where(big < 0, -1.0, 1.0)[:, None]
    return PCA(V, variance[:k], variance[:k] / total, mean)


def project(X, components, mean):
    X = np.asarray(X, dtype=float)
    return (X - mean) @ np.asarray(components).T
