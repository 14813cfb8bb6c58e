# wrong (strict): best gain starts at 0 with >=: a zero gain that rounds to -1e-16 is refused and gives None
# shown by: best_split(np.array([[0.0]] * 8 + [[1.0]] * 2), np.array([0, 1] * 5)); right Split(feature=0, threshold=0.5, gain=-2.7755575615628914e-17), this None
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
    best, best_gain = None, 0.0
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
        if not valid.any():
            continue
        gains[~valid] = -np.inf
        top = gains.max()
        i = int(np.argmax(gains >= top - 1e-9))
        if gains[i] > best_gain + 1e-9 or (best is None and gains[i] >= best_gain):
            best_gain = gains[i]
            threshold = x[i] / 2 + x[i + 1] / 2
            if threshold >= x[i + 1]:
                threshold = x[i]
            best = Split(j, float(threshold), float(gains[i]))
    return best
