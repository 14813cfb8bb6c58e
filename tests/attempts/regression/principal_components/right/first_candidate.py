# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class PCA(NamedTuple):
    components: np.ndarray
    explained_variance: np.ndarray
    explained_variance_ratio: np.ndarray
    mean: np.ndarray


def fit_pca(X: np.ndarray, k: int) -> PCA:
    n, p = X.shape
    if not 1 <= k <= min(n - 1, p):
        raise ValueError("k must be from 1 to min(n_samples - 1, n_features)")
    mean = X.mean(axis=0)
    centred = X - mean
    cov = centred.T @ centred / (n - 1)
    values, vectors = np.linalg.eigh(cov)
    variance = values[::-1][:k]
    components = vectors[:, ::-1][:, :k].T
    largest = np.argmax(np.abs(components), axis=1)
    components = components * np.sign(components[np.arange(k), largest])[:, None]
    return PCA(components, variance, variance / np.trace(cov), mean)


def project(X: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return (X - mean) @ components.T
