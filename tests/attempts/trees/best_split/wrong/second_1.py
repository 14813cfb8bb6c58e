# wrong (core): min_samples_leaf counts distinct values, not samples, on each side
# shown by: best_split(np.array([[1.0], [1.0], [1.0], [2.0], [2.0], [2.0]]), np.array([0, 0, 0, 1, 1, 1]), 2); right Split(feature=0, threshold=1.5, gain=0.5), this None
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
    n = len(y)
    parent = gini(y)
    best = None
    for j in range(X.shape[1]):
        values, index = np.unique(X[:, j], return_inverse=True)
        counts = np.zeros((len(values), len(classes)))
        np.add.at(counts, (index, codes), 1)
        left = np.cumsum(counts, axis=0)
        right = left[-1] - left
        for i in range(min_samples_leaf - 1, len(values) - min_samples_leaf):
            n_left, n_right = left[i].sum(), right[i].sum()
            gini_left = 1 - np.sum((left[i] / n_left) ** 2)
            gini_right = 1 - np.sum((right[i] / n_right) ** 2)
            gain = parent - n_left / n * gini_left - n_right / n * gini_right
            if best is None or gain > best.gain + 1e-9:
                threshold = values[i] / 2 + values[i + 1] / 2
                if threshold >= values[i + 1]:
                    threshold = values[i]
                best = Split(j, float(threshold), float(gain))
    return best
