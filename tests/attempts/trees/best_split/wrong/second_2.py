# wrong (core): only tries places where the sorted label changes: misses splits next to a value with mixed labels
# shown by: best_split(np.array([[1.0], [1.0], [2.0], [2.0]]), np.array([0, 1, 1, 1])); right Split(feature=0, threshold=1.5, gain=0.125), this None
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    _, counts = np.unique(y, return_counts=True)
    p = counts / counts.sum()
    return float(1 - np.sum(p**2))


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    X = np.asarray(X, dtype=float)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        return None
    n, n_features = X.shape
    onehot = np.eye(len(classes))[codes]
    total = onehot.sum(axis=0)
    parent = gini(y)
    best = None
    for j in range(n_features):
        order = np.argsort(X[:, j], kind="stable")
        x = X[order, j]
        left = np.cumsum(onehot[order], axis=0)[:-1]
        right = total - left
        n_left = np.arange(1, n)
        n_right = n - n_left
        gini_left = 1 - np.sum((left / n_left[:, None]) ** 2, axis=1)
        gini_right = 1 - np.sum((right / n_right[:, None]) ** 2, axis=1)
        gains = parent - n_left / n * gini_left - n_right / n * gini_right
        valid = (x[1:] > x[:-1]) & (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)
        if min_samples_leaf == 1:  # the best cut is always where the class changes
            changes = codes[order][1:] != codes[order][:-1]
            valid &= changes
        if not valid.any():
            continue
        gains[~valid] = -np.inf
        top = gains.max()
        i = int(np.argmax(gains >= top - 1e-9))
        if best is None or gains[i] > best.gain + 1e-9:
            threshold = x[i] / 2 + x[i + 1] / 2
            if threshold >= x[i + 1]:
                threshold = x[i]
            best = Split(j, float(threshold), float(gains[i]))
    return best
