# wrong (core): the sign makes the sum of the entries positive, not the entry of largest absolute value
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
    s, Vt = np.linalg.svd(C, full_matrices=False)[1:]
    variance = s**2 / (n - 1)
    components = Vt[:k]
    signs = np.where(components.sum(axis=1) < 0, -1.0, 1.0)
    components = components * signs[:, None]
    return PCA(components, variance[:k], variance[:k] / variance.sum(), mean)


def project(X, components, mean):
    X = np.asarray(X, dtype=float)
    return (X - mean) @ components.T
