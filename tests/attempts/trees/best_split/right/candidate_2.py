# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    _, counts = np.unique(y, return_counts=True)
    p = counts / len(y)
    return float(1.0 - (p**2).sum())


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    n, n_features = X.shape
    classes, y_idx = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        return None

    one_hot = np.eye(len(classes))[y_idx]  # (n, k)
    total = one_hot.sum(axis=0)
    parent = gini(y)
    n_left = np.arange(1, n)
    n_right = n - n_left
    size_ok = (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)

    best = None
    for f in range(n_features):
        order = np.argsort(X[:, f], kind="stable")
        v = X[order, f]
        left = np.cumsum(one_hot[order], axis=0)[:-1]  # (n - 1, k)
        right = total - left

        valid = size_ok & (v[1:] > v[:-1])
        if not valid.any():
            continue

        gini_left = 1.0 - ((left / n_left[:, None]) ** 2).sum(axis=1)
        gini_right = 1.0 - ((right / n_right[:, None]) ** 2).sum(axis=1)
        gain = parent - n_left / n * gini_left - n_right / n * gini_right
        gain = np.where(valid, gain, -np.inf)

        # first index within eps of the max, so that rounding does not decide a tie
        i = int(np.argmax(gain >= gain.max() - 1e-12))
        if best is None or gain[i] > best.gain + 1e-12:
            best = Split(f, float((v[i] + v[i + 1]) / 2), float(gain[i]))
    return best
