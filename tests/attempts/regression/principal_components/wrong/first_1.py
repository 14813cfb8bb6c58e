# wrong (core): allows k = n_samples (bound min(n_samples, n_features)), no ValueError
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
    if not 1 <= k <= min(n, p):
        raise ValueError("k")
    mean = X.mean(axis=0)
    Xc = X - mean
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
