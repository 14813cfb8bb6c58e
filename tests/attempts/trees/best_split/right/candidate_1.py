# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    _, counts = np.unique(y, return_counts=True)
    p = counts / len(y)
    return float(1 - np.sum(p**2))


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    n, n_features = X.shape
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        return None

    one_hot = np.eye(len(classes))[codes]
    total = one_hot.sum(axis=0)
    parent = gini(y)

    n_left = np.arange(1, n)
    n_right = n - n_left
    big_enough = (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)

    best = None
    for feature in range(n_features):
        order = np.argsort(X[:, feature])
        values = X[order, feature]

        # class counts on the left and right of each cut
        left = np.cumsum(one_hot[order], axis=0)[:-1]
        right = total - left
        gini_left = 1 - np.sum((left / n_left[:, None]) ** 2, axis=1)
        gini_right = 1 - np.sum((right / n_right[:, None]) ** 2, axis=1)
        gain = parent - n_left / n * gini_left - n_right / n * gini_right

        valid = big_enough & (values[1:] > values[:-1])
        if not valid.any():
            continue
        gain[~valid] = -np.inf
        i = np.argmax(gain)  # first maximum = lowest threshold
        if best is None or gain[i] > best.gain:
            threshold = (values[i] + values[i + 1]) / 2
            best = Split(feature, float(threshold), float(gain[i]))
    return best
