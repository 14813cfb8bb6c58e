# wrong (core): a tie between features goes to the one with fewer samples on the left, only then to the lower feature
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
    table = np.full((n - 1, n_features), -np.inf)
    cuts = np.zeros((n - 1, n_features))
    for feature in range(n_features):
        order = np.argsort(X[:, feature], kind="stable")
        x = X[order, feature]
        allowed = np.flatnonzero(big_enough & (x[1:] > x[:-1]))
        if allowed.size == 0:
            continue
        left = np.cumsum(onehot[order], axis=0)[:-1]
        right = total - left
        gini_left = 1 - np.sum((left / n_left[:, None]) ** 2, axis=1)
        gini_right = 1 - np.sum((right / n_right[:, None]) ** 2, axis=1)
        gains = parent - n_left / n * gini_left - n_right / n * gini_right
        table[allowed, feature] = gains[allowed]
        cuts[allowed, feature] = x[allowed] / 2 + x[allowed + 1] / 2
    top = table.max(initial=-np.inf)
    if top == -np.inf:
        return None
    i, feature = np.unravel_index(np.argmax(table >= top - 1e-9), table.shape)
    return Split(int(feature), float(cuts[i, feature]), float(table[i, feature]))
