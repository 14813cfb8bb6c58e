# wrong (core): gains rounded to 4 decimals before they are compared, so a smaller gain wins as a tie
# shown by: (lambda r: best_split(r.normal(size=(30, 2)), r.integers(0, 3, 30)))(np.random.default_rng(1681)); right Split(feature=1, threshold=-0.3866184015868698, gain=0.06263448969331326), this Split(feature=1, threshold=-0.5665737091282643, gain=0.0625925925925927)
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
        if not valid.any():
            continue
        gains[~valid] = -np.inf
        rounded = np.round(gains, 4)  # equal gains may differ by rounding
        i = int(np.argmax(rounded))
        if best is None or rounded[i] > round(best.gain, 4):
            threshold = x[i] / 2 + x[i + 1] / 2
            if threshold >= x[i + 1]:
                threshold = x[i]
            best = Split(j, float(threshold), float(gains[i]))
    return best
