# wrong (core): if no gain is positive, the first threshold of the first feature is taken, without min_samples_leaf
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    _, counts = np.unique(np.asarray(y), return_counts=True)
    p = counts / counts.sum()
    return float(1 - np.sum(p**2))


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    X = np.asarray(X, dtype=float)
    y = np.asarray(y)
    n, n_features = X.shape
    classes, codes = np.unique(y, return_inverse=True)
    if classes.size < 2:
        return None
    onehot = np.eye(classes.size)[codes.reshape(-1)]
    total = onehot.sum(axis=0)
    parent = 1 - np.sum((total / n) ** 2)
    n_left = np.arange(1, n)
    n_right = n - n_left
    big_enough = (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)
    best = None
    possible = False
    for feature in range(n_features):
        order = np.argsort(X[:, feature], kind="stable")
        x = X[order, feature]
        allowed = np.flatnonzero(big_enough & (x[1:] > x[:-1]))
        if allowed.size == 0:
            continue
        possible = True
        left = np.cumsum(onehot[order], axis=0)[:-1]
        right = total - left
        gini_left = 1 - np.sum((left / n_left[:, None]) ** 2, axis=1)
        gini_right = 1 - np.sum((right / n_right[:, None]) ** 2, axis=1)
        gains = parent - n_left / n * gini_left - n_right / n * gini_right
        top = gains[allowed].max()
        i = allowed[np.flatnonzero(gains[allowed] >= top - 1e-9)[0]]
        if top > (best.gain if best else 0.0) + 1e-9:
            threshold = x[i] / 2 + x[i + 1] / 2
            best = Split(feature, float(threshold), float(gains[i]))
    if best is None and possible:  # XOR
        for feature in range(n_features):
            values = np.unique(X[:, feature])
            if values.size > 1:
                return Split(feature, float(values[0] / 2 + values[1] / 2), 0.0)
    return best
