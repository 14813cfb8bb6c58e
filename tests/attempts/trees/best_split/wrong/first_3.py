# wrong (core): labels are stored as int16, so labels that differ by 65536 are one class
# shown by: best_split(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([100000, 100000, 34464, 7])); right Split(feature=0, threshold=2.5, gain=0.375), this Split(feature=0, threshold=3.5, gain=0.375)
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    _, counts = np.unique(np.asarray(y), return_counts=True)
    return float(1 - ((counts / counts.sum()) ** 2).sum())


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    X, y = np.asarray(X, dtype=float), np.asarray(y).astype(np.int16)
    n = len(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        return None
    onehot = np.eye(len(classes))[codes]
    total = onehot.sum(axis=0)
    parent = 1 - ((total / n) ** 2).sum()
    best = None
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j], kind="stable")
        xs = X[order, j]
        left = np.cumsum(onehot[order], axis=0)[:-1]
        right = total - left
        n_left = np.arange(1, n)
        n_right = n - n_left
        valid = (xs[1:] > xs[:-1]) & (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)
        if not valid.any():
            continue
        gini_left = 1 - ((left / n_left[:, None]) ** 2).sum(axis=1)
        gini_right = 1 - ((right / n_right[:, None]) ** 2).sum(axis=1)
        gain = parent - n_left / n * gini_left - n_right / n * gini_right
        gain = np.where(valid, gain, -np.inf)
        i = int(np.flatnonzero(gain >= gain.max() - 1e-9)[0])
        if best is None or gain[i] > best.gain + 1e-9:
            threshold = xs[i] / 2 + xs[i + 1] / 2
            if not xs[i] <= threshold < xs[i + 1]:
                threshold = xs[i]
            best = Split(j, float(threshold), float(max(gain[i], 0.0)))
    return best
