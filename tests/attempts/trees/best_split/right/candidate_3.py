# candidate, par time, from the stub alone
from collections import Counter
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    n = len(y)
    return 1.0 - sum((c / n) ** 2 for c in Counter(y.tolist()).values())


def _gini_from_counts(counts, n):
    return 1.0 - sum((c / n) ** 2 for c in counts.values())


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    n, n_features = X.shape
    labels = y.tolist()
    total = Counter(labels)
    if len(total) <= 1:
        return None
    parent = gini(y)

    best = None
    for feature in range(n_features):
        rows = sorted(zip(X[:, feature].tolist(), labels))
        left = Counter()
        right = Counter(total)
        for i in range(n - 1):
            value, label = rows[i]
            left[label] += 1
            right[label] -= 1
            n_left = i + 1
            n_right = n - n_left
            next_value = rows[i + 1][0]
            if value == next_value:
                continue
            if n_left < min_samples_leaf or n_right < min_samples_leaf:
                continue
            gain = (
                parent - n_left / n * _gini_from_counts(left, n_left) - n_right / n * _gini_from_counts(right, n_right)
            )
            # strictly larger: a tie stays with the earlier feature / lower threshold
            if best is None or gain > best.gain:
                best = Split(feature, (value + next_value) / 2, gain)
    return best
