# different style; both bars
from collections import Counter
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    counts = Counter(np.ravel(y).tolist())
    n = sum(counts.values())
    return (n * n - sum(c * c for c in counts.values())) / (n * n) if n else 0.0


def _middle(low, high):
    mid = low / 2 + high / 2 if abs(low) > 1e300 or abs(high) > 1e300 else (low + high) / 2
    return mid if low <= mid < high else low


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    columns = np.asarray(X, dtype=np.float64).T.tolist()
    labels = np.asarray(y).tolist()
    n, leaf = len(labels), max(1, int(min_samples_leaf))
    total = Counter(labels)
    if len(total) < 2:
        return None
    whole = sum(c * c for c in total.values())
    candidates = []
    for feature, column in enumerate(columns):
        if len(column) != n:
            raise ValueError("X and y differ in length")
        order = sorted(range(n), key=column.__getitem__)
        left, right = dict.fromkeys(total, 0), dict(total)
        sq_left, sq_right = 0, whole  # sums of squared counts, kept up to date one sample at a time
        for done, (i, j) in enumerate(zip(order, order[1:]), start=1):
            label = labels[i]
            sq_left += 2 * left[label] + 1
            left[label] += 1
            sq_right -= 2 * right[label] - 1
            right[label] -= 1
            rest = n - done
            if column[i] < column[j] and done >= leaf and rest >= leaf:
                # All integers, so the one division rounds once.
                gain = (n * (sq_left * rest + sq_right * done) - whole * done * rest) / (n * n * done * rest)
                candidates.append((gain, feature, column[i], column[j]))
    if not candidates:
        return None
    bar = max(candidates)[0] - 1e-9
    gain, feature, low, high = next(c for c in candidates if c[0] >= bar)
    return Split(feature, _middle(low, high), gain)
