# different style; both bars
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    # The chance that two draws with replacement differ, from the lengths of the runs of the sorted labels.
    ordered = np.sort(np.ravel(y))
    if ordered.size == 0:
        return 0.0
    edges = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [ordered.size]))
    p = np.diff(edges) / ordered.size
    return float(np.dot(p, 1.0 - p))


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    X = np.array(X, dtype=np.float64, order="F")
    y = np.array(y)
    n = y.shape[0]
    if X.ndim != 2 or X.shape[0] != n:
        raise ValueError("X and y do not fit")
    classes = sorted(set(y.tolist()))
    if len(classes) < 2:
        return None
    masks = [y == c for c in classes]
    found = []  # one (gains, lows, highs) for each feature
    for column in X.T:
        values = np.unique(column)
        # How many samples of each class lie at or below each value: a search per class, no running sums.
        n_left = np.searchsorted(np.sort(column), values[:-1], side="right").astype(np.float64)
        n_right = n - n_left
        distance = np.zeros(values.size - 1)
        for mask in masks:
            own = np.sort(column[mask])
            c_left = np.searchsorted(own, values[:-1], side="right")
            distance += (c_left / n_left - (own.size - c_left) / n_right) ** 2
        # Gini is a variance, so what a split removes is the variance between the two sides.
        gains = n_left / n * (n_right / n) * distance
        gains[np.minimum(n_left, n_right) < min_samples_leaf] = -np.inf
        found.append((gains, values))
    best = max((gains.max(initial=-np.inf) for gains, _ in found), default=-np.inf)
    if best == -np.inf:
        return None
    for feature, (gains, values) in enumerate(found):
        hits = np.flatnonzero(gains >= best - 1e-9)
        if hits.size:
            at = int(hits[0])
            low, high = float(values[at]), float(values[at + 1])
            threshold = 0.5 * low + 0.5 * high
            if not low <= threshold < high:
                threshold = low
            return Split(feature, threshold, float(gains[at]))
    return None
